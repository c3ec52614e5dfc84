"""Submitted commands carried out on a world by hand, and sessions at whatever stage a test needs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from swarmctl.app.commands import Context, Done, Doubt
from swarmctl.app.once import HANDLERS, Reply, carry_out
from swarmctl.core import events as e
from swarmctl.core.errors import SwarmError
from swarmctl.core.ids import SessionId
from swarmctl.core.session import Exit, Stage
from swarmctl.loops.engine.advance import Kind
from tests.fakes.desk import CLEAN, World

Answer = dict[str, Any]


def ask(world: World, kind: str, **args: object) -> Answer:
    """Carry a command out to its end."""
    answers: list[Answer] = []
    for step in HANDLERS[kind](args, Context(world.facts, world.shop)):
        if isinstance(step, Done):
            answers.append(step.answer)
            world.log.append(*step.events)
        elif not isinstance(step, Doubt):
            world.log.append(*step) if isinstance(step, tuple) else world.log.append(step)
    (answer,) = answers
    return answer


def submit(
    world: World, command: str, kind: str, until: int | None = None, mid_effect: bool = True, **args: object
) -> Reply:
    """What the supervisor does with a command of this id; killed after `until` events."""
    replies: list[Reply] = []

    def carried_out() -> Iterator[e.Event | e.Batch]:
        replies.append((yield from carry_out(command, kind, args, Context(world.facts, world.shop))))

    world.drive(carried_out(), until, mid_effect)
    return replies[0] if replies else {}


def refused(world: World, kind: str, **args: object) -> SwarmError:
    """It is refused, and the log is as it was."""
    before = world.facts.seq
    with pytest.raises(SwarmError) as caught:
        ask(world, kind, **args)
    assert world.facts.seq == before
    assert "\n" not in caught.value.message
    return caught.value


def limited(world: World, for_s: float = 3600.0) -> SessionId:
    """A session that waits for its provider."""
    name = world.running()
    until = world.clock.now() + for_s
    world.log.append(e.TurnEnded(name, False, "429"), e.ProviderLimited(name, "fake", "rate", "429", until))
    world.works(name, {}, Exit(1))
    world.go()
    return name


def at(world: World, stage: Stage) -> SessionId:
    """A session that came to a stage in the way that sessions do."""
    if stage in (Stage.PLANNED, Stage.PROVISIONED, Stage.LAUNCHING, Stage.RUNNING, Stage.ENDED):
        kinds = {
            Stage.PLANNED: Kind.PROVISION,
            Stage.PROVISIONED: Kind.LAUNCH,
            Stage.ENDED: Kind.SETTLE,
        }
        (task,) = world.submit("one")
        if stage is Stage.LAUNCHING:
            world.go(Kind.LAUNCH)
            world.take(world.steps()[0], until=1, mid_effect=False)
            return world.current(task)
        world.go(kinds.get(stage, Kind.SETTLE))
        if stage is Stage.ENDED:
            world.machine.end(world.current(task), CLEAN)
            world.go(Kind.SETTLE)
        return world.current(task)
    if stage is Stage.READY:
        return world.ready()
    if stage is Stage.LIMITED:
        return limited(world)
    world.repository.dirty = {"README"} if stage is Stage.PARKED else set()
    name = world.running()
    ended = Exit(1) if stage is Stage.KEPT else CLEAN
    world.works(name, {} if stage is Stage.EMPTY else {"README": b"work\n"}, ended)
    before = {Stage.QUEUED: Kind.INTEGRATE, Stage.GATING: Kind.INTEGRATE, Stage.LANDING: Kind.LAND}
    left = world.go(*([before[stage]] if stage in before else []))
    if stage is Stage.GATING:
        world.take(left[0], until=1)
    return name
