"""One event for each real change, with every source's word; a new supervisor begins where the ledger stands."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from swarmctl.app.looking import Seen
from swarmctl.app.senses import Senses, is_news
from swarmctl.core.events import StateChanged
from swarmctl.core.evidence import Evidence, Source
from swarmctl.core.ids import RunId, SessionId, TaskId
from swarmctl.core.screen import Reading
from swarmctl.core.session import Session, Stage, State
from swarmctl.flow.session.belief import BEGINS_S

NOW = 1000.0
SESSION = Session(
    SessionId("s"), TaskId("t"), RunId("r"), "mine", "b", "main", "c", "main", "/w", 0, 1.0,
    stage=Stage.RUNNING, state=State.WORKING, state_since=900.0, state_why="its process runs", pane="%1",
)  # fmt: skip


@dataclass
class Clock:
    at: float = NOW

    def now(self) -> float:
        return self.at

    def monotonic(self) -> float:
        return self.at


@pytest.fixture
def senses() -> Senses:
    return Senses(Clock())


def seen(
    title: State | None, screen: State | None, at: float = NOW - 10, viewed: bool = False, first: bool = False
) -> Seen:
    readings = [Reading(state, "", "its line") if state else None for state in (title, screen)]
    return Seen(SessionId("s"), "%1", at, readings[0], readings[1], viewed, first)


def hook(state: State, at: float = NOW - 50, begins: bool = False, ends: bool = False) -> Evidence:
    return Evidence(Source.HOOK, at, state, begins=begins, ends=ends)


def after(session: Session, change: StateChanged | None) -> Session:
    assert change is not None
    return replace(
        session, state=change.state, state_kind=change.kind, state_since=NOW, state_why=f"{change.source}: {change.why}"
    )


def test_a_look_that_changes_what_is_believed_is_one_event_with_its_reasons(senses: Senses) -> None:
    senses.weigh(SESSION, [hook(State.WORKING, begins=True)], senses.belief(SESSION))

    change = senses.see(SESSION, seen(State.IDLE, State.IDLE))

    assert change is not None
    assert (change.state, change.source, change.why) == (State.IDLE, "title", "its line")
    assert [(reason.source, reason.fate) for reason in change.reasons] == [
        ("agent hook", "overruled"), ("title", ""), ("screen", ""),
    ]  # fmt: skip
    assert senses.see(after(SESSION, change), seen(State.IDLE, State.IDLE)) is None


def test_a_look_at_a_pane_that_is_not_its_own_any_more_is_nothing(senses: Senses) -> None:
    assert senses.see(replace(SESSION, pane="%2"), seen(None, State.BLOCKED)) is None
    assert senses.see(replace(SESSION, stage=Stage.ENDED), seen(None, State.BLOCKED)) is None


def test_what_has_not_stood_yet_is_weighed_again_when_it_has(senses: Senses) -> None:
    clock = Clock()
    senses = Senses(clock)
    senses.weigh(SESSION, [hook(State.WORKING)], senses.belief(SESSION))
    assert senses.next_due() is None

    assert senses.see(SESSION, seen(None, State.IDLE, at=NOW)) is None
    due = senses.next_due()
    assert due is not None
    assert senses.look_again([SESSION]) == []
    clock.at += due + 0.01

    assert [change.state for change in senses.look_again([SESSION])] == [State.IDLE]
    assert senses.next_due() is None


def test_a_finished_turn_that_nobody_looked_at_is_unseen_until_somebody_does(senses: Senses) -> None:
    senses.see(SESSION, seen(State.WORKING, State.WORKING, at=NOW - 60))
    belief = senses.weigh(SESSION, [hook(State.IDLE, ends=True)], senses.belief(SESSION))
    assert belief.state is State.DONE_UNSEEN
    rests = replace(SESSION, state=State.DONE_UNSEEN, state_why="agent hook: done")

    change = senses.see(rests, seen(State.IDLE, State.IDLE, viewed=True))

    assert change is not None
    assert change.state is State.IDLE


def test_a_turn_without_an_interface_is_just_over(senses: Senses) -> None:
    belief = senses.weigh(SESSION, [hook(State.IDLE, ends=True)], senses.belief(SESSION))

    assert belief.state is State.IDLE


@pytest.mark.parametrize(
    ("state", "shows", "expected"),
    [
        (State.BLOCKED, State.WORKING, State.BLOCKED),
        (State.WORKING, State.BLOCKED, State.BLOCKED),
        (State.IDLE, None, State.IDLE),
    ],
)
def test_a_new_supervisor_goes_on_from_the_ledger(
    senses: Senses, state: State, shows: State | None, expected: State
) -> None:
    known = replace(SESSION, state=state, state_why="agent hook: its word")

    change = senses.see(known, seen(None, shows, first=True))

    assert (change.state if change else known.state) is expected


def test_a_first_look_at_rest_counts_once_it_stood_for_longer_than_a_start_takes(senses: Senses) -> None:
    known = replace(SESSION, state_why="agent hook: its word")

    assert senses.see(known, seen(None, State.IDLE, at=NOW - 1, first=True)) is None
    change = senses.see(known, seen(None, State.BLOCKED, at=NOW - 1, first=True))
    assert change is not None
    again = Senses(Clock()).see(known, seen(None, State.IDLE, at=NOW - BEGINS_S - 1, first=True))
    assert again is not None
    assert again.state is State.IDLE


def test_a_later_attempt_begins_without_the_evidence_of_the_one_before(senses: Senses) -> None:
    senses.weigh(SESSION, [hook(State.BLOCKED)], senses.belief(SESSION))
    again = replace(SESSION, attempt=2)
    senses.keep([again])

    belief = senses.weigh(again, [], senses.belief(again))

    assert not is_news(belief, senses.belief(again))
    assert belief.state is State.WORKING
