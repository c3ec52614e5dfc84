"""An agent that says nothing for long: its processes are looked at, now and then, and silence alone is no verdict."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import pytest

from swarmctl.app.stillness import SILENT_S, Stillness
from swarmctl.app.wire import Wired
from swarmctl.core import events as e
from swarmctl.core.ids import SessionId
from swarmctl.core.session import State
from tests.fakes.house import House


class Story:
    def __init__(self) -> None:
        self.house = House()
        self.name: SessionId = self.house.world.running()
        self.stillness = Stillness(cast(Wired, self.house.parts), self.house.engine, self.house.ears.senses)

    def later(self, seconds: float) -> State:
        self.house.world.clock.time += seconds
        self.stillness.look()
        return self.house.world.session(self.name).state


@pytest.fixture
def story() -> Iterator[Story]:
    story = Story()
    yield story
    story.house.engine.close(e.SupervisorStopped("the test is over"))


def test_nobody_knows_what_an_agent_does_that_says_and_does_nothing(story: Story) -> None:
    story.house.parts.works = False

    assert story.later(SILENT_S) is State.WORKING
    assert story.later(SILENT_S - 1) is State.WORKING
    assert story.later(1) is State.UNKNOWN
    assert story.house.world.session(story.name).state_why == "silence: it says nothing, and its processes do nothing"


def test_an_agent_that_is_silent_over_its_work_is_at_work(story: Story) -> None:
    story.later(SILENT_S)

    assert story.later(SILENT_S) is State.WORKING
    assert not [event for event in story.house.world.events if isinstance(event, e.StateChanged)]


def test_processes_that_go_on_end_the_silence_and_so_does_a_word(story: Story) -> None:
    story.house.parts.works = False
    story.later(SILENT_S)
    assert story.later(SILENT_S) is State.UNKNOWN

    story.house.parts.works = True
    assert story.later(SILENT_S) is State.WORKING

    story.house.parts.works = False
    story.later(SILENT_S)
    assert story.later(SILENT_S) is State.UNKNOWN
    story.house.parts.spoken = [("idle", "here I am")]
    story.house.ears.hear({story.name})
    assert story.later(0) is State.IDLE


def test_an_agent_that_waits_for_a_person_may_be_silent(story: Story) -> None:
    story.house.parts.works = False
    story.house.parts.spoken = [("blocked", "may I?")]
    story.house.ears.hear({story.name})

    story.later(SILENT_S)

    assert story.later(SILENT_S) is State.BLOCKED
