"""How a session rests after the target came into its worktree: as it did before, unless its agent was told to go on."""

from __future__ import annotations

import pytest

from swarmctl.core.ids import SessionId
from swarmctl.core.session import Exit, Stage
from swarmctl.loops.engine.advance import Kind
from tests.fakes.asking import ask
from tests.fakes.desk import CLEAN, World

ENV = {"PATH": "/bin"}


def half_done(world: World) -> SessionId:
    """Its agent was killed in the middle, and the target changed the same file."""
    name = world.running(waits=False, lands="auto")
    world.works(name, {"README": b"half\n"}, Exit(None, 9))
    world.go()
    world.push({"README": b"theirs\n"})
    return name


def test_work_that_was_not_finished_is_not_called_ready_because_its_conflicts_were_resolved() -> None:
    world = World()
    name = half_done(world)
    before, main = world.session(name), world.main()
    for files in ({"other": b"touched\n"}, {"README": b"both\n"}):
        ask(world, "sync", id=name, env=ENV)
        world.go()
        assert world.session(name).stage is Stage.RUNNING
        world.works(name, files)
        world.go()
    session = world.session(name)
    assert (session.stage, session.outcome, session.reason) == (Stage.KEPT, before.outcome, before.reason)
    assert (session.base, world.main()) == (world.tip(), main)


def test_whoever_is_killed_while_it_resolves_has_no_less_than_before() -> None:
    world = World()
    name = world.ready(files={"README": b"ours\n"})
    world.push({"README": b"theirs\n"})
    for end in (Exit(None, 9), CLEAN):
        ask(world, "sync", id=name, env=ENV)
        world.go()
        world.works(name, {"README": b"both\n"} if end == CLEAN else {}, end)
        world.go()
    assert world.session(name).stage is Stage.READY


@pytest.mark.parametrize("kind", ["resume", "handoff"])
def test_an_agent_that_is_told_to_go_on_finishes_what_was_not_done(kind: str) -> None:
    world = World()
    name = half_done(world)
    ask(world, "sync", id=name, env=ENV)
    world.go()
    world.works(name, {}, Exit(1))
    world.go()
    ask(world, kind, id=name, env=ENV, agent="other", message="Finish it")
    world.go()
    world.works(name, {"README": b"both\n"})
    world.go(Kind.ENQUEUE)
    assert world.session(name).stage is Stage.READY


def test_syncs_that_start_nobody_are_no_attempts() -> None:
    world = World()
    name = world.ready(files={"mine": b"work\n"})
    for number in range(3):
        world.push({f"theirs {number}": b"theirs\n"})
        ask(world, "sync", id=name, env=ENV)
        world.go()
        assert (world.session(name).stage, world.session(name).attempts) == (Stage.READY, 1)
    ask(world, "sync", id=name, env=ENV)
    world.go()
    ask(world, "merge", id=name)
    world.go()
    assert world.session(name).stage is Stage.LANDED

    name = half_done(world)
    world.push({"README": b"theirs again\n"})
    for number in (2, 3):
        ask(world, "sync", id=name, env=ENV)
        world.go()
        assert (world.session(name).stage, world.session(name).attempts) == (Stage.RUNNING, number)
        world.works(name, {}, Exit(1))
        world.go()
