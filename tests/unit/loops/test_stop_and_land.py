"""A stop, or the end of a wait, at every instant around a landing: the ledger says what the branch says."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from swarmctl.app.commands import Context
from swarmctl.app.once import carry_out
from swarmctl.core import events as e
from swarmctl.core.errors import EnvironmentFault
from swarmctl.core.ids import SessionId
from swarmctl.core.machine import ImpossibleEvent
from swarmctl.core.outcome import Outcome
from swarmctl.core.ports import Moved
from swarmctl.core.session import Stage
from swarmctl.loops.engine.advance import Kind
from swarmctl.loops.engine.steps import take
from tests.fakes.asking import at
from tests.fakes.desk import World

MOMENTS = 12
"""More than there are, so that the last stand for a command after everything."""


def on_its_way(world: World) -> Iterator[None]:
    """Through the gates and onto the branch; pauses after each effect, and after each event."""
    for kind in (Kind.INTEGRATE, Kind.LAND):
        for step in [step for step in world.steps() if step.kind is kind]:
            for event in take(step, world.facts, world.shop):
                yield
                try:
                    world.log.append(event)
                except ImpossibleEvent:
                    break
                yield


class Commanded:
    """A command that decides at one moment and is written at another, beside the step."""

    def __init__(self, world: World, kind: str, name: SessionId) -> None:
        self.world = world
        self.args = {"id": name, "run": world.session(name).run}
        self.stream = carry_out("id", kind, self.args, Context(world.facts, world.shop))
        self.decided = next(self.stream)
        self.answered = False

    def write(self) -> None:
        batch = self.decided if isinstance(self.decided, tuple) else (self.decided,)
        try:
            self.world.log.append(*batch)
        except ImpossibleEvent:
            return
        self.answered = not any(isinstance(event, e.CommandDone) and "error" in event.answer for event in batch)
        assert list(self.stream) == []


@pytest.mark.parametrize("kind", ["stop", "leave"])
@pytest.mark.parametrize("written", range(MOMENTS))
@pytest.mark.parametrize("decided", range(MOMENTS))
def test_what_landed_is_said_to_have_landed_and_nothing_else_is(kind: str, decided: int, written: int) -> None:
    world = World()
    name = at(world, Stage.QUEUED)
    moments = on_its_way(world)
    command: Commanded | None = None
    for moment in range(MOMENTS):
        if moment == decided:
            command = Commanded(world, kind, name)
        if command is not None and moment == max(decided, written):
            command.write()
        next(moments, None)
    world.go()
    session = world.session(name)
    landed = world.main() != world.files
    assert (session.stage is Stage.LANDED) is landed
    assert world.outcomes() == [Outcome.LANDED if landed else Outcome.READY]
    assert command is not None and not (kind == "stop" and command.answered and landed), (
        "stopped, and landed all the same"
    )


@pytest.mark.parametrize("parked", [True, False])
def test_a_landing_that_ends_in_a_fault_after_the_branch_moved_is_found(parked: bool) -> None:
    world = World()
    name = at(world, Stage.LANDING)
    world.repository.dirty = {"README"} if parked else set()
    land = world.integration.land

    def and_then_the_disk_is_full(proof: object, target: str) -> Moved:
        land(proof, target)  # type: ignore[arg-type]
        raise EnvironmentFault("disk is full")

    world.integration.land = and_then_the_disk_is_full  # type: ignore[method-assign]
    world.go()
    assert world.session(name).stage is (Stage.PARKED if parked else Stage.LANDED)
