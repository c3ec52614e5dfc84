"""What evidence adds up to: the stronger source first, the newer one when it stands, and never more than is known."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, strategies as st

from swarmctl.core.evidence import Belief, Evidence, Reason, Source
from swarmctl.core.session import State
from swarmctl.flow.session.belief import BEGINS_S, STANDS_S, TRIES_S, fuse

NOTHING = Belief(State.STARTING, since=0.0)
NOW = 100.0


def hook(state: State, at: float, kind: str = "", begins: bool = False, ends: bool = False) -> Evidence:
    return Evidence(Source.HOOK, at, state, kind, begins=begins, ends=ends)


def title(state: State, at: float) -> Evidence:
    return Evidence(Source.TITLE, at, state)


def screen(state: State, at: float, kind: str = "") -> Evidence:
    return Evidence(Source.SCREEN, at, state, kind)


def transcript(state: State, at: float, begins: bool = False) -> Evidence:
    return Evidence(Source.TRANSCRIPT, at, state, begins=begins)


def believed(state: State, since: float = 50.0) -> Belief:
    return Belief(state, since)


WHO_WINS = {
    "a hook over an older screen": ([hook(State.WORKING, 60), screen(State.IDLE, 50)], State.WORKING),
    "a dead process over everything": (
        [Evidence(Source.PROCESS, 10, State.EXITED), hook(State.WORKING, 60), screen(State.WORKING, 90)],
        State.EXITED,
    ),
    "Esc, which no hook tells: title and screen are newer and agree": (
        [hook(State.WORKING, 60), title(State.IDLE, 70), screen(State.IDLE, 70)],
        State.IDLE,
    ),
    "not a title alone while the screen still shows work": (
        [hook(State.WORKING, 60), title(State.IDLE, 70), screen(State.WORKING, 65)],
        State.WORKING,
    ),
    "a title alone when nobody reads the screen": ([hook(State.WORKING, 60), title(State.IDLE, 70)], State.IDLE),
    "a dialog that only the screen knows": (
        [hook(State.WORKING, 60), screen(State.BLOCKED, 70, "trust")],
        State.BLOCKED,
    ),
    "a permission answered at the pane": (
        [hook(State.BLOCKED, 60, "permission"), screen(State.WORKING, 70)],
        State.WORKING,
    ),
    "a permission asked while nobody looked, of an agent that a look finds at work": (
        [hook(State.BLOCKED, 60, "permission"), Evidence(Source.TITLE, 62, State.WORKING, after=58)],
        State.BLOCKED,
    ),
    "a permission answered between two looks": (
        [hook(State.BLOCKED, 60, "permission"), Evidence(Source.TITLE, 66, State.WORKING, after=62)],
        State.WORKING,
    ),
    "a permission that is still asked": (
        [hook(State.BLOCKED, 60, "permission"), screen(State.WORKING, 55)],
        State.BLOCKED,
    ),
    "a dialog on the screen over a title that only knows work and rest": (
        [title(State.IDLE, 70), screen(State.BLOCKED, 60, "trust")],
        State.BLOCKED,
    ),
    "a question over a title that went to rest with it": (
        [hook(State.BLOCKED, 60, "permission"), title(State.IDLE, 61)],
        State.BLOCKED,
    ),
    "never a screen that speaks of an end: the kernel tells that": (
        [hook(State.WORKING, 60), screen(State.EXITED, 70)],
        State.WORKING,
    ),
    "silence that came before the last word": (
        [hook(State.WORKING, 60), Evidence(Source.SILENCE, 50, State.UNKNOWN)],
        State.WORKING,
    ),
    "silence since the last word: nobody knows": (
        [hook(State.WORKING, 60), screen(State.WORKING, 62), Evidence(Source.SILENCE, 90, State.UNKNOWN)],
        State.UNKNOWN,
    ),
    "no silence over a question": (
        [hook(State.BLOCKED, 60, "permission"), Evidence(Source.SILENCE, 90, State.UNKNOWN)],
        State.BLOCKED,
    ),
    "processes that work again after a silence": (
        [
            hook(State.WORKING, 60),
            Evidence(Source.PROCESS, 95, State.WORKING),
            Evidence(Source.SILENCE, 90, State.UNKNOWN),
        ],
        State.WORKING,
    ),
    "a screen at rest over processes that had worked": (
        [Evidence(Source.PROCESS, 60, State.WORKING), screen(State.IDLE, 70)],
        State.IDLE,
    ),
    "an Esc that only the transcript tells": ([hook(State.WORKING, 60), transcript(State.IDLE, 70)], State.IDLE),
    "at once": ([hook(State.WORKING, 60), transcript(State.IDLE, NOW)], State.IDLE),
    "never a transcript that lags behind": ([hook(State.WORKING, 60), transcript(State.IDLE, 59)], State.WORKING),
    "a turn that began after a question, by the transcript alone": (
        [hook(State.BLOCKED, 60, "permission"), transcript(State.WORKING, 70, begins=True)],
        State.WORKING,
    ),
    "a question while the transcript goes on about work": (
        [hook(State.BLOCKED, 60, "permission"), transcript(State.WORKING, 70)],
        State.BLOCKED,
    ),
    "how the turn ended by the hook, and not that it is over": (
        [hook(State.RATE_LIMITED, 60, ends=True), transcript(State.IDLE, 61)],
        State.RATE_LIMITED,
    ),
    "a retry that the screen shows": ([hook(State.WORKING, 60), screen(State.RATE_LIMITED, 70)], State.RATE_LIMITED),
}


@pytest.mark.parametrize(("evidence", "state"), WHO_WINS.values(), ids=WHO_WINS.keys())
def test_who_wins(evidence: list[Evidence], state: State) -> None:
    assert fuse(evidence, believed(State.WORKING), NOW).state is state


def test_nothing_known_is_unknown_or_what_was_believed_with_less_trust() -> None:
    assert fuse([], NOTHING, NOW).state is State.STARTING
    after = fuse([Evidence(Source.SCREEN, 90, State.UNKNOWN)], Belief(State.WORKING, 50, "certain"), NOW)
    assert (after.state, after.confidence) == (State.WORKING, "guess")


def test_a_weak_source_has_to_stand_before_it_counts_and_says_when_to_look_again() -> None:
    evidence = [hook(State.WORKING, 60), screen(State.IDLE, NOW - 0.1)]

    early = fuse(evidence, believed(State.WORKING), NOW)
    assert early.state is State.WORKING
    assert early.recheck_at == pytest.approx(NOW - 0.1 + STANDS_S)

    assert early.recheck_at is not None
    assert fuse(evidence, early, early.recheck_at + 0.001).state is State.IDLE


def test_an_agent_that_was_ready_works_again_only_after_new_input() -> None:
    ready = believed(State.IDLE, since=60)
    late_word = hook(State.WORKING, 60.1)

    stayed = fuse([late_word], ready, NOW)
    assert stayed.state is State.IDLE
    assert stayed.reasons[-1].fate == "without new input"
    assert fuse([hook(State.WORKING, 60.1, begins=True)], ready, NOW).state is State.WORKING
    assert fuse([hook(State.WORKING, 75)], ready, NOW).state is State.WORKING


def test_an_agent_that_was_just_started_is_not_at_rest_because_its_composer_is_empty() -> None:
    started = believed(State.WORKING, since=90)
    evidence = [title(State.IDLE, 98), screen(State.IDLE, 98)]

    early = fuse(evidence, started, NOW)
    assert (early.state, early.recheck_at) == (State.WORKING, 98 + BEGINS_S)
    assert fuse(evidence, early, 98 + BEGINS_S).state is State.IDLE


def test_an_agent_that_its_screen_alone_put_to_rest_is_woken_by_it_again_while_its_hook_says_that_it_works() -> None:
    rest = fuse([hook(State.WORKING, 60), screen(State.IDLE, 70)], believed(State.WORKING), NOW)
    assert rest.state is State.IDLE

    assert fuse([hook(State.WORKING, 60), screen(State.WORKING, 80)], rest, NOW).state is State.WORKING
    assert fuse([hook(State.IDLE, 71, ends=True), screen(State.WORKING, 80)], rest, NOW).state is State.IDLE


def test_one_more_try_is_not_the_end_of_a_limit() -> None:
    limited = Belief(State.RATE_LIMITED, 90, source=Source.HOOK)
    tries = [hook(State.WORKING, NOW, begins=True)]

    early = fuse(tries, limited, NOW)
    assert (early.state, early.recheck_at) == (State.RATE_LIMITED, NOW + TRIES_S)
    assert fuse([hook(State.RATE_LIMITED, NOW + 0.1)], early, NOW + 0.1).state is State.RATE_LIMITED
    assert fuse(tries, early, NOW + TRIES_S).state is State.WORKING
    assert fuse([hook(State.IDLE, NOW, ends=True)], limited, NOW).state is State.IDLE


def test_a_transcript_wakes_an_agent_when_it_tells_of_new_input() -> None:
    done = hook(State.IDLE, 60, ends=True)

    assert fuse([done, transcript(State.WORKING, 70)], believed(State.IDLE, 60), NOW).state is State.IDLE
    assert (
        fuse([done, transcript(State.WORKING, 70, begins=True)], believed(State.IDLE, 60), NOW).state is State.WORKING
    )


def test_one_weak_source_does_not_wake_an_agent_whose_hook_said_that_it_is_ready() -> None:
    ready = believed(State.IDLE, since=60)
    done = hook(State.IDLE, 60, ends=True)

    assert fuse([done, screen(State.WORKING, 70)], ready, NOW).state is State.IDLE
    assert fuse([done, title(State.WORKING, 70)], ready, NOW).state is State.IDLE
    assert fuse([done, title(State.WORKING, 70), screen(State.WORKING, 70)], ready, NOW).state is State.WORKING


def test_an_agent_without_hooks_is_believed_by_its_screen_alone_but_not_for_certain() -> None:
    belief = fuse([screen(State.WORKING, 70)], believed(State.IDLE, 60), NOW)

    assert (belief.state, belief.confidence) == (State.WORKING, "likely")


def test_a_word_from_before_the_clock_was_set_back_is_believed_at_once() -> None:
    told = fuse([hook(State.BLOCKED, NOW + 3600)], believed(State.WORKING), NOW)
    assert (told.state, told.recheck_at) == (State.BLOCKED, None)


def test_every_belief_carries_its_age_and_every_reason() -> None:
    first = fuse([hook(State.BLOCKED, 70, "permission")], believed(State.WORKING), NOW)
    second = fuse([hook(State.BLOCKED, 80, "permission"), screen(State.WORKING, 75)], first, NOW)

    assert (first.since, second.since) == (70, 70)
    assert second.reasons == (
        Reason(Source.HOOK, State.BLOCKED, 80, "permission"),
        Reason(Source.SCREEN, State.WORKING, 75, fate="overruled"),
    )


STATES = st.sampled_from([state for state in State if state is not State.DONE_UNSEEN])
EVIDENCE = st.builds(
    Evidence,
    source=st.sampled_from(Source),
    at=st.floats(0, NOW),
    state=STATES,
    begins=st.booleans(),
).map(lambda each: replace(each, state=State.UNKNOWN) if each.source is Source.SILENCE else each)


@given(st.lists(EVIDENCE, max_size=6, unique_by=lambda each: each.source), STATES, st.floats(0, NOW))
def test_a_belief_is_always_someones_word_or_the_one_before_and_asking_twice_changes_nothing(
    evidence: list[Evidence], state: State, since: float
) -> None:
    before = Belief(state, since)
    belief = fuse(evidence, before, NOW)

    assert belief.state in {each.state for each in evidence} | {state}
    assert fuse(evidence, belief, NOW).state is belief.state
    if not any(each.state in (State.EXITED, State.LOST) for each in evidence):
        assert belief.state not in (State.EXITED, State.LOST) or state in (State.EXITED, State.LOST)


@given(st.lists(EVIDENCE, max_size=6, unique_by=lambda each: each.source), st.randoms(use_true_random=False))
def test_the_order_of_the_evidence_means_nothing(evidence: list[Evidence], random: object) -> None:
    mixed = list(evidence)
    random.shuffle(mixed)  # type: ignore[attr-defined]

    assert fuse(mixed, NOTHING, NOW) == fuse(evidence, NOTHING, NOW)
