"""The closing words of a run: outcome, tree and proof of each task, and what to type next."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from swarmctl.core.ids import RunId, TaskId
from swarmctl.core.machine import Facts
from swarmctl.core.outcome import Outcome
from swarmctl.core.session import Stage
from swarmctl.core.task import Task
from swarmctl.surfaces.cli import out
from swarmctl.surfaces.cli.summary import contests_of, session_of, tasks_of
from swarmctl.surfaces.words.plain import one_line
from swarmctl.surfaces.words.proof import proof_words
from swarmctl.surfaces.words.steps import next_step

if TYPE_CHECKING:
    from swarmctl.app.contests import Ranking

STYLES = {Outcome.LANDED: "green", Outcome.READY: "cyan", Outcome.NO_WORK: "yellow", Outcome.BLOCKED: "yellow"}


def closing_table(facts: Facts, run: RunId) -> None:
    """On stdout, because it is what the run was for; several attempts at one task are a table of their own."""
    alone = [task for task in tasks_of(facts, run) if not task.contest]
    if alone:
        _outcomes(facts, alone)
    if len(alone) < len(tasks_of(facts, run)):
        from swarmctl.surfaces.cli.ranked import show_ranking

        for ranking in _rankings(facts, run):
            show_ranking(ranking)


def _rankings(facts: Facts, run: RunId) -> list[Ranking]:
    contests = contests_of(tasks_of(facts, run))
    if not contests:
        return []
    from swarmctl.app.contests import contest_of

    return [contest_of(facts, [contest], now=time.time()) for contest in contests]


def _outcomes(facts: Facts, tasks: list[Task]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in ("task", "outcome", "session", "tree", "proof or reason"):
        table.add_column(name, overflow="fold")
    for task in tasks:
        session = session_of(facts, task)
        outcome = task.outcome or Outcome.UNKNOWN
        table.add_row(
            Text(f"{task.number} {one_line(task.title)}"),
            Text(outcome.value, style=STYLES.get(outcome, "red")),
            Text(session.id if session else "-"),
            Text(_tree(facts, task)),
            Text(one_line(evidence(facts, task))),
        )
    width = None if sys.stdout.isatty() else 160
    console = Console(file=sys.stdout, width=width, highlight=False)
    with console.capture() as printed:
        console.print(table)
    out.text("".join(f"{line.rstrip()}\n" for line in printed.get().splitlines()))


def _tree(facts: Facts, task: Task) -> str:
    session = session_of(facts, task)
    landing = facts.landings.get(session.id) if session else None
    return landing.proof.tree[:10] if landing and task.outcome is Outcome.LANDED else "-"


def evidence(facts: Facts, task: Task) -> str:
    session = session_of(facts, task)
    landing = facts.landings.get(session.id) if session else None
    if landing is not None and task.outcome is Outcome.LANDED:
        return proof_words(landing.proof)
    return task.reason


def what_goes_on(facts: Facts, run: RunId, only: TaskId | None) -> list[str]:
    """A line for each session that outlives whoever waited for it; for the run where nothing is known of it yet."""
    tasks = tasks_of(facts, run)
    if not tasks:
        return [f"{run} goes on: swarmctl stop {run}"]
    return unfinished(facts, [task for task in tasks if only in (None, task.id)])


def unfinished(facts: Facts, tasks: Iterable[Task]) -> list[str]:
    """A line for each of them that is not over, and how to stop it."""
    lines = []
    for task in tasks:
        session, name = session_of(facts, task), task.session or task.id
        if task.outcome is None:
            stops = session is not None and session.stop
            lines.append(
                f"{name} is stopping: swarmctl show {name}" if stops else f"{name} goes on: swarmctl stop {name}"
            )
    return lines


def _picks(facts: Facts, run: RunId) -> list[str]:
    """A line for each task that several tried."""
    rankings = _rankings(facts, run)
    if not rankings:
        return []
    from swarmctl.surfaces.words.ranking import next_of

    return list(filter(None, map(next_of, rankings)))


def next_steps(facts: Facts, run: RunId) -> list[str]:
    lines = _picks(facts, run)
    for task in tasks_of(facts, run):
        if task.contest:
            continue
        session = session_of(facts, task)
        step = next_step(task.outcome, task.session or task.id, task.agent, task.reason)
        if session is not None and session.stage is Stage.PARKED:
            lines.append(f"{task.number}: free the path that blocks, then swarmctl land")
        elif task.outcome is Outcome.INTERRUPTED and task.reason == "handed over":
            lines.append(f"{task.number}: handed over to another agent: swarmctl show {task.session or task.id}")
        elif step:
            lines.append(f"{task.number}: {step}")
    return lines
