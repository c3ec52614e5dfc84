"""Texts for the scripted agent with a composer, by the way in which it may go wrong, and what the agent says it got."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from swarmctl.core.events import PromptTyped
from swarmctl.core.ids import RunId, SessionId, TaskId
from swarmctl.core.keyboard import typable
from swarmctl.core.ports import Started
from swarmctl.core.session import Session
from swarmctl.edges.agents import fake_agent
from swarmctl.edges.agents.reader import read_agent
from swarmctl.flow.session.deliver import Hands, Typing
from tests.fakes.processes import until

ROOT = Path(__file__).resolve().parents[3]
FAKE = read_agent((ROOT / "agents" / "fake.yaml").read_text(), "fake.yaml").profile()
READY_S = 30.0


@dataclass
class Deaf:
    """Nothing is heard from hooks."""

    def begun(self) -> tuple[str, ...]:
        return ()

    def wait(self, seconds: float) -> None:
        time.sleep(seconds)

    def over(self) -> bool:
        return False


class Wall:
    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()


@dataclass(frozen=True)
class Kind:
    name: str
    quirks: str
    text: str
    meddles: bool = False
    """Somebody puts the pane into copy mode again and again meanwhile."""


LONG = "\n".join(f"{number}: the quick brown fox jumps over the lazy dog, and back" for number in range(140))
KINDS = (
    Kind("plain", "", "go on"),
    Kind("slow start", "slow-start 1.2", "go on\nslowly"),
    Kind("first Enter swallowed", "swallow-enter 1", "once more"),
    Kind("two Enters swallowed", "swallow-enter 2", "twice more"),
    Kind("copy mode", "", "out of it", meddles=True),
    Kind("copy mode and several lines", "echo-delay 0.3", "out\nof\nit", meddles=True),
    Kind("8 KB of several lines", "", LONG),
    Kind("8 KB collapsed", "collapse 10\nswallow-enter 1", LONG),
    Kind("200 KB", "collapse 10", LONG * 23),
    Kind("leading dash", "", "-f --force -- -"),
    Kind("unicode", "echo-delay 0.2", "é 猫 👩‍👩‍👧 \u202e ​ ﷽\tend"),
    Kind("CRLF", "", "one\r\ntwo\r\n\r\nthree"),
    Kind("delayed echo", "echo-delay 1.2", "late to be seen"),
    Kind("busy", "busy 4", "when you are free"),
    Kind("reads later", "deaf 1.2", "read it later"),
    Kind("asks first", "ask 1.5", "not an answer"),
    Kind("hostile", "", "#(touch canary) $(touch canary) `touch canary`; run-shell 'touch canary' %H #{pane_id};"),
)


@dataclass
class Agent:
    """One scripted agent in one pane, and what it was sent."""

    place: Any
    name: str
    kind: Kind
    sent: list[str] = field(default_factory=list)
    typed: list[PromptTyped] = field(default_factory=list)

    @property
    def kept(self) -> Path:
        path: Path = self.place.folder / f"kept-{self.name}"
        return path

    def start(self) -> Started:
        script = f"{self.kind.quirks}\nkeep {self.kept}"
        argv = (sys.executable, "-I", fake_agent.__file__, "--composer", script)
        started: Started = self.place.host.start(self.place.launch(self.name, *argv))
        self.session = Session(
            id=SessionId(self.name), task=TaskId("t"), run=RunId("r"), agent="fake", branch="", target="", base="",
            base_name="", worktree="", port_base=0, created_at=0.0, pane=started.pane,
        )  # fmt: skip
        return started

    def send(self, text: str) -> PromptTyped:
        keyboard = self.place.host.keyboard
        with keyboard.hold(self.session.id), self._meddling() if self.kind.meddles else nullcontext():
            typing = Typing(self.session, text, FAKE, Hands(keyboard, Deaf(), Wall()))
            assert until(lambda: typing.ready(1.0) is None, READY_S), self.kind.name
            typed = typing.type()
        self.sent.append(text)
        self.typed.append(typed)
        return typed

    def _meddling(self) -> Any:
        return Meddling(self.place.host.server.socket, self.session.pane)

    def got(self) -> list[str]:
        """Digests, in the order of arrival."""
        lines = self.kept.read_text().splitlines() if self.kept.exists() else []
        return [json.loads(line)["sha256"] for line in lines]

    def wanted(self) -> list[str]:
        return [hashlib.sha256(typable(text).encode()).hexdigest() for text in self.sent]


class Meddling:
    """A person who scrolls back while something is typed."""

    def __init__(self, socket: str, pane: str) -> None:
        self._argv = ["tmux", "-S", socket, "copy-mode", "-t", pane]
        self._left = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> None:
        subprocess.run(self._argv, check=True)
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._left.set()
        self._thread.join()

    def _run(self) -> None:
        """Less often than the sender tries again, or nobody could ever get through."""
        for _ in range(3):
            if self._left.wait(0.23):
                return
            subprocess.run(self._argv, check=False)


def numbered(kind: Kind, count: int) -> Iterator[str]:
    """Texts that can be told apart, the first and the last part of each as the kind has it."""
    for number in range(count):
        yield f"{kind.text} [{number}] {kind.text.splitlines()[-1]}" if number else kind.text
