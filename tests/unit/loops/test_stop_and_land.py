"""A stop, or the end of a wait, at every instant around a landing: the ledger says what the branch says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from swarmctl.app.commands import Context
from swarmctl.app.once import carry_out
from swarmctl.core import events as e
from swarmctl.core.errors import EnvironmentFault
from swarmctl.core.ids import SessionId
from swarmctl.core.machine import ImpossibleEvent
from swarmctl.core.outcome import Outcome
from swarmctl.core.ports import HookOutcome, Moved
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
                    world.log.append(*event) if isinstance(event, tuple) else world.log.append(event)
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


@pytest.mark.parametrize("waits", [True, False])
@pytest.mark.parametrize(("until", "mid_effect"), [(0, False), (0, True), (1, False), (1, True)])
def test_wherever_a_landing_is_killed_its_hooks_run_once(waits: bool, until: int, mid_effect: bool) -> None:
    world = World()
    hooked: list[str] = []
    world.hooks.registered["post_merge"] = [lambda told: hooked.append(told["SWARM_COMMIT"]) or ""]  # type: ignore[func-returns-value]
    name = at(world, Stage.LANDING)
    world.take(world.steps()[0], until, mid_effect)
    world.restart()
    if not waits:
        world.log.append(e.RunLeft(world.session(name).run, "nobody is there"))
    world.go()
    assert hooked == ([world.session(name).landed] if world.main() != world.files else [])
    assert (world.session(name).stage is Stage.LANDED) is bool(hooked)


def test_hooks_that_cannot_run_keep_nobody_waiting_and_are_told() -> None:
    world = World()
    fire = world.hooks.fire

    def broken(event: str, told: Mapping[str, str], cwd: str) -> list[HookOutcome]:
        if event == "post_merge":
            raise EnvironmentFault("no space")
        return fire(event, told, cwd)

    world.hooks.registered["post_merge"] = [lambda told: ""]
    world.hooks.fire = broken  # type: ignore[method-assign,assignment]
    name = at(world, Stage.LANDED)
    assert world.outcomes() == [Outcome.LANDED]
    assert e.Noticed(name, "its post_merge hooks could not run: no space") in world.events
