"""An agent that only its terminal shows at rest: its turn is over after a while, unless a person is at it."""

from __future__ import annotations

import selectors
from collections.abc import Iterator
from dataclasses import replace
from typing import cast

import pytest

from swarmctl.app.eyes import RESTS_S, Eyes
from swarmctl.app.senses import Senses
from swarmctl.app.wire import Wired
from swarmctl.core import events as e
from swarmctl.core.agent import EventRule
from swarmctl.core.attention import need_in
from swarmctl.core.ids import SessionId
from swarmctl.core.session import State
from tests.fakes.house import House


@pytest.fixture
def house() -> Iterator[House]:
    house = House()
    yield house
    house.engine.close(e.SupervisorStopped("the test is over"))


@pytest.fixture
def eyes(house: House) -> Iterator[Eyes]:
    with selectors.DefaultSelector() as selector:
        eyes = Eyes(cast(Wired, house.parts), house.engine, Senses(house.world.clock), selector)
        yield eyes
        eyes.close()


def resting(house: House, mode: str) -> SessionId:
    name = house.world.running()
    session = house.world.session(name)
    house.world.facts.sessions[name] = replace(session, talk=replace(session.talk, mode=mode))  # type: ignore[arg-type]
    house.world.log.append(e.StateChanged(name, State.IDLE, "screen", "Missing a key"))
    return name


@pytest.mark.parametrize(("tells", "ended"), [(False, "ends"), (True, "fails")])
def test_its_turn_is_over_after_a_while_and_badly_only_where_it_would_have_said_so(
    house: House, eyes: Eyes, tells: bool, ended: str
) -> None:
    house.world.agents.events = (EventRule("Stop", state=State.IDLE, turn="ends"),) if tells else ()
    name = resting(house, "interactive")

    eyes.look()
    assert house.world.session(name).talk.ended == ""
    assert eyes.next_due() == pytest.approx(house.world.clock.monotonic() + RESTS_S)

    house.world.clock.time += RESTS_S
    eyes.look()
    talk = house.world.session(name).talk
    assert (talk.ended, talk.said) == (ended, "")
    assert eyes.next_due() == float("inf")


def test_one_of_whom_nobody_knows_that_it_was_told_anything_needs_a_person_and_lives_on(
    house: House, eyes: Eyes
) -> None:
    name = resting(house, "interactive")
    house.world.log.append(e.PromptTyped(name, "unconfirmed", "nothing shows that its agent took it"))

    house.world.clock.time += RESTS_S
    eyes.look()

    session = house.world.session(name)
    assert (session.state, session.state_kind, session.talk.ended) == (State.BLOCKED, "unconfirmed", "")
    assert "nothing shows that its agent took it" in session.state_why
    assert need_in(session, house.world.facts.tasks[session.task]) == "blocked"


def test_an_agent_without_an_interface_is_left_to_end_by_itself(house: House, eyes: Eyes) -> None:
    name = resting(house, "headless")

    house.world.clock.time += 2 * RESTS_S
    eyes.look()

    assert house.world.session(name).talk.ended == ""


def test_nothing_is_taken_from_under_a_person(house: House, eyes: Eyes, monkeypatch: pytest.MonkeyPatch) -> None:
    name = resting(house, "interactive")
    monkeypatch.setattr(Eyes, "is_attended", lambda self, session: True)

    house.world.clock.time += 2 * RESTS_S
    eyes.look()

    assert house.world.session(name).talk.ended == ""
    assert eyes.next_due() == float("inf")
