"""Which waiting task may start now, and which never will. Pure."""

from __future__ import annotations

from swarmctl.core.machine import Facts
from swarmctl.core.outcome import Outcome
from swarmctl.core.task import Task


def waiting(facts: Facts) -> list[Task]:
    """Tasks that have neither a session nor an outcome, in the order they were asked for."""
    found = [task for task in list(facts.unfinished.values()) if task.session is None]
    return sorted(found, key=lambda task: (task.created_at, task.run, task.number))


def is_ripe(task: Task, facts: Facts) -> bool:
    return all(facts.tasks[name].outcome is Outcome.LANDED for name in task.after)


def lands_when_awaited(task: Task, facts: Facts) -> bool:
    """It lands once it is ready and somebody waits for it; an entry of a contest only when a person picks it."""
    return facts.runs[task.run].lands == "waited" and not task.contest


def blocker(task: Task, facts: Facts) -> Task | None:
    """A task that this one waits for and that ended without landing."""
    needed = (facts.tasks[name] for name in task.after)
    return next((other for other in needed if other.outcome not in (None, Outcome.LANDED)), None)
