"""A tmux server of the test's own; it and its agents are gone when the test is over."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from swarmctl.core.ids import SessionId
from swarmctl.core.ports import Launch, Started
from swarmctl.edges.shell.launches import Launches
from swarmctl.edges.shell.processes import LinuxProcesses
from swarmctl.edges.tmux.host import TmuxHost


@dataclass
class Place:
    folder: Path
    runtime: Path
    launches: Launches
    processes: LinuxProcesses
    lost: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.host = self.another_host()

    def another_host(self) -> TmuxHost:
        return TmuxHost("swarm-test", self.runtime, self.launches, self.processes, lambda: self.lost.append("lost"))

    def marker(self, session: str) -> str:
        return f"test-{self.folder}-{session}"

    def run_dir(self, session: str) -> str:
        return str(self.folder / "runs" / session)

    def launch(self, session: str, *argv: str, env: dict[str, str] | None = None) -> Launch:
        mine = {"PATH": os.environ["PATH"], "SWARM_MARKER": self.marker(session), **(env or {})}
        return Launch(SessionId(session), 1, argv, str(self.folder), self.run_dir(session), mine)

    def start(self, session: str, script: str, env: dict[str, str] | None = None) -> Started:
        return self.host.start(self.launch(session, "sh", "-c", script, env=env))

    def screen(self, started: Started, session: str) -> str:
        return self.host.capture(started.pane, SessionId(session))

    def end(self) -> None:
        self.host.shutdown()
        for run_dir in self.folder.glob("runs/*"):
            marker = self.marker(run_dir.name)
            assert self.processes.stop(self.processes.found(str(run_dir)), marker, 0.0)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    runtime = Path(tempfile.mkdtemp(prefix="sw-"))
    place = Place(tmp_path, runtime, Launches(), LinuxProcesses())
    yield place
    place.end()
    shutil.rmtree(runtime, ignore_errors=True)
