"""What every host promises: one process per attempt, exits kept, text delivered, panes forgotten without fuss."""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from swarmctl.core.errors import EnvironmentFault
from swarmctl.core.ids import SessionId
from swarmctl.core.ports import Host, Launch, Processes, Started
from swarmctl.core.session import Exit
from swarmctl.edges.shell.launches import Launches
from swarmctl.edges.shell.process_host import ProcessHost
from swarmctl.edges.shell.processes import LinuxProcesses
from swarmctl.edges.tmux.host import TmuxHost
from tests.fakes.processes import ECHOES, ENDS, RUNS, FakeHost, FakeProcesses, Machine, type_into, until

ECHO = "while read -r line; do echo got $line; done"


@dataclass
class Place:
    host: Host
    processes: Processes
    folder: Path
    fake: bool

    def launch(self, session: str, argv: tuple[str, ...], attempt: int = 1) -> Launch:
        run_dir = str(self.folder / "runs" / session / str(attempt))
        env = {"PATH": os.environ["PATH"], "SWARM_MARKER": self.marker(session)}
        return Launch(SessionId(session), attempt, argv, str(self.folder), run_dir, env)

    def marker(self, session: str) -> str:
        return f"{self.folder}/{session}"

    def runs(self) -> tuple[str, ...]:
        return RUNS if self.fake else ("sleep", "1000")

    def ends(self, code: int) -> tuple[str, ...]:
        return (*ENDS, str(code)) if self.fake else ("sh", "-c", f"exit {code}")

    def echoes(self) -> tuple[str, ...]:
        return ECHOES if self.fake else ("sh", "-c", ECHO)


def fake_place(folder: Path) -> Iterator[Place]:
    machine = Machine()
    yield Place(FakeHost(machine), FakeProcesses(machine), folder, fake=True)


def process_place(folder: Path) -> Iterator[Place]:
    processes = LinuxProcesses()
    yield Place(ProcessHost(folder / "runtime", Launches()), processes, folder, fake=False)


def tmux_place(folder: Path) -> Iterator[Place]:
    processes, runtime = LinuxProcesses(), Path(tempfile.mkdtemp(prefix="sw-"))
    host = TmuxHost("swarm-test", runtime, Launches(), processes)
    yield Place(host, processes, folder, fake=False)
    host.shutdown()
    shutil.rmtree(runtime, ignore_errors=True)


@pytest.fixture(params=[fake_place, process_place, tmux_place], ids=["fake", "process", "tmux"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    make: Callable[[Path], Iterator[Place]] = request.param
    for each in make(tmp_path):
        yield each
        for run_dir in tmp_path.glob("runs/*/*"):
            each.processes.stop(each.processes.found(str(run_dir)), each.marker(run_dir.parent.name), 0.0)


def test_a_started_agent_is_identified_and_alive(place: Place) -> None:
    launch = place.launch("abcde", place.runs())
    started = place.host.start(launch)
    assert place.processes.found(launch.run_dir) == started.process
    assert place.processes.alive(started.process)
    assert place.processes.exit_of(launch.run_dir) is None


def test_starting_an_attempt_again_gives_the_same_process(place: Place) -> None:
    launch = place.launch("abcde", place.runs())
    assert place.host.start(launch) == place.host.start(launch)


def test_an_ended_attempt_is_not_started_again(place: Place) -> None:
    launch = place.launch("abcde", place.ends(0))
    first = place.host.start(launch)
    assert until(lambda: place.processes.exit_of(launch.run_dir) is not None)
    assert place.host.start(launch).process == first.process
    assert until(lambda: not place.processes.alive(first.process))


def test_two_starts_at_once_make_one_process(place: Place) -> None:
    launch = place.launch("abcde", place.runs())
    found: list[Started] = []
    threads = [threading.Thread(target=lambda: found.append(place.host.start(launch))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 2
    assert found[0].process == found[1].process


def test_another_attempt_is_another_process(place: Place) -> None:
    first = place.host.start(place.launch("abcde", place.runs()))
    second = place.host.start(place.launch("abcde", place.runs(), attempt=2))
    assert first.process != second.process


@pytest.mark.parametrize("code", [0, 7])
def test_the_exit_code_is_kept(place: Place, code: int) -> None:
    launch = place.launch("abcde", place.ends(code))
    started = place.host.start(launch)
    assert until(lambda: not place.processes.alive(started.process))
    assert place.processes.exit_of(launch.run_dir) == Exit(code)


def test_text_reaches_the_agent_and_its_answer_the_history(place: Place) -> None:
    started = place.host.start(place.launch("abcde", place.echoes()))
    session = SessionId("abcde")
    type_into(place.host, started.pane, session, "hello there; $(echo no) #(echo no) é")
    assert until(lambda: "got hello there; $(echo no) #(echo no) é" in place.host.capture(started.pane, session))


def test_a_look_says_who_is_there_to_read_and_what_nobody_read(place: Place) -> None:
    session = SessionId("abcde")
    started = place.host.start(place.launch("abcde", place.runs()))
    keyboard = place.host.keyboard
    assert (keyboard.look(started.pane, session).alive, keyboard.look(started.pane, session).unread) == (True, False)
    type_into(place.host, started.pane, session, "hello")
    assert until(lambda: keyboard.look(started.pane, session).unread)
    assert keyboard.look(started.pane, session).edits
    assert place.processes.stop(started.process, place.marker("abcde"), 5.0)
    assert until(lambda: not keyboard.look(started.pane, session).alive)


def test_sending_to_an_ended_agent_is_a_fault_with_a_hint(place: Place) -> None:
    launch = place.launch("abcde", place.ends(0))
    started = place.host.start(launch)
    assert until(lambda: not place.processes.alive(started.process))
    with pytest.raises(EnvironmentFault) as caught:
        type_into(place.host, started.pane, SessionId("abcde"), "too late")
    assert caught.value.hint


def test_stop_ends_the_agent_and_proves_it(place: Place) -> None:
    launch = place.launch("abcde", place.runs())
    started = place.host.start(launch)
    assert place.processes.stop(started.process, place.marker("abcde"), 5.0)
    assert not place.processes.alive(started.process)
    assert place.processes.exit_of(launch.run_dir) == Exit(None, 15)


def test_a_session_whose_name_begins_another_is_left_alone(place: Place) -> None:
    short = place.host.start(place.launch("abc", place.runs()))
    long = place.host.start(place.launch("abcde", place.runs()))
    place.host.close(short.pane, SessionId("abc"))
    assert place.processes.stop(short.process, place.marker("abc"), 1.0)
    assert place.processes.alive(long.process)


def test_closing_twice_is_fine(place: Place) -> None:
    launch = place.launch("abcde", place.ends(0))
    started = place.host.start(launch)
    assert until(lambda: not place.processes.alive(started.process))
    place.host.close(started.pane, SessionId("abcde"))
    place.host.close(started.pane, SessionId("abcde"))
    assert place.processes.exit_of(launch.run_dir) == Exit(0)


def test_attaching_is_an_argv(place: Place) -> None:
    started = place.host.start(place.launch("abcde", place.runs()))
    argv = place.host.attach(started.pane, SessionId("abcde"))
    assert argv and all(isinstance(word, str) and word for word in argv)
