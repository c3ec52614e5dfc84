"""What nobody is known to wait for after a restart does not land by itself, wherever it stood."""

from __future__ import annotations

import pytest

from swarmctl.app.restart import forgotten_waits, half_typed, went_down
from swarmctl.core import events as e
from swarmctl.core.ids import SessionId
from swarmctl.core.session import Exit, Stage
from swarmctl.loops.engine.advance import Kind
from tests.fakes.desk import World


def asked(world: World) -> SessionId:
    name = world.ready()
    world.log.append(e.TaskReopened(world.session(name).task), e.MergeAsked(name, "merge"))
    return name


@pytest.mark.parametrize("before", [Kind.ENQUEUE, Kind.INTEGRATE, Kind.LAND])
def test_a_landing_that_was_asked_for_waits_to_be_asked_for_again(before: Kind) -> None:
    world = World()
    name = asked(world)
    world.go(before)
    world.restart()
    world.log.append(*forgotten_waits(world.facts))
    world.go()
    assert world.session(name).stage is Stage.READY
    assert world.main() == world.files
    assert world.outcomes() == ["ready"]


def test_whoever_asks_again_in_time_has_it_landed() -> None:
    world = World()
    name = asked(world)
    world.go(Kind.LAND)
    world.restart()
    world.settled_in = False
    world.log.append(*forgotten_waits(world.facts))
    world.go()
    assert world.session(name).stage is Stage.LANDING
    world.log.append(e.MergeAsked(name, "merge"))
    world.go()
    assert world.session(name).stage is Stage.LANDED


def test_a_run_that_somebody_waited_for_is_left() -> None:
    world = World()
    world.running()
    assert [type(event) for event in forgotten_waits(world.facts)] == [e.RunLeft]


def test_agents_that_went_down_with_the_machine_were_interrupted_and_those_that_had_ended_were_not() -> None:
    world = World()
    unseen, ended = world.running("unseen"), world.running("ended")
    assert went_down(world.facts, world.machine.boot, world.desk) == []

    world.works(ended, {"made": b"work\n"}, Exit(0))
    world.machine.reboot()

    (stop,) = went_down(world.facts, world.machine.boot, world.desk)
    assert isinstance(stop, e.StopRequested)
    assert stop.session == unseen
    world.log.append(stop)
    world.go()
    assert world.outcomes() == ["interrupted", "landed"]


def test_a_text_that_was_half_typed_is_unconfirmed_and_never_typed_again() -> None:
    world = World()
    name = world.running()
    world.log.append(e.TypingIntended(name, 5))
    world.restart()

    world.log.append(*half_typed(world.facts))
    world.go()

    assert world.session(name).talk.delivery.fate == "unconfirmed"
    assert world.machine.of(name).sent == []
    assert half_typed(world.facts) == []
