"""Work that its gates refused, and whose agent goes on with it."""

from __future__ import annotations

from dataclasses import replace

from swarmctl.core import events as e
from swarmctl.core.config import GateSpec
from swarmctl.core.ids import SessionId
from swarmctl.core.outcome import Outcome
from swarmctl.core.session import Stage
from swarmctl.loops.engine.advance import Kind
from tests.fakes.asking import ask
from tests.fakes.desk import World
from tests.fakes.gating import world_with
from tests.fakes.git import Files
from tests.fakes.processes import PASSED

RED = replace(PASSED, rc=1, tail="1 failed\n")


def refused(world: World, files: Files) -> SessionId:
    name = world.ready(files=files)
    world.log.append(e.TaskReopened(world.session(name).task), e.MergeAsked(name, "merge"))
    world.go(Kind.INTEGRATE)
    world.go(Kind.LAND)
    return name


def again(world: World, name: SessionId, files: Files) -> None:
    ask(world, "resume", id=name, env={"PATH": "/bin"})
    world.go()
    world.works(name, files)
    world.go()


def test_refused_work_that_is_gone_on_with_and_left_as_it_was_rests_refused_until_something_is_new() -> None:
    world, bench = world_with(GateSpec("tests", "run-tests"))
    bench.does["run-tests"] = lambda files: RED
    name = refused(world, {"a": b"work\n"})
    before = world.session(name)

    for _ in range(2):
        again(world, name, {})
        session = world.session(name)
        assert (session.stage, session.outcome, session.head) == (Stage.KEPT, Outcome.REFUSED, before.head)
        assert session.reason == f"{before.reason}; nothing new since"
        assert world.facts.tasks[session.task].outcome is Outcome.REFUSED
    assert len(bench.seen) == 1, "nobody asks the gates again"

    again(world, name, {"a": b"mended\n"})
    session = world.session(name)
    assert (session.stage, session.outcome, session.reason) == (Stage.READY, Outcome.READY, "")
