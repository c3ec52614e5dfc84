"""When terminals are looked at: after they printed, twice for a change, and not at all while they are quiet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from swarmctl.app.looking import Looking, Pace, Seen, Watched
from swarmctl.core.ids import SessionId
from swarmctl.core.screen import Manifest, Region, Rule, TitleRule
from swarmctl.core.session import State
from tests.fakes.panes import FakePanes
from tests.fakes.processes import until

MANIFEST = Manifest(
    1,
    {"end": Region(last=1)},
    (Rule(State.WORKING, "end", any=("^busy",)), Rule(State.IDLE, "end", any=("^>",))),
    (TitleRule(State.WORKING, "^busy"),),
)
AT_ONCE = Pace(0.0, 0.0, 0.0)
ONE = SessionId("one")
OTHER = SessionId("other")


@dataclass
class Story:
    panes: FakePanes = field(default_factory=FakePanes)
    seen: list[Seen] = field(default_factory=list)
    watched: list[Watched] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.looking = Looking(self.panes, self.seen.append)

    def watch(self, pace: Pace = AT_ONCE) -> None:
        self.watched = [Watched(ONE, "%1", MANIFEST, pace)]
        self.looking.follow(self.watched)

    def watch_another(self) -> None:
        """Beside it: once something is told of this one, time went by for both."""
        self.looking.follow([*self.watched, Watched(OTHER, "%2", MANIFEST, AT_ONCE)])

    def told_last(self, session: SessionId) -> State | None:
        found = [each.screen.state for each in self.seen if each.session == session and each.screen]
        return found[-1] if found else None

    def states(self) -> list[State | None]:
        return [each.screen.state if each.screen else None for each in self.seen]


@pytest.fixture
def story() -> Iterator[Story]:
    story = Story()
    yield story
    story.looking.close()


def test_what_a_terminal_says_is_told_once_for_each_change(story: Story) -> None:
    story.panes.paint("%1", "hello\nbusy 1")
    story.watch()
    assert until(lambda: story.states() == [State.WORKING])
    for frame in range(2, 20):
        story.panes.paint("%1", f"hello\nbusy {frame}")
    story.panes.paint("%1", "hello\n> ", title="busy", viewers=1)

    assert until(lambda: story.states() == [State.WORKING, State.IDLE])
    first, last = story.seen
    assert (first.first, first.viewed, first.title) == (True, False, None)
    assert (last.first, last.viewed, last.title is not None) == (False, True, True)
    assert first.at <= last.at


def test_a_quiet_terminal_is_not_looked_at(story: Story) -> None:
    story.panes.paint("%1", "busy")
    story.watch()
    assert until(lambda: len(story.seen) == 1)
    looks = story.panes.looked.count("%1")

    story.watch_another()
    for _ in range(3):
        story.panes.paint("%2", "busy")
        assert until(lambda: story.told_last(OTHER) is State.WORKING)
        story.panes.paint("%2", "> ")
        assert until(lambda: story.told_last(OTHER) is State.IDLE)

    assert story.panes.looked.count("%1") == looks


def test_a_half_painted_picture_changes_nothing(story: Story) -> None:
    story.panes.paint("%1", "busy")
    story.watch(Pace(settle_s=0.0, gap_s=0.0, agree_s=3600.0))
    assert until(lambda: len(story.panes.looked) == 1)

    story.panes.paint("%2", "busy")
    story.watch_another()
    assert until(lambda: story.told_last(OTHER) is State.WORKING)

    assert story.told_last(ONE) is None


def test_while_a_person_looks_at_it_nobody_waits_as_long_as_the_pace_says(story: Story) -> None:
    story.panes.paint("%1", "busy", viewers=1)
    story.watch(Pace(settle_s=3600.0, gap_s=3600.0, agree_s=3600.0))
    assert until(lambda: story.states() == [State.WORKING])

    story.panes.paint("%1", "> ", viewers=1)

    assert until(lambda: story.states() == [State.WORKING, State.IDLE])


def test_a_terminal_that_cannot_be_seen_is_tried_again_and_says_nothing_meanwhile(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("swarmctl.app.looking.AGAIN_S", 0.0)
    story.panes.broken = True
    story.panes.paint("%1", "busy")
    story.watch()
    story.panes.broken = False

    assert until(lambda: story.states() == [State.WORKING])


def test_a_terminal_that_lied_is_looked_at_again_although_it_prints_nothing_more(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("swarmctl.app.looking.AGAIN_S", 0.0)
    story.panes.lying.add("%1")
    story.panes.paint("%1", "busy")
    story.watch()
    assert until(lambda: "%1" in story.panes.looked)
    story.panes.lying.clear()

    assert until(lambda: story.states() == [State.WORKING])


def test_who_is_not_followed_any_more_is_forgotten(story: Story) -> None:
    story.panes.paint("%1", "busy")
    story.watch()
    assert until(lambda: len(story.seen) == 1)

    story.looking.follow([])

    assert until(lambda: story.panes.forgotten == {"%1"})
