"""What an agent's own transcript tells: at once, of this process only, and less than its hooks where both speak."""

from __future__ import annotations

import json
import selectors
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from swarmctl.app.tails import Tails, end_of
from swarmctl.app.wire import Wired
from swarmctl.core import events as e
from swarmctl.core.agent import EventRule, TranscriptRules
from swarmctl.core.ids import SessionId
from swarmctl.core.session import Session, State
from swarmctl.flow.session.hearing import Heard
from tests.fakes.house import House

RULES = TranscriptRules(
    find=(),
    path="transcript_path",
    lines=(
        EventRule("begin", state=State.WORKING, turn="begins"),
        EventRule("cut", state=State.IDLE, why="interrupted"),
        EventRule("end", state=State.IDLE, turn="ends", said="words"),
        EventRule("fail", state=State.IDLE, turn="fails", said="words"),
    ),
)


class Story:
    def __init__(self, folder: Path) -> None:
        self.house = House()
        self.house.world.agents.transcript = replace(RULES, find=(f"{folder}/*/{{id}}.jsonl",))
        self.house.world.clock.time = 1.8e9
        self.name: SessionId = self.house.world.running()
        self.path = folder / "deep" / "talk.jsonl"
        self.selector = selectors.DefaultSelector()
        self.tails = Tails(cast(Wired, self.house.parts), self.house.engine, self.house.ears, self.selector)
        self.house.ears.transcripts[(self.name, self.session.attempt)] = str(self.path)
        self.tails.look()

    @property
    def session(self) -> Session:
        return self.house.world.session(self.name)

    def write(self, *kinds: str, ago: float = 0.0, **more: str) -> None:
        self.path.parent.mkdir(exist_ok=True)
        self.house.world.clock.time += 1
        with self.path.open("a") as stream:
            for kind in kinds:
                at = self.house.world.clock.now() - ago
                stream.write(json.dumps({"type": kind, "timestamp": at, **more}) + "\n")

    def until(self, holds: Callable[[], bool]) -> None:
        while not holds():
            assert self.selector.select(30), "nothing came"
            self.tails.woken(0)
            self.tails.look()

    def ends(self) -> list[e.TurnEnded]:
        return [event for event in self.house.world.events if isinstance(event, e.TurnEnded)]


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    story = Story(tmp_path)
    yield story
    story.tails.close()
    story.selector.close()
    story.house.engine.close(e.SupervisorStopped("the test is over"))


def test_an_interrupted_turn_is_known_at_once_and_ends_nothing(story: Story) -> None:
    story.write("begin", "other")
    story.write("cut")
    story.until(lambda: story.session.state is State.IDLE)

    assert story.session.state_why == "transcript: interrupted"
    story.write("begin")
    story.until(lambda: story.session.state is State.WORKING)
    assert story.ends() == []


def test_the_turn_of_an_agent_without_hooks_ends_by_its_transcript(story: Story) -> None:
    story.write("begin", "end", words="all done")
    story.until(lambda: story.session.state is State.IDLE)

    assert [(event.ok, event.said) for event in story.ends()] == [(True, "all done")]
    story.write("begin")
    story.until(lambda: story.session.state is State.WORKING)
    assert not story.session.talk.ended, "a person told it more"
    story.write("end", words="that too")
    story.until(lambda: len(story.ends()) == 2)


def test_what_a_hook_tells_is_left_to_it_but_not_that_a_turn_failed(story: Story) -> None:
    story.house.parts.spoken = [("working", "at it")]
    story.house.ears.hear({story.name})
    story.write("end")
    story.until(lambda: story.session.state is State.IDLE)
    assert story.ends() == []

    story.write("begin", "fail", words="401")
    story.until(lambda: bool(story.ends()))
    assert [(event.ok, event.said) for event in story.ends()] == [(False, "401")]


def test_lines_of_an_earlier_process_say_nothing(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    began = story.house.world.clock.now()
    monkeypatch.setattr("swarmctl.app.tails.began", lambda process, now: began)
    story.write("end", ago=1.3)
    story.write("cut")
    story.until(lambda: story.session.state is State.IDLE)

    assert story.ends() == []
    assert len([event for event in story.house.world.events if isinstance(event, e.StateChanged)]) == 1


def test_a_file_that_is_not_among_the_agents_own_is_not_followed(story: Story, tmp_path: Path) -> None:
    key = (story.name, story.session.attempt)
    story.path.parent.mkdir()
    story.house.ears.transcripts[key] = "/etc/passwd"
    story.house.world.log.append(e.ConversationKnown(story.name, "talk"))
    story.tails.follow()

    story.write("cut")
    story.tails.follow()
    story.tails.look()
    assert story.session.state is State.IDLE, "the one that is found by its name is"


def test_a_session_that_names_the_file_of_another_takes_nothing_from_it(story: Story) -> None:
    other = story.house.world.running("two")
    story.house.ears.transcripts[(other, 1)] = str(story.path)
    story.tails.look()

    story.write("cut")
    story.until(lambda: story.session.state is State.IDLE)


def test_a_line_that_cannot_be_understood_costs_its_session_alone(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = story.house.world.running("two")
    deaf = story.path.with_name("deaf.jsonl")
    story.house.ears.transcripts[(other, 1)] = str(deaf)
    story.tails.look()

    def breaks() -> list[dict[str, object]]:
        raise ValueError("a defect")

    monkeypatch.setattr(story.tails._tails[other][0], "lines", breaks)
    story.write("cut")
    deaf.write_text("{}\n")
    story.until(lambda: story.session.state is State.IDLE and story.house.count(e.Noticed) == 1)


@pytest.mark.parametrize(
    ("turns", "end"),
    [
        ("ends", "ends"),
        ("begins ends begins", None),
        ("fails ends", "fails"),
        ("fails begins ends", "ends"),
        ("", None),
    ],
)
def test_how_the_last_turn_ended(turns: str, end: str | None) -> None:
    found = end_of(tuple(Heard(turn=turn) for turn in turns.split()))  # type: ignore[arg-type]

    assert (found.turn if found else None) == end
