"""The backlog: who waits, in which order, for whom."""

from __future__ import annotations

from dataclasses import replace

import pytest

from swarmctl.core.ids import RunId, SessionId, TaskId
from swarmctl.core.machine import Facts
from swarmctl.core.outcome import Outcome
from swarmctl.core.task import Task
from swarmctl.flow.task.backlog import blocker, is_ripe, waiting


def task(name: str, number: int = 1, *after: str, at: float = 0.0, run: str = "r") -> Task:
    needs = tuple(TaskId(each) for each in after)
    return Task(TaskId(name), RunId(run), number, name, "a prompt", "fake", after=needs, created_at=at)


def known(*tasks: Task) -> Facts:
    facts = Facts()
    for each in tasks:
        facts.put(each)
    return facts


def test_tasks_wait_in_the_order_they_were_asked_for() -> None:
    facts = known(task("d", 2, at=9.0), task("c", 1, at=9.0), task("b", 3, at=1.0), task("a", 1, at=9.0, run="q"))
    assert [each.id for each in waiting(facts)] == ["b", "a", "c", "d"]


def test_a_task_with_a_session_or_an_outcome_does_not_wait() -> None:
    begun = replace(task("a"), session=SessionId("s"))
    over = replace(task("b"), outcome=Outcome.INTERRUPTED)
    assert waiting(known(begun, over)) == []


@pytest.mark.parametrize("outcome", [None, *Outcome])
def test_only_a_landing_makes_a_dependent_task_ripe_and_any_other_end_blocks_it(outcome: Outcome | None) -> None:
    first, second = replace(task("first"), outcome=outcome), task("second", 2, "first")
    facts = known(first, second)
    assert is_ripe(second, facts) is (outcome is Outcome.LANDED)
    assert blocker(second, facts) == (first if outcome not in (None, Outcome.LANDED) else None)


def test_a_task_needs_every_task_that_it_names() -> None:
    landed = replace(task("a"), outcome=Outcome.LANDED)
    both = task("c", 3, "a", "b")
    facts = known(landed, task("b"), both)
    assert not is_ripe(both, facts) and blocker(both, facts) is None
    facts.put(replace(task("b"), outcome=Outcome.FAILED))
    blocked_by = blocker(both, facts)
    assert blocked_by is not None and blocked_by.id == "b"


def test_a_task_that_names_none_is_ripe() -> None:
    alone = task("a")
    assert is_ripe(alone, known(alone)) and blocker(alone, known(alone)) is None
