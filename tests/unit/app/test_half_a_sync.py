"""A sync whose attempt ends in the middle: half a merge is never taken for work, nor for what a later sync began."""

from __future__ import annotations

import threading

import pytest

from swarmctl.core import events as e
from swarmctl.core.errors import EnvironmentFault
from swarmctl.core.events.onward import SyncBegun, Synced, SyncGivenUp
from swarmctl.core.ids import SessionId
from swarmctl.core.outcome import Outcome
from swarmctl.core.session import Exit, Stage
from swarmctl.loops.engine.advance import Kind
from swarmctl.loops.engine.engine import MAX_FAILURES, Engine
from swarmctl.loops.engine.steps import take
from tests.fakes.asking import ask
from tests.fakes.desk import World

ENV = {"PATH": "/bin"}
OURS, THEIRS = {"README": b"ours\n"}, {"README": b"theirs\n"}


def begun(world: World, files: dict[str, bytes], mid_effect: bool = True) -> SessionId:
    """The supervisor was killed after `SyncBegun`, or after the merge that came next."""
    name = world.ready(files=files)
    world.push(THEIRS)
    ask(world, "sync", id=name, env=ENV)
    (step,) = [step for step in world.steps() if step.kind is Kind.SYNC]
    stream = take(step, world.facts, world.shop)
    while not of(world, SyncBegun):
        event = next(stream)
        world.log.append(*event) if isinstance(event, tuple) else world.log.append(event)
    if mid_effect:
        next(stream)
    world.restart()
    world.shop.envs[world.session(name).run] = ENV
    return name


def of(world: World, kind: type[e.Event]) -> list[e.Event]:
    return [event for event in world.events if isinstance(event, kind)]


def failing(*args: object, **named: object) -> object:
    raise EnvironmentFault("disk is full")


def fails_until_given_up(world: World) -> None:
    """As the engine does it."""
    rung = threading.Condition()

    def bell() -> None:
        with rung:
            rung.notify_all()

    engine = Engine(world.log, world.shop, bell)
    for _ in range(MAX_FAILURES):
        engine.tick(world.around)
        with rung:
            assert rung.wait_for(lambda: engine.is_idle, 20.0)
        world.clock.time += 10.0
    engine.quiesce()


@pytest.mark.parametrize("mid_effect", [False, True])
def test_a_stop_in_the_middle_of_a_sync_takes_half_a_merge_back(mid_effect: bool) -> None:
    world = World()
    name = begun(world, OURS, mid_effect)
    ask(world, "stop", id=name)
    world.go()
    session = world.session(name)
    assert (session.stage, session.outcome, session.talk.sync) == (Stage.READY, Outcome.READY, None)
    assert world.bench(name).files == world.repository.files(session.head)
    (given_up,) = of(world, SyncGivenUp)
    assert isinstance(given_up, SyncGivenUp) and session.checkpoint[:10] in given_up.why
    assert (b"<<<<<<<" in world.repository.files(session.checkpoint)["README"]) == mid_effect


def test_nothing_is_called_taken_back_where_a_person_went_on_meanwhile() -> None:
    world = World()
    name = begun(world, OURS)
    place = world.bench(name)
    place.head = world.repository.commit(place.files, (place.head,), "Mine")
    place.merging = ""
    ask(world, "stop", id=name)
    world.go()
    (given_up,) = of(world, SyncGivenUp)
    assert isinstance(given_up, SyncGivenUp)
    assert "taken back" not in given_up.why and "HEAD of" in given_up.why
    assert b"<<<<<<<" in world.bench(name).files["README"], "nobody touched it"


def test_a_merge_that_was_whole_when_it_was_stopped_is_told() -> None:
    world = World()
    name = begun(world, {"mine": b"work\n"})
    ask(world, "stop", id=name)
    world.go()
    session = world.session(name)
    assert (session.outcome, session.base, len(of(world, Synced))) == (Outcome.READY, world.tip(), 1)
    assert world.bench(name).files == world.repository.files(session.head)


def test_what_a_person_does_after_the_stop_is_part_of_the_next_sync_which_brings_in_what_is_there_then() -> None:
    world = World()
    name = begun(world, {"mine": b"work\n"}, mid_effect=False)
    ask(world, "stop", id=name)
    world.go()
    world.works(name, {"by hand": b"edited\n"}, None)
    tip = world.push({"newer": b"theirs\n"})
    ask(world, "sync", id=name, env=ENV)
    world.go()
    session = world.session(name)
    assert (session.base, session.talk.sync) == (tip, None)
    assert {"mine", "by hand", "newer"} <= set(world.repository.files(session.head))


@pytest.mark.parametrize("how", ["stop", "down"])
def test_a_stop_before_the_sync_began_leaves_it_as_it_was_and_resume_all_starts_nobody(how: str) -> None:
    world = World()
    name = world.ready(files=OURS)
    before = world.session(name)
    ask(world, "sync", id=name, env=ENV)
    if how == "stop":
        ask(world, "stop", id=name)
    world.draining = how == "down"
    world.go(*([Kind.SYNC] if how == "stop" else []))
    world.draining = False

    session = world.session(name)
    assert (session.stage, session.outcome, session.head) == (Stage.READY, Outcome.READY, before.head)
    assert ask(world, "resume_all", env=ENV)["resumed"] == []


def test_a_stop_of_a_sync_keeps_why_work_that_was_not_done_rested() -> None:
    world = World()
    name = world.running(waits=False)
    world.works(name, OURS, Exit(3))
    world.go()
    before = world.session(name)
    ask(world, "sync", id=name, env=ENV)
    ask(world, "stop", id=name)
    world.go(Kind.SYNC)
    session = world.session(name)
    assert (session.stage, session.outcome, session.reason) == (Stage.KEPT, Outcome.FAILED, before.reason)


@pytest.mark.parametrize("stays", [False, True])
def test_a_sync_that_always_fails_leaves_nothing_half_or_the_next_one_begins_anew(
    stays: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World()
    name = begun(world, OURS)
    with monkeypatch.context() as broken:
        for method in ("bring", "take_back") if stays else ("bring",):
            broken.setattr(world.worktrees, method, failing)
        fails_until_given_up(world)
    session = world.session(name)
    assert (session.stage, session.outcome, session.reason) == (Stage.KEPT, Outcome.FAILED, "sync: disk is full")
    assert (session.talk.sync is not None, b"<<<<<<<" in world.bench(name).files["README"]) == (stays, stays)
    world.works(name, {"by hand": b"edited\n"}, None)
    tip = world.push({"newer": b"theirs\n"})
    ask(world, "sync", id=name, env=ENV)
    world.go()
    session = world.session(name)
    sync = session.talk.sync
    assert session.stage is Stage.RUNNING and sync is not None and sync.theirs == tip
    assert world.repository.files(sync.ours)["README"] == b"ours\n"
    if stays:
        (noticed,) = [event for event in world.events if isinstance(event, e.Noticed) and "cut short" in event.text]
        (kept,) = [oid for oid in world.repository.commits if oid[:10] == noticed.text[-10:]]
        assert world.repository.files(kept)["by hand"] == b"edited\n"
    else:
        assert world.repository.files(sync.ours)["by hand"] == b"edited\n"
