"""What is promised of processes: identity beats numbers, and a stop is proven or says that it is not."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from swarmctl.core.ids import SessionId
from swarmctl.core.ports import Host, Launch, Processes
from swarmctl.edges.shell.launches import Launches
from swarmctl.edges.shell.process_host import ProcessHost
from swarmctl.edges.shell.processes import LinuxProcesses
from tests.fakes.processes import ECHOES, RUNS, FakeHost, FakeProcesses, Machine, type_into


@dataclass
class Place:
    processes: Processes
    host: Host
    launch: Launch


@pytest.fixture(params=["fake", "linux"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    argv = RUNS if request.param == "fake" else ("sleep", "1000")
    env = {"PATH": os.environ["PATH"], "SWARM_MARKER": str(tmp_path)}
    launch = Launch(SessionId("abcde"), 1, argv, str(tmp_path), str(tmp_path / "run"), env)
    if request.param == "fake":
        machine = Machine()
        yield Place(FakeProcesses(machine), FakeHost(machine), launch)
        return
    processes = LinuxProcesses()
    yield Place(processes, ProcessHost(tmp_path / "runtime", Launches()), launch)
    processes.stop(processes.found(launch.run_dir), str(tmp_path), 0.0)


def test_nothing_is_found_where_nothing_ran(place: Place) -> None:
    assert place.processes.found(place.launch.run_dir) is None
    assert place.processes.exit_of(place.launch.run_dir) is None


def test_a_reused_number_is_another_process(place: Place) -> None:
    process = place.host.start(place.launch).process
    assert place.processes.alive(process)
    assert not place.processes.alive(replace(process, started=process.started - 1))


def test_another_boot_is_death(place: Place) -> None:
    process = place.host.start(place.launch).process
    assert not place.processes.alive(replace(process, boot="another"))


def test_words_that_nobody_reads_are_told_from_those_that_were_read(place: Place) -> None:
    started = place.host.start(place.launch)
    assert place.processes.reads(started.process, 0.3)
    type_into(place.host, started.pane, place.launch.session, "hello")
    assert not place.processes.reads(started.process, 0.3)
    fake = isinstance(place.processes, FakeProcesses)
    argv = ECHOES if fake else ("sh", "-c", "while read -r line; do echo $line; done")
    echoes = replace(place.launch, session=SessionId("fghij"), argv=argv, run_dir=f"{place.launch.run_dir}-2")
    reader = place.host.start(echoes)
    type_into(place.host, reader.pane, echoes.session, "hello")
    assert place.processes.reads(reader.process, 60.0)


def test_stopping_by_marker_alone_reaches_the_tree(place: Place) -> None:
    process = place.host.start(place.launch).process
    assert place.processes.stop(None, place.launch.env["SWARM_MARKER"], 5.0)
    assert not place.processes.alive(process)


def test_stopping_what_is_gone_is_proven_at_once(place: Place) -> None:
    process = place.host.start(place.launch).process
    marker = place.launch.env["SWARM_MARKER"]
    assert place.processes.stop(process, marker, 5.0)
    kept = place.processes.exit_of(place.launch.run_dir)
    assert place.processes.stop(process, marker, 5.0)
    assert place.processes.exit_of(place.launch.run_dir) == kept


def test_another_marker_is_somebody_else(place: Place) -> None:
    process = place.host.start(place.launch).process
    assert place.processes.stop(None, place.launch.env["SWARM_MARKER"] + "x", 0.0)
    assert place.processes.alive(process)


def test_one_that_is_asked_to_end_is_gone_or_said_to_live(place: Place) -> None:
    process = place.host.start(place.launch).process

    left = place.processes.ask(process, 5.0)

    assert left == ()
    assert not place.processes.alive(process)
    assert place.processes.ask(process, 5.0) == (), "who is gone needs no asking"
