"""The ports of processes: where agents run, who lives, and commands that run to their end; part of `ports.py`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Protocol

from swarmctl.core.config import Command
from swarmctl.core.ids import SessionId
from swarmctl.core.keyboard import Keyboard
from swarmctl.core.session import Exit, ProcessId
from swarmctl.core.values import dataclass


@dataclass(frozen=True, slots=True)
class Launch:
    """One start of one agent. The environment goes from memory to the process and is written nowhere."""

    session: SessionId
    attempt: int
    argv: tuple[str, ...]
    cwd: str
    run_dir: str
    """Holds `pid` and `exit`, written atomically by the wrapper, one directory per attempt."""
    env: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Started:
    process: ProcessId
    pane: str
    """The tmux pane id, or empty."""


class Host(Protocol):
    """A place where agents run: a tmux server of our own, or plain processes."""

    @property
    def name(self) -> str: ...

    def start(self, launch: Launch) -> Started:
        """At most one process per (session, attempt), however often it is called."""
        ...

    @property
    def keyboard(self) -> Keyboard: ...

    def capture(self, pane: str, session: SessionId) -> str:
        """The history of the session's terminal as text, unmasked."""
        ...

    def attended(self, pane: str, session: SessionId) -> bool:
        """Whether somebody looks at the session's terminal now."""
        ...

    def close(self, pane: str, session: SessionId) -> None:
        """Forget the pane of an ended session; closing twice is fine."""
        ...

    def attach(self, pane: str, session: SessionId) -> tuple[str, ...]:
        """The argv that shows the session in a terminal."""
        ...


class Processes(Protocol):
    """What the kernel knows: who lives, who died, and how to end a whole tree."""

    def found(self, run_dir: str) -> ProcessId | None:
        """The wrapper that wrote `pid` there, alive or not."""
        ...

    def alive(self, process: ProcessId) -> bool:
        """A zombie, a reused pid and another boot are all dead."""
        ...

    def exit_of(self, run_dir: str) -> Exit | None: ...

    def reads(self, process: ProcessId, within_s: float) -> bool:
        """False when its terminal still holds words then that nobody read."""
        ...

    def ask(self, process: ProcessId, grace_s: float) -> tuple[ProcessId, ...]:
        """Ask a tree that somebody else started to end, and never kill it; who of it lives on."""
        ...

    def stop(self, process: ProcessId | None, marker: str, grace_s: float) -> bool:
        """End the tree and everything whose environment carries `marker`; True when proven gone."""
        ...


@dataclass(frozen=True, slots=True)
class Finished:
    """A command that ran to its end, or was ended."""

    rc: int | None
    signal: int | None
    timed_out: bool
    out_of_memory: bool
    not_found: bool
    duration_s: float
    log: str
    log_sha256: str
    tail: str
    """The last 4 kB of its output, decoded."""


class Runner(Protocol):
    """Runs a command to its end in its own process group, its output in a capped 0600 file."""

    def run(
        self, command: Command, *, cwd: str, env: Mapping[str, str], timeout_s: float, log: str, stdin: bytes = b""
    ) -> Finished: ...
