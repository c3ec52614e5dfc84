"""Ending trees, and never the wrong one."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from swarmctl.core.errors import EnvironmentFault
from swarmctl.core.ids import SessionId
from swarmctl.core.session import Exit, ProcessId
from swarmctl.edges.shell.processes import LinuxProcesses
from tests.fakes.processes import type_into, until

Alive = Callable[[Path], bool]

STUBBORN = {
    "ignores every polite signal": "trap '' HUP TERM INT; echo $$ > one; while :; do sleep 0.1; done",
    "leaves its session": "setsid sh -c 'echo $$ > one; trap \"\" TERM; while :; do sleep 0.1; done' & sleep 1000",
    "forks twice": "(sh -c 'echo $$ > one; trap \"\" TERM; while :; do sleep 0.1; done' &) ; sleep 1000",
    "is stopped": "sh -c 'echo $$ > one; kill -STOP $$' & sleep 1000",
    "hides from nohup": "nohup sh -c 'echo $$ > one; while :; do sleep 0.1; done' > /dev/null 2>&1 & sleep 1000",
}


@pytest.mark.parametrize("script", STUBBORN.values(), ids=STUBBORN.keys())
def test_no_process_of_a_stopped_session_remains(place: Any, alive: Alive, script: str) -> None:
    started = place.start(script)
    assert until(lambda: alive(place.folder / "one"))
    assert place.processes.stop(started.process, place.marker, 0.2)
    assert not alive(place.folder / "one")
    assert not place.processes.alive(started.process)
    assert not place.processes.holders(place.marker)
    assert place.processes.exit_of(str(place.run_dir)) is not None


def test_a_child_without_the_mark_ends_with_its_tree(place: Any, alive: Alive) -> None:
    started = place.start("env -i setsid sh -c 'echo $$ > one; exec sleep 1000' & sleep 1000")
    assert until(lambda: alive(place.folder / "one"))
    assert place.processes.stop(started.process, place.marker, 0.2)
    assert not alive(place.folder / "one")


def test_a_stopped_wrapper_does_not_save_its_tree(place: Any, alive: Alive) -> None:
    started = place.start("echo $$ > one; sleep 1000")
    assert until(lambda: alive(place.folder / "one"))
    place.processes.signal([started.process], signal.SIGSTOP)
    assert place.processes.stop(started.process, place.marker, 0.5)
    assert not alive(place.folder / "one")


def test_a_sweep_finds_orphans_by_their_mark(place: Any, alive: Alive) -> None:
    env = {"PATH": os.environ["PATH"], "SWARM_MARKER": place.marker}
    script = "setsid nohup sh -c 'echo $$ > one; exec sleep 1000' > /dev/null 2>&1 &"
    subprocess.run(["sh", "-c", script], env=env, cwd=place.folder, check=True)
    assert until(lambda: alive(place.folder / "one"))
    assert place.processes.sweep(place.marker)
    assert not alive(place.folder / "one")


def test_a_mark_that_begins_another_is_not_it(place: Any, alive: Alive) -> None:
    place.start("echo $$ > one; sleep 1000")
    assert until(lambda: alive(place.folder / "one"))
    assert place.processes.sweep(place.marker[:-1])
    assert alive(place.folder / "one")


def test_a_number_that_now_belongs_to_somebody_else_is_never_signalled(place: Any) -> None:
    with subprocess.Popen(["sleep", "1000"]) as bystander:
        found = place.processes.identity(bystander.pid)
        assert found
        for stale in (replace(found, started=found.started - 1), replace(found, boot="before the reboot")):
            place.processes.signal([stale], signal.SIGKILL)
            assert place.processes.stop(stale, place.marker, 0.0)
        assert bystander.poll() is None
        assert place.processes.alive(found)
        bystander.kill()


def test_a_zombie_is_dead() -> None:
    processes = LinuxProcesses()
    with subprocess.Popen(["sleep", "1000"]) as child:
        found = processes.identity(child.pid)
        assert found and processes.alive(found)
        os.kill(child.pid, signal.SIGKILL)
        assert until(lambda: processes.identity(child.pid) is None)
        assert Path(f"/proc/{child.pid}").exists()
        assert not processes.alive(found)


def test_a_watched_death_wakes_the_poll(place: Any) -> None:
    started = place.start("read line")
    fd = place.processes.watch(started.process)
    poll = select.poll()
    poll.register(fd, select.POLLIN)
    assert not poll.poll(0)
    place.processes.signal([started.process], signal.SIGKILL)
    assert poll.poll(20_000)
    os.close(fd)


def test_whether_a_tree_ran_is_told(place: Any) -> None:
    started = place.start("read line; echo x > written; read line")
    answers: list[object] = [None]

    def sleeps() -> bool:
        answers.append(place.processes.ran(started.process))
        return answers[-1] is not None and answers[-2:] == [answers[-1]] * 2

    assert until(sleeps)
    type_into(place.host, started.pane, SessionId("abcde"), "go")
    assert until((place.folder / "written").exists)
    assert place.processes.ran(started.process) != answers[-1]


def test_nothing_is_said_of_the_running_of_the_dead(place: Any) -> None:
    started = place.start("exit 0")
    assert until(lambda: not place.processes.alive(started.process))
    assert place.processes.ran(started.process) is None


def test_the_dead_cannot_be_watched(place: Any) -> None:
    started = place.start("exit 0")
    assert until(lambda: not place.processes.alive(started.process))
    assert place.processes.watch(started.process) == -1
    assert place.processes.watch(ProcessId(2**22 + 1, 1, place.processes.boot_id())) == -1


@pytest.mark.parametrize("text", ["", "12", "x y z", "12 y boot", "1 2 3 4"])
def test_a_torn_pid_file_is_nobody(tmp_path: Path, text: str) -> None:
    (tmp_path / "pid").write_text(text)
    assert LinuxProcesses().found(str(tmp_path)) is None


def test_an_exit_reads_as_it_was_kept(tmp_path: Path) -> None:
    (tmp_path / "exit").write_text("signal 15\n")
    assert LinuxProcesses().exit_of(str(tmp_path)) == Exit(None, 15)


def test_without_a_descriptor_to_look_with_nobody_is_taken_for_dead(place: Any, alive: Alive) -> None:
    started = place.start("echo $$ > one; sleep 1000")
    assert until(lambda: alive(place.folder / "one"))
    argv = [sys.executable, str(Path(__file__).with_name("starving.py")), str(place.run_dir), place.marker]
    done = subprocess.run(argv, capture_output=True, timeout=60, check=False)
    answers = json.loads(done.stdout or done.stderr)
    assert answers.pop("ran") == {"0": "None"}
    assert answers.pop("watch") == {"0": "unknown", "1": "unknown"}
    holders = answers.pop("holders")
    assert holders["0"] == "unknown" and str(started.process.pid) in holders["1"]
    assert answers and all(answer == {"0": "unknown"} for answer in answers.values()), answers
    assert alive(place.folder / "one")
    assert place.processes.alive(started.process)


def test_everything_else_that_fails_is_not_death_either(tmp_path: Path) -> None:
    (tmp_path / "pid").symlink_to("pid")
    with pytest.raises(EnvironmentFault, match="cannot read"):
        LinuxProcesses().found(str(tmp_path))
