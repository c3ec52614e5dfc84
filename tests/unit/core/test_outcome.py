"""Folding outcomes: what a run of several tasks is called, and what the shell is told."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, strategies as st

from swarmctl.core.errors import FAULTS, EnvironmentFault, Interrupted, Refused, SwarmError, UsageFault
from swarmctl.core.outcome import EXIT_OF, WORST_FIRST, ExitCode, Outcome, best, worst

FIRST_THAT_OCCURS = [130, 3, 7, 4, 5, 1, 6, 0]


def test_every_outcome_has_an_exit_code_and_a_rank() -> None:
    assert set(EXIT_OF) == set(Outcome)
    assert sorted(WORST_FIRST) == sorted(Outcome)


def test_nothing_at_all_is_unknown_and_not_success() -> None:
    assert worst([]) is Outcome.UNKNOWN
    assert EXIT_OF[worst([])] == 7


@pytest.mark.parametrize(("one", "other"), list(itertools.combinations(Outcome, 2)))
def test_of_two_tasks_the_code_that_comes_first_in_the_table_is_the_runs(one: Outcome, other: Outcome) -> None:
    codes = [EXIT_OF[one].value, EXIT_OF[other].value]
    assert EXIT_OF[worst([one, other])] == min(codes, key=FIRST_THAT_OCCURS.index)


@given(st.lists(st.sampled_from(Outcome), min_size=1))
def test_success_means_that_every_task_succeeded(outcomes: list[Outcome]) -> None:
    good = {Outcome.ANSWERED, Outcome.LANDED, Outcome.READY}
    assert (EXIT_OF[worst(outcomes)] is ExitCode.OK) == (set(outcomes) <= good)
    assert worst(outcomes) is worst(reversed(outcomes))


def test_one_ready_task_among_landed_ones_is_not_called_landed() -> None:
    assert worst([Outcome.LANDED, Outcome.READY, Outcome.LANDED]) is Outcome.READY


@pytest.mark.parametrize(
    ("fault", "code"), [(UsageFault, 2), (EnvironmentFault, 3), (Refused, 1), (Interrupted, 130), (SwarmError, 1)]
)
def test_every_fault_has_its_exit_code_and_carries_its_hint(fault: type[SwarmError], code: int) -> None:
    raised = fault("git is too old", hint="sudo apt-get install git")
    assert (raised.exit_code, str(raised), raised.hint) == (code, "git is too old", "sudo apt-get install git")
    assert FAULTS[fault.__name__] is fault


@given(st.lists(st.sampled_from(Outcome)))
def test_one_good_attempt_is_enough_and_none_is_as_bad_as_the_worst(outcomes: list[Outcome]) -> None:
    found = best(outcomes)
    good = {Outcome.LANDED, Outcome.ANSWERED, Outcome.READY} & set(outcomes)
    assert (EXIT_OF[found] is ExitCode.OK) == bool(good)
    assert found in good if good else found is worst(outcomes)
