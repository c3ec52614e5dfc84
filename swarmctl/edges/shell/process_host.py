"""Agents as plain detached processes, for machines without tmux; each has a terminal that its wrapper holds."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from swarmctl.core.errors import EnvironmentFault
from swarmctl.core.ids import SessionId
from swarmctl.core.keyboard import Sight, typable
from swarmctl.core.ports import Launch, Started
from swarmctl.core.session import ProcessId
from swarmctl.edges.shell.launches import OUTPUT, Launches
from swarmctl.edges.shell.offer import PTY
from swarmctl.edges.shell.procfs import edits_lines, identity, terminals, waiting_in

INPUT_S = 5.0


class ProcessHost:
    """`runtime_dir` remembers which run directory is a session's newest."""

    def __init__(self, runtime_dir: Path, launches: Launches) -> None:
        self._sessions = runtime_dir / "process"
        self._launches = launches
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    @property
    def name(self) -> str:
        return "process"

    def start(self, launch: Launch) -> Started:
        self._remember(launch)
        process = self._launches.found(launch.run_dir)
        return Started(process or self._start(launch), pane="")

    def _start(self, launch: Launch) -> ProcessId:
        self._launches.forget_lost(launch.run_dir)
        with self._launches.offer(launch, PTY) as argv:
            self._spawn(argv)
        process = self._launches.found(launch.run_dir)
        if process is None:
            raise EnvironmentFault("the agent's wrapper did not start", hint="swarmctl doctor")
        return process

    def _spawn(self, argv: list[str]) -> None:
        """It detaches by itself: what is waited for here ends as soon as the wrapper is identified."""
        env = {"PATH": os.defpath}
        null = subprocess.DEVNULL
        subprocess.run(argv, stdin=null, stdout=null, stderr=null, env=env, start_new_session=True, check=False)

    def _remember(self, launch: Launch) -> None:
        self._sessions.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = self._sessions / f".{launch.session}.{threading.get_ident()}"
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(launch.run_dir)
        fresh.replace(self._sessions / launch.session)

    @property
    def keyboard(self) -> ProcessHost:
        """There is no screen, so it is its own."""
        return self

    @contextmanager
    def hold(self, session: SessionId) -> Iterator[None]:
        with self._locks[session]:
            yield

    def look(self, pane: str, session: SessionId) -> Sight:
        process = self._launches.found(str(self._sessions / session))
        if process is None or identity(process.pid) != process:
            return Sight(alive=False)
        found = terminals(process.pid)
        return Sight(unread=any(map(waiting_in, found)), edits=any(map(edits_lines, found)))

    def paste(self, pane: str, session: SessionId, text: str) -> bool:
        self._type(session, typable(text).replace("\n", "\r").encode())
        return True

    def enter(self, pane: str, session: SessionId) -> None:
        self._type(session, b"\r")

    def _type(self, session: SessionId, data: bytes) -> None:
        end = time.monotonic() + INPUT_S
        fd = self._input(session, end)
        try:
            while data and time.monotonic() < end:
                data = data[write_some(fd, data) :]
        finally:
            os.close(fd)
        if data:
            raise EnvironmentFault(f"session {session} does not read its input", hint=f"swarmctl logs {session}")

    def _input(self, session: SessionId, end: float) -> int:
        """The agent's terminal; a wrapper that has just started opens it in a moment."""
        run_dir = self._sessions / session
        while True:
            try:
                return os.open(run_dir / "input", os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            except OSError:
                process = self._launches.found(str(run_dir))
            if process is None or identity(process.pid) != process or time.monotonic() > end:
                raise EnvironmentFault(f"session {session} has no running agent", hint=f"swarmctl show {session}")
            time.sleep(0.005)

    def capture(self, pane: str, session: SessionId) -> str:
        return kept_output(self._sessions / session / OUTPUT).decode(errors="replace")

    def attended(self, pane: str, session: SessionId) -> bool:
        return False

    def close(self, pane: str, session: SessionId) -> None:
        (self._sessions / session).unlink(missing_ok=True)

    def attach(self, pane: str, session: SessionId) -> tuple[str, ...]:
        return ("tail", "-n", "1000", "-F", "--", str(self._sessions / session / OUTPUT))


def write_some(fd: int, data: bytes) -> int:
    try:
        return os.write(fd, data[:4096])
    except BlockingIOError:
        time.sleep(0.005)
        return 0


def kept_output(path: Path) -> bytes:
    """Head and newest part of a capped log, with a line where something is missing."""
    head = read_or_empty(path)
    old, new = (read_or_empty(path.with_name(f"{path.name}.{part}")) for part in ("old", "new"))
    gap = b"\n... the middle is not kept ...\n" if old else b""
    return head + gap + old + new


def read_or_empty(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
