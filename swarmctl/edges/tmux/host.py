"""Agents in windows of our own tmux server: one window per session, named by its id and by nothing a person wrote.

A pane is aimed at by its id, and only while it carries the session's mark.
"""

from __future__ import annotations

import os
import re
import threading
from collections import defaultdict
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol
from uuid import uuid4

from swarmctl.core.errors import EnvironmentFault, UsageFault
from swarmctl.core.ids import SessionId
from swarmctl.core.ports import Launch, Started
from swarmctl.core.session import Exit, ProcessId
from swarmctl.core.values import dataclass
from swarmctl.edges.tmux.attach import HUB, attach_argv
from swarmctl.edges.tmux.deliver import PaneKeyboard
from swarmctl.edges.tmux.framing import Reply
from swarmctl.edges.tmux.server import MARK, PANE_ID, TmuxServer
from swarmctl.edges.tmux.strays import Kernel

PLAIN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
LISTING = f"#{{pane_id}} #{{pane_pid}} #{{pane_dead}} #{{pane_dead_status}},#{{pane_dead_signal}} #{{{MARK}}}"


class Launches(Protocol):
    """How an agent's environment reaches its wrapper, and how the wrapper is found."""

    def offer(self, launch: Launch, mode: str) -> AbstractContextManager[list[str]]: ...

    def found(self, run_dir: str) -> ProcessId | None: ...

    def awaited(self, run_dir: str, dead: Callable[[], bool]) -> ProcessId | None: ...

    def forget_lost(self, run_dir: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Pane:
    session: SessionId
    pid: int
    dead: bool
    exit: Exit | None
    """What tmux saw of the end of the pane's process, the wrapper."""


def nothing() -> None:
    """Nobody wants to know."""


class TmuxHost:
    def __init__(
        self,
        socket_name: str,
        runtime_dir: Path,
        launches: Launches,
        kernel: Kernel,
        on_lost: Callable[[], None] = nothing,
    ) -> None:
        self.server = TmuxServer(socket_name, runtime_dir, kernel, on_lost)
        self.keyboard = PaneKeyboard(self.server)
        self._launches = launches
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    @property
    def name(self) -> str:
        return "tmux"

    def start(self, launch: Launch) -> Started:
        if not PLAIN_ID.fullmatch(launch.session):
            raise UsageFault(f"not a session id: {launch.session!r}")
        with self._locks[launch.session]:
            process = self._launches.found(launch.run_dir)
            if process is None:
                return self._start(launch)
            return Started(process, self._adopted(process.pid, launch.session))

    def _start(self, launch: Launch) -> Started:
        self.server.ensure()
        self._launches.forget_lost(launch.run_dir)
        with self._launches.offer(launch, "tty") as argv:
            pane, pid = self._new_window(launch.session, argv)
            process = self._launches.awaited(launch.run_dir, dead=lambda: not self._lives(pane))
        if process and process.pid == pid:
            return Started(process, pane)
        self._must(("kill-pane", "-t", pane))
        if process is None:
            raise EnvironmentFault("the agent's wrapper ended before the agent started", hint="swarmctl doctor")
        return Started(process, self._adopted(process.pid, launch.session))

    def _new_window(self, session: str, argv: list[str]) -> tuple[str, int]:
        """Several words are executed as they are; a single one would be given to a shell."""
        asked = ("new-window", "-d", "-t", f"={HUB}:", "-n", session, "-P", "-F", "#{pane_id} #{pane_pid}", "--")
        pane, pid = self._must((*asked, *argv)).lines[0].decode().split()
        self._must(("set-option", "-p", "-t", pane, MARK, session))
        return pane, int(pid)

    def _lives(self, pane: str) -> bool:
        return pane in (panes := self.panes()) and not panes[pane].dead

    def _adopted(self, pid: int, session: str) -> str:
        """The pane of a wrapper, marked anew in case whoever opened it did not live to do so; empty without one."""
        if self.server.process() is None:
            return ""
        pane = next((pane for pane, found in self._all_panes().items() if found.pid == pid), "")
        if pane:
            self._must(("set-option", "-p", "-t", pane, MARK, session))
        return pane

    def panes(self) -> dict[str, Pane]:
        """Every window of an agent, in one question."""
        return {pane: found for pane, found in self._all_panes().items() if found.session}

    def _all_panes(self) -> dict[str, Pane]:
        return dict(map(parse_pane, self._must(("list-panes", "-s", "-t", f"={HUB}", "-F", LISTING)).lines))

    def _is_of(self, pane: str, session: SessionId) -> bool:
        if not PANE_ID.fullmatch(pane):
            return False
        reply = self.server.ask(("display-message", "-p", "-t", pane, f"#{{{MARK}}}"))[0]
        return reply.ok and reply.lines == (session.encode(),)

    def capture(self, pane: str, session: SessionId) -> str:
        """Output may imitate the channel's framing, so an unguessable question behind it proves where it ended."""
        self._owned(pane, session)
        nonce = uuid4().hex
        wanted = ("capture-pane", "-p", "-J", "-S", "-", "-t", pane)
        reply, proof = self.server.ask(wanted, ("display-message", "-p", nonce))
        if proof.lines != (nonce.encode(),):
            self.server.disconnect()
            reply = self.server.fork(*wanted)
        text = b"\n".join(line.rstrip() for line in self._checked(reply).lines)
        return text.decode(errors="replace").rstrip("\n") + "\n"

    def _owned(self, pane: str, session: SessionId) -> None:
        if not self._is_of(pane, session):
            raise EnvironmentFault(f"session {session} has no pane any more", hint=f"swarmctl show {session}")

    def attended(self, pane: str, session: SessionId) -> bool:
        """By a client with a terminal; ours has none."""
        if self.server.process() is None:
            return False
        clients = self._must(("list-clients", "-F", "#{client_control_mode} #{pane_id}")).lines
        return f"0 {pane}".encode() in clients

    def close(self, pane: str, session: SessionId) -> None:
        if self.server.process() is None:
            return
        if self._is_of(pane, session):
            self._must(("kill-pane", "-t", pane))

    def attach(self, pane: str, session: SessionId) -> tuple[str, ...]:
        return attach_argv(os.environ, self.server.socket, pane, session)

    def shutdown(self) -> None:
        self.server.shutdown()

    def _must(self, command: tuple[str, ...]) -> Reply:
        return self._checked(self.server.ask(command)[0])

    def _checked(self, reply: Reply) -> Reply:
        if not reply.ok:
            words = b" ".join(reply.lines).decode(errors="replace")
            raise EnvironmentFault(f"tmux: {words}", hint="swarmctl doctor")
        return reply


def parse_pane(line: bytes) -> tuple[str, Pane]:
    pane, pid, dead, ending, session = line.decode(errors="replace").split(" ", 4)
    code, _, number = ending.partition(",")
    seen = Exit(None, int(number)) if number.isdigit() else Exit(int(code)) if code.isdigit() else None
    return pane, Pane(SessionId(session), int(pid), dead == "1", seen)
