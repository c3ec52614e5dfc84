"""The supervisor's end of a launch: what the wrapper needs waits in a memfd until the wrapper has taken it.

An offer is closed once its wrapper identified itself, so that the environment exists in processes only.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from swarmctl.core.errors import EnvironmentFault
from swarmctl.core.ports import Launch
from swarmctl.core.session import ProcessId
from swarmctl.edges.shell.offer import EXIT, LOST, NAME, PID, Offer
from swarmctl.edges.shell.procfs import read_identity

LAUNCHER = str(Path(__file__).with_name("launcher.py"))
DEADLINE_S = 10.0
HEAD = 1 << 20
TAIL = 3 << 20
OUTPUT = "output"


class Launches:
    def __init__(self, python: str = sys.executable) -> None:
        self._python = python

    @contextmanager
    def offer(self, launch: Launch, mode: str) -> Iterator[list[str]]:
        """The argv that starts the agent once, good until the block ends."""
        Path(launch.run_dir).mkdir(mode=0o700, parents=True, exist_ok=True)
        env = environment(launch, marker_of(launch))
        argv = [os.fsencode(word) for word in launch.argv]
        offer = Offer(mode, launch.run_dir, launch.cwd, argv, env)
        with self.held(offer.logged(f"{launch.run_dir}/{OUTPUT}", HEAD, TAIL)) as source:
            yield self.argv(source, launch.run_dir, marker_of(launch))

    @contextmanager
    def held(self, offer: Offer) -> Iterator[str]:
        """The path under which other processes of this user can read the offer."""
        fd = os.memfd_create(NAME, os.MFD_CLOEXEC)
        try:
            write_all(fd, offer.encode())
            yield f"/proc/{os.getpid()}/fd/{fd}"
        finally:
            os.close(fd)

    def argv(self, source: str, run_dir: str, marker: str) -> list[str]:
        return [self._python, "-I", "-S", LAUNCHER, source, run_dir, marker]

    def found(self, run_dir: str) -> ProcessId | None:
        return read_identity(f"{run_dir}/{PID}")

    def awaited(self, run_dir: str, dead: Callable[[], bool]) -> ProcessId | None:
        """The wrapper, as soon as it is identified; None when its launch is lost or `dead` says it will not come."""
        deadline = time.monotonic() + DEADLINE_S
        pause = 0.001
        while time.monotonic() < deadline:
            process = self.found(run_dir)
            if process or self.lost(run_dir):
                return process
            if pause > 0.01 and dead():
                return self.found(run_dir)
            time.sleep(pause)
            pause = min(pause * 1.2, 0.05)
        raise EnvironmentFault(f"the agent's wrapper did not start within {DEADLINE_S:.0f} s", hint="swarmctl doctor")

    def lost(self, run_dir: str) -> bool:
        """The agent never ran: its wrapper came after the supervisor that launched it had died."""
        try:
            return Path(run_dir, EXIT).read_text().strip() == LOST and self.found(run_dir) is None
        except FileNotFoundError:
            return False

    def forget_lost(self, run_dir: str) -> None:
        """Another try of the same attempt; only ever after a launch whose agent never ran."""
        if self.lost(run_dir):
            Path(run_dir, EXIT).unlink(missing_ok=True)


def marker_of(launch: Launch) -> str:
    """What `Processes.stop` is given: the caller's `SWARM_MARKER`, or else the session's id."""
    return launch.env.get("SWARM_MARKER", launch.session)


def environment(launch: Launch, marker: str) -> dict[bytes, bytes]:
    """The agent's, with our marks. Where it says `tmux` it has one of its own: its `kill-server` ends nobody else's."""
    names = {name: value for name, value in launch.env.items() if not name.startswith("TMUX")}
    names |= {"SWARM_SESSION": launch.session, "SWARM_MARKER": marker, "TMUX_TMPDIR": launch.run_dir}
    names.setdefault("TERM", "xterm-256color")
    return {os.fsencode(name): os.fsencode(value) for name, value in names.items()}


def write_all(fd: int, data: bytes) -> None:
    while data:
        data = data[os.write(fd, data) :]
