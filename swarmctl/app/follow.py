"""What a session prints while somebody looks, until it ends: from the pane or the process, without the supervisor.

Nothing is shown before what must be masked in it is known.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from typing import Protocol

from swarmctl.app.archive import Archive
from swarmctl.app.board import Board
from swarmctl.app.inbox import connect
from swarmctl.core.errors import EnvironmentFault
from swarmctl.core.ids import SessionId
from swarmctl.core.places import Places
from swarmctl.core.session import Session, Stage
from swarmctl.core.values import dataclass
from swarmctl.edges.files.paths import StatePaths
from swarmctl.edges.files.secrets import secret_values
from swarmctl.edges.files.transcript import Masked, Transcript
from swarmctl.edges.shell import procfs
from swarmctl.edges.shell.tail import LogFeed
from swarmctl.edges.tmux.feed import follow as follow_pane
from swarmctl.edges.tmux.server import socket_path

LOOK_EVERY_S = 0.3
BEGIN_S = 3.0
"""How long an agent may take from being started to having its environment."""
LEFT_OUT = "… output is left out here: it came faster than it was read …"
BROKEN = "… something may be missing here: what brings the output ended and was started again …"
COMING = frozenset({Stage.PLANNED, Stage.PROVISIONED, Stage.LAUNCHING})
PRESENT = frozenset({Stage.RUNNING, Stage.ENDED})


class Feed(Protocol):
    over: bool

    def read(self, seconds: float) -> list[bytes]: ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Shown:
    lines: list[str]
    question: str = ""
    """The beginning of a line that waits for an answer; its line follows whole when it is complete."""


class Followed:
    def __init__(self, paths: StatePaths, board: Board, session: SessionId) -> None:
        self._paths = paths
        self._board = board
        self.id = session
        self._places = Places(str(paths.root), str(paths.worktrees))

    @property
    def session(self) -> Session:
        """As it is now."""
        for _ in self._board.news():
            pass
        return self._board.facts.sessions[self.id]

    def parts(self) -> Iterator[Shown]:
        """An empty one now and then, so that a follower can see that it is still wanted.

        Raises `EnvironmentFault` when nobody is left to say how it ends.
        """
        self._wait_while(lambda: self.session.stage in COMING)
        known = self._known() if self.session.stage is Stage.RUNNING else None
        if known is not None:
            masked, anew = Masked(known), True
            while self.session.stage in PRESENT:
                feed = self._feed(anew)
                if feed is None:
                    break
                if not anew and self.session.host == "tmux":
                    yield Shown([BROKEN])
                with closing(feed):
                    yield from self._read(feed, Transcript(), masked)
                anew = False
            if not anew:
                return
        self._wait_while(lambda: self.session.stage in PRESENT)
        yield Shown(Archive(self._paths).read(self.id).splitlines())

    def _feed(self, anew: bool) -> Feed | None:
        """None when its terminal is gone."""
        session = self.session
        if session.host != "tmux":
            return LogFeed(self._places.run_dir(session.id, session.attempt), anew=anew)
        server = str(socket_path(self._paths.tmux_name, self._paths.runtime))
        with suppress(EnvironmentFault):
            return follow_pane(server, session.pane, session.id, anew=anew)
        self._wait_while(lambda: self.session.stage in PRESENT)
        return None

    def _read(self, feed: Feed, transcript: Transcript, masked: Masked) -> Iterator[Shown]:
        """Until the feed is over and the session with it, or until the feed breaks."""
        while True:
            parts = feed.read(LOOK_EVERY_S)
            lines: list[str] = []
            for part in parts:
                if not part:
                    transcript.skip()
                lines += masked.lines(transcript.feed(part)) if part else [LEFT_OUT]
            yield Shown(lines, "" if parts else masked.question(transcript.unfinished))
            if feed.over or (not parts and self._is_gone()):
                break
        yield Shown(masked.lines(transcript.finish()))
        end = time.monotonic() + BEGIN_S
        self._wait_while(lambda: self.session.stage in PRESENT and time.monotonic() < end)

    def _is_gone(self) -> bool:
        if self.session.stage not in PRESENT:
            return True
        self._require_witness()
        return False

    def _wait_while(self, waits: Callable[[], bool]) -> None:
        while waits():
            self._require_witness()
            time.sleep(LOOK_EVERY_S)

    def _require_witness(self) -> None:
        """An agent that ended while no supervisor runs stays `running` in the log until one looks."""
        line = connect(self._paths.socket)
        if line is not None:
            line.close()
            return
        process = self.session.process
        if self.session.active and (process is None or procfs.identity(process.pid) != process):
            raise EnvironmentFault(f"no supervisor runs to say how {self.id} went on", hint="swarmctl up")

    def _known(self) -> frozenset[str] | None:
        """What must never show, as the agent itself has it; None when its environment cannot be read any more."""
        end = time.monotonic() + BEGIN_S
        while time.monotonic() < end and self.session.stage is Stage.RUNNING:
            found = secrets_in(self._places.marker(self.id))
            if found is not None:
                return found
            time.sleep(0.01)
        return None


def secrets_in(marker: str) -> frozenset[str] | None:
    """What must not show of the processes that carry a session's marker; None while none of them can be read."""
    mark = b"SWARM_MARKER=" + os.fsencode(marker)
    found = [env for env in map(environment, procfs.pids()) if mark in env]
    if not found:
        return None
    pairs = (os.fsdecode(pair).partition("=") for env in found for pair in env)
    values = [secret_values({name: value}) for name, _, value in pairs]
    return secret_values(os.environ).union(*values)


def environment(pid: int) -> list[bytes]:
    try:
        return procfs.read(f"/proc/{pid}/environ").split(b"\0")
    except EnvironmentFault:
        return []
