"""What a runner promises: the command's own words about its end, and a log where one was asked for."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from swarmctl.core.config import Command
from swarmctl.core.ports import Finished, Runner
from swarmctl.edges.shell.launches import Launches
from swarmctl.edges.shell.processes import LinuxProcesses
from swarmctl.edges.shell.runner import ShellRunner
from tests.fakes.processes import PASSED, FakeRunner

Run = Callable[[Command], Finished]

ANSWERS: dict[Command, Finished] = {
    "exit 3": replace(PASSED, rc=3),
    "kill -9 $$": replace(PASSED, rc=None, signal=9),
    "no-such-program": replace(PASSED, rc=127, not_found=True),
    ("no-such-program", "--flag"): replace(PASSED, rc=127, not_found=True),
    "echo out; echo err >&2": replace(PASSED, tail="out\nerr\n"),
    "exec sleep 1000": replace(PASSED, rc=None, signal=15, timed_out=True),
}


@pytest.fixture(params=["fake", "shell"])
def run(request: pytest.FixtureRequest, tmp_path: Path) -> Run:
    runner: Runner = (
        FakeRunner(ANSWERS) if request.param == "fake" else ShellRunner(LinuxProcesses(), Launches(), grace_s=5.0)
    )
    env = {"PATH": os.environ["PATH"]}

    def run(command: Command) -> Finished:
        timeout_s = 0.3 if command == "exec sleep 1000" else 60.0
        return runner.run(command, cwd=str(tmp_path), env=env, timeout_s=timeout_s, log=str(tmp_path / "log"))

    return run


def facts(finished: Finished) -> tuple[int | None, int | None, bool, bool]:
    return finished.rc, finished.signal, finished.timed_out, finished.not_found


def test_a_command_that_succeeds(run: Run) -> None:
    assert facts(run("true")) == (0, None, False, False)


def test_a_command_that_fails(run: Run) -> None:
    assert facts(run("exit 3")) == (3, None, False, False)


def test_a_command_killed_by_a_signal(run: Run) -> None:
    assert facts(run("kill -9 $$")) == (None, 9, False, False)


@pytest.mark.parametrize("command", ["no-such-program", ("no-such-program", "--flag")])
def test_a_command_that_does_not_exist(run: Run, command: Command) -> None:
    assert facts(run(command)) == (127, None, False, True)


def test_a_command_that_takes_too_long(run: Run) -> None:
    assert facts(run("exec sleep 1000")) == (None, 15, True, False)


def test_both_streams_are_in_the_tail(run: Run) -> None:
    finished = run("echo out; echo err >&2")
    assert finished.tail == "out\nerr\n"
    assert finished.log.endswith("log")
    assert len(finished.log_sha256) == 64
