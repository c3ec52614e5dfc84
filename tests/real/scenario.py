"""What a scripted model does: a scenario is a list of turns, one for each request that the agent makes of its model.

A turn speaks of what should happen (`Write`, `Run`, `Ask`), not of one agent's tools: `tests.real.tools` translates it
into the tool that this agent offered. Turns are plain values; only a `Gate` has state, because a test opens it.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

REACH_S = 180.0


@dataclass(frozen=True)
class Usage:
    """The counters of one answer, the way the provider counts them: `input` excludes what the cache gave."""

    input: int = 1000
    cache_write: int = 0
    cache_read: int = 0
    output: int = 50

    @property
    def prompt(self) -> int:
        return self.input + self.cache_write + self.cache_read


class Gate:
    """Holds an answer back: "a model that thinks". The test waits until the request is there, looks, then opens."""

    def __init__(self) -> None:
        self._reached = threading.Event()
        self._open = threading.Event()

    def arrived(self) -> None:
        self._reached.set()

    def wait_until_held(self, timeout: float = REACH_S) -> None:
        if not self._reached.wait(timeout):
            raise TimeoutError("no request reached this gate")

    def open(self) -> None:
        self._open.set()

    @property
    def is_open(self) -> bool:
        return self._open.is_set()


@dataclass(frozen=True)
class Say:
    """Answer with words. With a gate, `first` is said, then nothing until the gate opens, then `text`."""

    text: str
    usage: Usage = field(default_factory=Usage)
    gate: Gate | None = None
    first: str = ""


@dataclass(frozen=True)
class Call:
    """Call a tool by its own name. `arguments` is an object, or a string for a tool of free form."""

    tool: str
    arguments: Mapping[str, Any] | str
    say: str = ""
    usage: Usage = field(default_factory=Usage)
    gate: Gate | None = None


@dataclass(frozen=True)
class Write:
    """Write a file with whatever tool the agent has for that."""

    path: str
    content: str
    say: str = ""
    usage: Usage = field(default_factory=Usage)
    gate: Gate | None = None


@dataclass(frozen=True)
class Run:
    """Run a shell command with whatever tool the agent has for that."""

    command: str
    say: str = ""
    usage: Usage = field(default_factory=Usage)
    gate: Gate | None = None


@dataclass(frozen=True)
class Ask:
    """Ask the person a question with the agent's tool for that; in words where it has none."""

    question: str
    options: tuple[str, ...] = ("yes", "no")
    say: str = ""
    usage: Usage = field(default_factory=Usage)
    gate: Gate | None = None


@dataclass(frozen=True)
class Fail:
    """An error in the provider's own form, for `times` requests; None means for ever."""

    status: int
    message: str = "scripted failure"
    retry_after: float | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    times: int | None = 1
    more: Mapping[str, Any] = field(default_factory=dict)
    """Further fields of the error itself."""


@dataclass(frozen=True)
class Hang:
    """Take the request and never answer."""


@dataclass(frozen=True)
class HalfOpen:
    """Start an answer, then stay silent with the connection open; with `cut`, close it in mid-sentence instead."""

    text: str = "Let me look at"
    cut: bool = False


@dataclass(frozen=True)
class Garbage:
    """A 200 whose body is not what was promised."""

    body: bytes = b"<html><body>502 Bad Gateway</body></html>"
    content_type: str = "text/html"


INVALID_JSON = Garbage(b'{"id": "msg_1", "content": [', "application/json")
INVALID_STREAM = Garbage(b'event: message_start\ndata: {"type": "message_start", "mess\n\n', "text/event-stream")

Answer = Say | Call | Write | Run | Ask
Turn = Answer | Fail | Hang | HalfOpen | Garbage

DONE = Say("Done.")
