"""A defect of swarmctl's own: whoever waits for what it concerns is told so, and everybody else is served."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from swarmctl.core import events as e
from swarmctl.core.outcome import Outcome
from swarmctl.core.session import Stage
from tests.e2e.world import World, until

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("host", ["process"])
def test_one_broken_session_ends_its_own_waiting_and_nothing_else(world: World) -> None:
    world.swarmctl("doctor")
    argv = [sys.executable, "-m", "tests.e2e.broken_supervisor", str(world.repo)]
    supervisor = subprocess.Popen(argv, cwd=ROOT, env=world.env, stderr=subprocess.PIPE, text=True)
    until(lambda: list(world.runtime.rglob("*.sock*")), "it to listen")

    broken = world.begin("write breaks.txt hello")
    said = broken.answer()
    other = world.run("write b.txt hello", rc=0)

    assert said.rc == 3 and "a defect of swarmctl" in said.err and "hint: tail" in said.err
    assert other.task["outcome"] == Outcome.LANDED
    assert supervisor.poll() is None, "it lives on"
    (told,) = [note for note in world.events(e.Noticed) if "defect" in note.text]
    assert told.session is not None

    assert world.swarmctl("down", rc=0).out == f"the supervisor is stopped; {told.session} goes on: swarmctl ps\n"
    log = supervisor.communicate(timeout=60)[1]
    assert log.count("Traceback") == 1 and supervisor.returncode == 0
    world.swarmctl("up", rc=0)
    ended = world.idle().sessions[told.session]
    assert (ended.outcome, world.text("breaks.txt", ended.checkpoint)) == (Outcome.INTERRUPTED, "hello")


@pytest.mark.parametrize("host", ["process"])
def test_who_waits_for_many_is_told_of_the_one_that_cannot_go_on(world: World) -> None:
    world.swarmctl("run", "breaks it", "--exec", "exec sleep 600", "--detach", rc=0)
    world.await_stage(Stage.RUNNING)
    world.swarmctl("down", rc=0)
    argv = [sys.executable, "-m", "tests.e2e.broken_supervisor", str(world.repo)]
    supervisor = subprocess.Popen(argv, cwd=ROOT, env=world.env, stderr=subprocess.DEVNULL)
    until(lambda: list(world.runtime.rglob("*.sock*")), "it to listen")

    said = world.start("resume", "--all").answer(60.0)

    assert said.rc == 3 and "a defect of swarmctl" in said.err
    world.swarmctl("down", rc=0)
    assert supervisor.wait(timeout=60) == 0
    world.swarmctl("up", rc=0)
    world.idle()
