"""A power cut: every process gone at once, another boot id, an empty /run, and the old pids given to strangers.

I1 what agents wrote is reachable; I2, I9 nothing lands or is called done by itself; I3 the checkout stays as it is;
I7 the next command says what was interrupted; I10 saying it twice changes nothing.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from swarmctl.core import events as e
from swarmctl.core.session import Stage
from tests.e2e.machine import Machine
from tests.e2e.world import World, until


@pytest.fixture(params=["tmux", "process"])
def host(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def machines(world: World) -> Iterator[list[Machine]]:
    """Switched off before the world looks for what was left running."""
    on: list[Machine] = []
    yield on
    for machine in on:
        machine.off()
    world.program = World.program


def noted(world: World) -> set[int]:
    """Every pid that the ledger or a wrapper knows, in the numbers of its own machine."""
    found = {event.pid for event in world.events(e.SupervisorStarted)}
    found |= {session.process.pid for session in world.facts().sessions.values() if session.process}
    return found | {int(path.read_text().split()[0]) for path in (world.state / "run").rglob("pid")}


def test_after_a_power_cut_sessions_are_interrupted_and_go_on_when_asked(
    world: World, machines: list[Machine], tmp_path: Path
) -> None:
    world.settings(f'[[gate]]\nname = "slow"\nrun = "while [ ! -e {world.home}/go ]; do sleep 0.05; done"\n')
    machine = Machine()
    machines.append(machine)
    machine.serve(world)
    at_work = world.begin(f"write half.txt precious\nwait {world.home}/go")
    (running,) = world.await_stage(Stage.RUNNING)
    until((Path(running.worktree) / "half.txt").exists, "its file")
    landing = world.begin("write whole.txt finished")
    (gating,) = world.await_stage(Stage.GATING)
    before, status, pids = world.head(), world.status(), noted(world)

    machines.pop().off()
    for typed in (at_work, landing):
        typed.process.communicate()
    shutil.rmtree(world.runtime)
    world.runtime.mkdir(mode=0o700)
    machine = Machine()
    machines.append(machine)
    machine.serve(world)
    heard = {pid: tmp_path / f"heard-{pid}" for pid in sorted(pids - machine.pids())}
    for pid, path in heard.items():
        machine.stranger(pid, path)
    assert running.process and running.process.pid in heard
    (world.home / "go").touch()
    shown = {task["session"]: task["state"] for task in world.swarmctl("ps", "--json", rc=0).last["tasks"]}
    assert shown[running.id] == "lost"
    assert "machine was restarted" in world.swarmctl("show", running.id, rc=0).out
    world.swarmctl("up", rc=0)
    world.idle()

    stages = {session.id: session.stage for session in world.facts().sessions.values()}
    assert stages == {running.id: Stage.KEPT, gating.id: Stage.READY}
    assert world.session(running.id).outcome == "interrupted"
    assert (world.head(), world.status()) == (before, status)
    assert world.git("cat-file", "-p", f"{world.session(running.id).checkpoint}:half.txt") == "precious"
    seq = world.facts().seq
    world.swarmctl("up", rc=0)
    assert world.facts().seq == seq
    resumed = world.swarmctl("resume", "--all", "--json", rc=0)
    assert [(task["session"], task["outcome"]) for task in resumed.tasks] == [(running.id, "ready")]
    for session in (running, gating):
        world.swarmctl("merge", session.id, rc=0)
    assert {"half.txt", "whole.txt"} <= world.files()
    assert [path.read_text() for path in heard.values()] == [""] * len(heard)
    assert set(heard) <= machine.pids()
    world.swarmctl("down", rc=0)
    assert set(heard) <= machine.pids()
