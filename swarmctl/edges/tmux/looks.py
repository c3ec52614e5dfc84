"""Looks at agents' terminals: the kernel tells that a pane printed, one question to tmux then shows title and screen.

No process is started and nothing reads along: a watched terminal tells once, and again only after the next look;
one that is attended to tells always.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import NamedTuple, Protocol

from swarmctl.core.ids import SessionId
from swarmctl.edges.tmux.framing import Reply
from swarmctl.edges.tmux.server import MARK, PANE_ID, TmuxServer

FACTS = f"#{{{MARK}}} #{{pane_tty}} #{{window_active_clients}} #{{pane_title}}"
Questions = tuple[tuple[str, ...], tuple[str, ...]]
TOGETHER = 16
"""Panes in one question, so that the server is not kept from its other work."""


class Look(NamedTuple):
    title: str
    text: str
    viewers: int
    """People who have it before them."""


class Terminals(Protocol):
    """Who tells that a terminal printed."""

    def fileno(self) -> int: ...

    def await_word(self, terminal: str, always: bool = False) -> bool: ...

    def leave(self, terminal: str) -> None: ...

    def printed(self) -> set[str]: ...

    def close(self) -> None: ...


class PaneLooks:
    """For one thread. Whatever is not there any more is left out of an answer; of what lied stands None in it."""

    def __init__(self, server: TmuxServer, terminals: Terminals) -> None:
        self._server = server
        self._terminals = terminals
        self._of: dict[str, str] = {}
        """The terminal of each pane that was looked at."""
        self._on: dict[str, str] = {}
        """And the pane on each terminal."""
        self._questions: dict[str, Questions] = {}
        self._attended: set[str] = set()

    def fileno(self) -> int:
        """Readable when a pane printed."""
        return self._terminals.fileno()

    def printed(self) -> set[str]:
        """Panes that printed since the last look at them."""
        return {pane for terminal in self._terminals.printed() if (pane := self._on.get(terminal))}

    def attend(self, pane: str) -> None:
        """It will be looked at each time that it prints, and need not be awaited anew for that."""
        self._attended.add(pane)

    def look(self, panes: Sequence[tuple[str, SessionId]]) -> dict[str, Look | None]:
        """Raises `EnvironmentFault` when there is no server or it does not answer."""
        found: dict[str, Look | None] = {}
        for begin in range(0, len(panes), TOGETHER):
            found |= self._look(panes[begin : begin + TOGETHER])
        return found

    def forget(self, pane: str) -> None:
        self._leave(pane)
        self._attended.discard(pane)
        self._questions.pop(pane, None)

    def close(self) -> None:
        self._terminals.close()

    def _look(self, panes: Sequence[tuple[str, SessionId]]) -> dict[str, Look | None]:
        """What a pane shows may imitate an answer, so an unguessable question behind all of them proves their order.

        Without the proof each is looked at alone, so that nobody else is missed.
        """
        asked: list[tuple[str, SessionId]] = []
        commands: list[tuple[str, ...]] = []
        for pane, session in panes:
            if questions := self._about(pane):
                self._arm(pane)
                asked.append((pane, session))
                commands += questions
        nonce = os.urandom(16).hex()
        *replies, proof = self._server.ask(*commands, ("display-message", "-p", nonce))
        if proof.text != nonce.encode():
            self._server.disconnect()
            return {asked[0][0]: None} if len(asked) == 1 else self._each_alone(asked)
        found: dict[str, Look | None] = {}
        for at, (pane, session) in enumerate(asked):
            look = self._read(pane, session, replies[2 * at], replies[2 * at + 1])
            if look is not None:
                found[pane] = look
        return found

    def _each_alone(self, panes: Sequence[tuple[str, SessionId]]) -> dict[str, Look | None]:
        found: dict[str, Look | None] = {}
        for pane in panes:
            found |= self._look([pane])
        return found

    def _read(self, pane: str, session: SessionId, facts: Reply, shown: Reply) -> Look | None:
        words = facts.text.decode(errors="replace").split(" ", 3) if facts.ok and facts.text else []
        if len(words) < 4 or words[0] != session or not shown.ok:
            return None
        _, terminal, viewers, title = words
        if self._of.get(pane) != terminal:
            self._leave(pane)
            self._of[pane], self._on[terminal] = terminal, pane
            self._arm(pane)
        text = (shown.text or b"").decode(errors="replace")
        return Look(title, text, int(viewers) if viewers.isdigit() else 0)

    def _about(self, pane: str) -> Questions | None:
        if pane not in self._questions and PANE_ID.fullmatch(pane):
            facts = ("display-message", "-p", "-t", pane, FACTS)
            self._questions[pane] = (facts, ("capture-pane", "-p", "-t", pane))
        return self._questions.get(pane)

    def _arm(self, pane: str) -> None:
        """Before the look, so that what is printed after it tells again."""
        terminal = self._of.get(pane)
        if terminal is not None and not self._terminals.await_word(terminal, pane in self._attended):
            self._leave(pane)

    def _leave(self, pane: str) -> None:
        terminal = self._of.pop(pane, "")
        if self._on.get(terminal) == pane:
            del self._on[terminal]
            self._terminals.leave(terminal)
