"""What a session's contest is to it, in few words. Pure."""

from __future__ import annotations

from swarmctl.core.machine import Facts
from swarmctl.core.task import Task


def open_contest(facts: Facts, task: Task) -> str:
    """The contest that the task is an entry of, while nothing that was picked there landed."""
    contest = facts.contests.get(task.contest) if task.contest else None
    return task.contest if contest is not None and contest.decided_at is None else ""


def contest_words(facts: Facts, task: Task) -> str:
    """For `show`: with whom it competes, and how that stands."""
    contest = facts.contests[task.contest]
    others = [each.session or each.id for each in facts.tasks.where("contest", task.contest) if each.id != task.id]
    decided = f"; {contest.picked} was picked" if contest.decided_at is not None else ""
    return f"{task.contest}, with {', '.join(others)}{decided}"
