"""What a scripted model was asked: an `Asked` per request, a `Conversation` per tag, which a test scripts and reads."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.real.dialects import Facts
from tests.real.scenario import DONE, Fail, Turn

WAIT_S = 60.0


@dataclass
class Asked:
    """One request as it came in. `kind` is `turn`, `count`, or `side:` and what the agent asked for itself."""

    tag: str
    kind: str
    dialect: str
    path: str
    facts: Facts
    body: bytes
    headers: dict[str, str]
    turn: Turn | None = None
    status: int = 0
    aborted: bool = False

    @property
    def model(self) -> str:
        return self.facts.model

    @property
    def bytes(self) -> int:
        return len(self.body)

    @property
    def tools(self) -> tuple[str, ...]:
        return tuple(self.facts.tools)

    @property
    def last_user(self) -> str:
        return self.facts.user_texts[-1] if self.facts.user_texts else ""

    @property
    def system_bytes(self) -> int:
        return len(self.facts.system.encode())

    def count(self, prompt: str) -> int:
        """How many blocks of the user's, in the conversation that this request carries, are `prompt` to the byte."""
        return sum(text == prompt for text in self.facts.user_texts)


@dataclass
class Conversation:
    """The script of one tag and what it was asked. A script that has run out answers `otherwise`."""

    tag: str
    base: str
    turns: list[Turn]
    otherwise: Turn = DONE
    asked: list[Asked] = field(default_factory=list)
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _failed: int = 0

    @property
    def url(self) -> str:
        """The base of this tag, without a version part."""
        return f"{self.base}/t/{self.tag}"

    @property
    def requests(self) -> list[Asked]:
        """The requests that were turns of the conversation."""
        with self._changed:
            return [asked for asked in self.asked if asked.kind == "turn"]

    @property
    def unused(self) -> list[Turn]:
        """What the script still holds."""
        with self._changed:
            return list(self.turns)

    def then(self, *turns: Turn) -> None:
        """More turns at the end of the script."""
        with self._changed:
            self.turns += turns

    def wait_for(self, holds: Callable[[list[Asked]], bool], timeout: float = WAIT_S) -> None:
        """Until `holds` of the turns asked so far."""
        with self._changed:
            met = self._changed.wait_for(lambda: holds([a for a in self.asked if a.kind == "turn"]), timeout)
        if not met:
            raise TimeoutError(f"{self.tag}: not so after {timeout:g} s; {len(self.requests)} requests were made")

    def record(self, asked: Asked) -> None:
        """Note the request; a turn of the conversation takes its part of the script."""
        with self._changed:
            if asked.kind == "turn":
                asked.turn = self._next()
            self.asked.append(asked)
            self._changed.notify_all()

    def give_up(self, asked: Asked) -> None:
        """Note that the client left before its answer was complete."""
        with self._changed:
            asked.aborted = True
            self._changed.notify_all()

    def _next(self) -> Turn:
        if not self.turns:
            return self.otherwise
        turn = self.turns[0]
        if isinstance(turn, Fail):
            self._failed += 1
            if turn.times is None or self._failed < turn.times:
                return turn
        self._failed = 0
        return self.turns.pop(0)
