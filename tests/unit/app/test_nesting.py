"""Sessions that ask for runs: who waits lends a slot, who does not wait lends none, and it ends somewhere."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from swarmctl.core import events as e
from swarmctl.core.errors import Refused
from swarmctl.core.ids import RunId, SessionId
from swarmctl.flow.session.surroundings import DEEPEST
from tests.fakes.asking import Answer, ask
from tests.fakes.desk import World


def submitted(world: World, run: str, env: Mapping[str, str], *prompts: str, waits: bool = True) -> Answer:
    tasks = [{"key": prompt, "prompt": prompt, "agent": "fake"} for prompt in prompts]
    return ask(world, "run", run=run, tasks=tasks, env=env, waits=waits, lands="waited")


def nested(world: World, inside: SessionId, *prompts: str, waits: bool = True) -> Answer:
    """A run that is asked for by an agent."""
    env = dict(world.machine.of(inside).launch.env)
    return submitted(world, f"in-{inside}", env, *prompts, waits=waits)


def active(world: World) -> list[SessionId]:
    return [session.id for session in world.facts.sessions.values() if session.active]


def test_a_session_that_waits_for_its_own_run_lends_its_place_to_one_of_it() -> None:
    world = World(max_running=1)
    parent = world.running()
    nested(world, parent, "a", "b")
    world.submit("other")
    world.go()
    child = active(world)[-1]
    assert len(active(world)) == 2 and world.task_of(child).title == "a"
    nested(world, child, "c")
    world.go()
    assert len(active(world)) == 3 and world.task_of(active(world)[-1]).title == "c"
    for name in (active(world)[-1], child):
        world.works(name, {name: b"work\n"})
        world.go()
    assert [world.task_of(name).title for name in active(world)] == ["one", "b"]
    assert e.Noticed(parent, f"asked for run in-{parent} and waits for it") in world.events


@pytest.mark.parametrize("how", ["detached", "its caller is gone"])
def test_a_session_that_does_not_wait_lends_nothing(how: str) -> None:
    world = World(max_running=1)
    parent = world.running()
    nested(world, parent, "a", waits=how != "detached")
    if how != "detached":
        world.log.append(e.RunLeft(RunId(f"in-{parent}"), "gone"))
    world.go()
    assert active(world) == [parent]


@pytest.mark.parametrize("forgets", [True, False])
def test_sessions_that_ask_for_sessions_come_to_an_end(forgets: bool) -> None:
    world = World(max_running=1)
    name = world.running()
    for _ in range(DEEPEST - 1):
        nested(world, name, "again")
        world.go()
        name = active(world)[-1]
    env = dict(world.machine.of(name).launch.env)
    assert env["SWARM_DEPTH"] == str(DEEPEST)
    if forgets:
        del env["SWARM_DEPTH"]
    with pytest.raises(Refused, match=f"{DEEPEST} deep") as refusal:
        submitted(world, "x", env, "once more")
    assert refusal.value.hint
