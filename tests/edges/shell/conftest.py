"""A process host in a folder of its own; whatever it started is gone when the test is over."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from swarmctl.core.ids import SessionId
from swarmctl.core.ports import Launch, Started
from swarmctl.edges.shell.launches import Launches
from swarmctl.edges.shell.process_host import ProcessHost
from swarmctl.edges.shell.processes import LinuxProcesses


@dataclass
class Place:
    folder: Path
    marker: str
    launches: Launches
    processes: LinuxProcesses
    host: ProcessHost

    @property
    def run_dir(self) -> Path:
        return self.folder / "run"

    def launch(self, *argv: str, env: dict[str, str] | None = None) -> Launch:
        mine = {"PATH": os.environ["PATH"], "SWARM_MARKER": self.marker, **(env or {})}
        return Launch(SessionId("abcde"), 1, argv, str(self.folder), str(self.run_dir), mine)

    def start(self, script: str) -> Started:
        return self.host.start(self.launch("sh", "-c", script))

    def output(self) -> str:
        return self.host.capture("", SessionId("abcde"))


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    processes, launches = LinuxProcesses(), Launches()
    marker = f"test-{tmp_path}"
    yield Place(tmp_path, marker, launches, processes, ProcessHost(tmp_path / "runtime", launches))
    assert processes.stop(processes.found(str(tmp_path / "run")), marker, 0.0)
