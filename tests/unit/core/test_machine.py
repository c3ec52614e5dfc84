"""The state machine: its table is what the events say of themselves, and nothing outside of it happens."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given, settings, strategies as st

from swarmctl.core import events as e
from swarmctl.core.ids import RunId, SessionId, TaskId
from swarmctl.core.machine import TRANSITIONS, Facts, ImpossibleEvent, apply
from swarmctl.core.outcome import Outcome
from swarmctl.core.session import ACTIVE, IN_QUEUE, RESTING, Exit, ProcessId, Session, Stage, State
from tests.fakes.events import built, histories

RUN, TASK, SESSION = RunId("r"), TaskId("t"), SessionId("s")
OPENING: tuple[e.Event, ...] = (
    e.RunSubmitted(RUN, waits=True, lands="waited", target="main"),
    e.TaskAdded(TASK, RUN, 1, "a title", "a prompt", "fake"),
    e.SessionPlanned(SESSION, TASK, RUN, "fake", "swarm/a-s", "main", "0" * 40, "main", "/w/a-s", 41000),
)


def told(*events: e.Event, at: float = 100.0) -> Facts:
    """What is known after these events, one second apart."""
    facts = Facts()
    for number, event in enumerate(events):
        for row in apply(facts, e.Stamped(number + 1, at + number, event)):
            facts.put(row)
    return facts


def documented(kind: type[e.Event]) -> tuple[tuple[Stage, ...], Stage] | str:
    """The transition that the first words of the docstring name; `--` when they name none."""
    words = (kind.__doc__ or "").partition(":")[0].strip()
    if "->" not in words:
        return words
    before, after = (part.strip() for part in words.split("->"))
    return tuple(Stage(stage) for stage in before.split("|")), Stage(after)


@pytest.mark.parametrize("kind", e.EVENTS.values(), ids=lambda kind: str(kind.__name__))
def test_the_docstring_of_an_event_names_the_transition_of_the_table(kind: type[e.Event]) -> None:
    if kind is e.SessionPlanned:
        assert (kind.__doc__ or "").startswith("none -> planned:")
    elif kind in TRANSITIONS:
        allowed, to = TRANSITIONS[kind]
        found = documented(kind)
        assert not isinstance(found, str)
        assert (set(found[0]), found[1]) == (set(allowed), to)
    else:
        assert documented(kind) == "--"


def session_at(stage: Stage) -> Facts:
    """A session at any stage, with everything beside it that an event may lean on."""
    facts = told(*OPENING)
    session = facts.sessions[SESSION]
    fields = {name: getattr(session, name) for name in Session.__dataclass_fields__}
    facts.put(Session(**{**fields, "stage": stage}))
    return facts


@pytest.mark.parametrize("kind", TRANSITIONS, ids=lambda kind: str(kind.__name__))
@given(data=st.data())
@settings(max_examples=1, deadline=None)
def test_an_event_moves_a_session_only_from_the_stages_of_the_table(kind: type[e.Event], data: st.DataObject) -> None:
    event = data.draw(built(kind, session=SESSION))
    allowed, to = TRANSITIONS[kind]
    for stage in Stage:
        facts = session_at(stage)
        landing = e.LandIntended(SESSION, data.draw(built(e.LandIntended)).proof, "main", "0" * 40)
        for row in apply(session_at(Stage.GATING), e.Stamped(8, 8.0, landing)):
            if not isinstance(row, Session):
                facts.put(row)
        if stage in allowed:
            rows = apply(facts, e.Stamped(9, 900.0, event))
            assert [row.stage for row in rows if isinstance(row, Session)] == [to]
        else:
            with pytest.raises(ImpossibleEvent, match=stage.value):
                apply(facts, e.Stamped(9, 900.0, event))


@given(history=histories())
@settings(max_examples=8, deadline=None)
def test_applying_an_event_leaves_the_facts_alone(history: list[e.Event]) -> None:
    *before, last = history
    facts = told(*before)
    untouched = copy.deepcopy(facts)
    first = apply(facts, e.Stamped(999, 999.0, last))
    assert facts == untouched
    assert apply(facts, e.Stamped(999, 999.0, last)) == first


@given(history=histories())
@settings(max_examples=8, deadline=None)
def test_after_any_history_a_landed_session_has_a_landing_and_every_session_a_task(history: list[e.Event]) -> None:
    facts = told(*history)
    for session in facts.sessions.values():
        assert session.task in facts.tasks
        if session.stage in (Stage.LANDED, Stage.PARKED):
            assert session.id in facts.landings
        if session.stage is Stage.LANDED:
            assert session.outcome is Outcome.LANDED
            assert facts.landings[session.id].landed_at is not None


@pytest.mark.parametrize(
    "event",
    [
        e.WorktreeReady(SessionId("nobody"), warm=False),
        e.MergeAsked(SessionId("nobody"), "me"),
        e.Checkpointed(SessionId("nobody"), "c", "why"),
    ],
)
def test_an_event_about_no_session_is_impossible(event: e.Event) -> None:
    with pytest.raises(ImpossibleEvent, match="no session nobody"):
        told(*OPENING, event)


def test_a_session_is_planned_once() -> None:
    with pytest.raises(ImpossibleEvent, match="exists"):
        told(*OPENING, OPENING[-1])


def test_stages_are_active_in_the_queue_or_at_rest_and_never_two_of_these() -> None:
    groups = [ACTIVE, IN_QUEUE, RESTING]
    assert sorted(stage for group in groups for stage in group) == sorted(Stage)


STARTED: tuple[e.Event, ...] = (
    *OPENING,
    e.WorktreeReady(SESSION, warm=True),
    e.LaunchIntended(SESSION, "tmux", 1),
    e.SessionStarted(SESSION, ProcessId(1, 2, "boot"), "%1"),
)


@pytest.mark.parametrize(
    ("exit", "state"),
    [(Exit(0), State.EXITED), (Exit(3), State.EXITED), (Exit(None, 9), State.EXITED), (Exit(None), State.LOST)],
)
def test_an_ending_that_nobody_saw_is_lost_and_not_an_exit(exit: Exit, state: State) -> None:
    session = told(*STARTED, e.SessionEnded(SESSION, exit, "pidfd")).sessions[SESSION]
    assert (session.stage, session.state, session.exit) == (Stage.ENDED, state, exit)


def test_the_time_of_a_state_is_when_it_began() -> None:
    working = e.StateChanged(SESSION, State.WORKING, "hook", "still at it")
    idle = e.StateChanged(SESSION, State.IDLE, "hook", "done")
    assert told(*STARTED, working, at=0.0).sessions[SESSION].state_since == 5.0
    session = told(*STARTED, idle, working, idle, at=0.0).sessions[SESSION]
    assert (session.state, session.state_since, session.state_why) == (State.IDLE, 8.0, "hook: done")


def test_who_waits_for_a_run_is_its_latest_word() -> None:
    left, joined = e.RunLeft(RUN, "the terminal closed"), e.RunJoined(RUN)
    assert [told(*OPENING, *events).runs[RUN].waits for events in ([], [left], [left, joined])] == [True, False, True]


def test_a_reopened_task_has_no_outcome() -> None:
    finished = e.TaskFinished(TASK, Outcome.FAILED, "exit 1")
    task = told(*OPENING, finished).tasks[TASK]
    assert (task.outcome, task.reason, task.finished_at) == (Outcome.FAILED, "exit 1", 103.0)
    task = told(*OPENING, finished, e.TaskReopened(TASK)).tasks[TASK]
    assert (task.outcome, task.reason, task.finished_at) == (None, "", None)
