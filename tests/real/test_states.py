"""What swarmctl believes of the real CLIs in their own interfaces: at work, asking, interrupted by Esc, at rest."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from swarmctl.core import events as e
from swarmctl.core.session import Stage, State
from tests.e2e.world import World, living, until
from tests.real.homes import at_home, need
from tests.real.person import Person
from tests.real.provider import Provider
from tests.real.recorded import Conversation
from tests.real.scenario import Gate, Run, Say

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]


@pytest.fixture
def talk(provider: Provider) -> Conversation:
    return provider.script("states")


@pytest.fixture(params=["claude"])
def world(request: pytest.FixtureRequest, tmp_path: Path, talk: Conversation) -> Iterator[World]:
    need(request.param)
    with living(World(tmp_path)) as made:
        made.found()
        at_home(made, request.param, talk.url, SWARMCTL__SANDBOX__MODE="off", SWARMCTL__AGENT__DEFAULT=request.param)
        yield made


def begin(world: World) -> None:
    words = ("--mode", "interactive", "--permission", "ask", "--detach", "--no-merge")
    world.swarmctl("run", "Do the thing", *words, rc=0)


def believed(world: World, state: State, kind: str = "") -> None:
    def is_so() -> bool:
        sessions = list(world.facts().sessions.values())
        return [(each.state, each.state_kind) for each in sessions] == [(state, kind)]

    until(is_so, f"the agent to be {state} {kind}")


def test_esc_while_the_model_thinks_is_seen_though_no_hook_tells_it(world: World, talk: Conversation) -> None:
    thinking = Gate()
    talk.then(Say("Never said.", gate=thinking))
    begin(world)
    thinking.wait_until_held()
    believed(world, State.WORKING)

    Person(world).interrupts()

    believed(world, State.IDLE)
    thinking.open()
    last = world.events(e.StateChanged)[-1]
    assert last.source in ("title", "screen")
    assert ("agent hook", State.WORKING, "overruled") in [(r.source, r.state, r.fate) for r in last.reasons]


def test_a_question_blocks_and_a_rejection_at_the_pane_lets_it_rest(world: World, talk: Conversation) -> None:
    talk.then(Run("touch made", say="Now a command."))
    begin(world)
    believed(world, State.BLOCKED, "permission")
    until(lambda: "Esc to cancel" in "\n".join(Person(world).sees()), "the dialog")

    Person(world).interrupts()

    believed(world, State.IDLE)
    states = [event.state for event in world.events(e.StateChanged)]
    assert states.count(State.BLOCKED) == 1


@pytest.mark.parametrize("world", ["claude", "codex"], indirect=True)
def test_esc_by_a_person_who_looks_is_seen_and_so_is_what_they_type_next(world: World, talk: Conversation) -> None:
    thinking, talking, again = Gate(), Gate(), Gate()
    talk.then(
        Say("Never.", gate=thinking),
        Say("Nor this.", first="Well then.\n\nNow", gate=talking),
        Say("Done.", gate=again),
    )
    begin(world)
    thinking.wait_until_held()
    believed(world, State.WORKING)
    with Person(world) as person:
        for held, prompt in ((talking, "Once more"), (again, "And again")):
            until(lambda: re.search("esc to interrupt|Well then", "\n".join(person.sees())), "it to show that it works")
            person.interrupts()
            believed(world, State.IDLE)
            person.types(prompt)
            held.wait_until_held()
            believed(world, State.WORKING)
        again.open()
        until(lambda: world.session().talk.ended == "ends", "the end of the turn")
        assert world.session().stage is Stage.RUNNING
    changes = [event.state for event in world.events(e.StateChanged)]
    assert changes[-5:-1] == [State.IDLE, State.WORKING, State.IDLE, State.WORKING]
