"""How a run looks while it runs: NDJSON for scripts, lines on stderr, a live table where there is a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from swarmctl.core.codec import to_plain
from swarmctl.core.events import GateBegun, GateFinished, MergeStaged, Stamped
from swarmctl.core.ids import RunId, SessionId, TaskId
from swarmctl.core.machine import Facts
from swarmctl.core.session import Stage
from swarmctl.core.task import Task
from swarmctl.surfaces.cli import out
from swarmctl.surfaces.cli.gateclock import GateClock
from swarmctl.surfaces.cli.summary import session_of, tasks_of
from swarmctl.surfaces.words.limits import waits_of
from swarmctl.surfaces.words.narrate import line_of, tone_of
from swarmctl.surfaces.words.plain import one_line


class Progress(Protocol):
    def show(self, stamped: Stamped, facts: Facts) -> None: ...


@contextmanager
def progress(run: RunId, as_json: bool) -> Iterator[Progress]:
    if as_json:
        yield _Ndjson()
    elif sys.stderr.isatty():
        with _Live(run) as live:
            yield live
    else:
        yield _Lines()


@contextmanager
def plain_progress(as_json: bool) -> Iterator[Progress]:
    """Line by line, on a terminal as well."""
    yield _Ndjson() if as_json else _Lines()


class _Ndjson:
    def show(self, stamped: Stamped, facts: Facts) -> None:
        event = to_plain(stamped.event)
        out.data(
            {"kind": "event", "seq": stamped.seq, "at": stamped.at, "event": type(stamped.event).__name__, **event}
        )


class _Lines:
    def show(self, stamped: Stamped, facts: Facts) -> None:
        words = line_of(stamped.event, facts)
        if words:
            out.say(f"{subject_of(stamped, facts):<22.22} {one_line(words)}")


def subject_of(stamped: Stamped, facts: Facts) -> str:
    """Whose line it is: the task's number and title."""
    task = _task(stamped.event, facts)
    return f"{task.number} {one_line(task.title)}" if task else "run"


def _task(event: Any, facts: Facts) -> Task | None:
    session = facts.sessions.get(SessionId(str(getattr(event, "session", ""))))
    return facts.tasks.get(session.task if session else TaskId(str(getattr(event, "task", ""))))


STAGE_WORDS: dict[Stage, str] = {
    Stage.PLANNED: "preparing its worktree",
    Stage.PROVISIONED: "about to start",
    Stage.LAUNCHING: "starting",
    Stage.RUNNING: "working",
    Stage.ENDED: "keeping its work",
    Stage.LIMITED: "waits for its provider",
    Stage.READY: "ready",
    Stage.QUEUED: "in the merge queue",
    Stage.GATING: "gating",
    Stage.LANDING: "landing",
    Stage.LANDED: "landed",
    Stage.PARKED: "parked",
    Stage.KEPT: "kept",
    Stage.EMPTY: "no work",
}


def stage_words(task: Task, facts: Facts) -> str:
    session = session_of(facts, task)
    if task.outcome is not None:
        return task.outcome.value
    if words := waits_of(facts, task, session):
        return words
    if session is None:
        return "waits for " + ", ".join(task.after) if task.after else "waits for a slot"
    if session.stage is Stage.RUNNING and session.state.value != "working":
        return session.state.value
    if session.stage is Stage.READY and task.contest:
        known = facts.rehearsals.get(session.id)
        return "gating, not to land" if known is not None and known.stage == "begun" else "waits for its gates"
    return STAGE_WORDS[session.stage]


TONES = {"good": "green", "bad": "red", "plain": ""}


class _Live:
    """Lines scroll above a table of the tasks that are under way."""

    def __init__(self, run: RunId) -> None:
        from rich.console import Console
        from rich.live import Live

        self._run = run
        self._gates: dict[SessionId, GateClock] = {}
        self._console = Console(stderr=True, highlight=False)
        self._live = Live(console=self._console, refresh_per_second=8, transient=True)

    def __enter__(self) -> _Live:
        self._live.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._live.__exit__(*error)

    def show(self, stamped: Stamped, facts: Facts) -> None:
        from rich.table import Table
        from rich.text import Text

        self._time(stamped)
        words = line_of(stamped.event, facts)
        if words:
            line = Table.grid(padding=(0, 1))
            line.add_column(width=22, no_wrap=True)
            line.add_column(overflow="fold")
            line.add_row(
                Text(subject_of(stamped, facts), style="bold"), Text(one_line(words), TONES[tone_of(stamped.event)])
            )
            self._live.console.print(line)
        self._live.update(self._table(facts))

    def _time(self, stamped: Stamped) -> None:
        event = stamped.event
        if isinstance(event, GateBegun):
            self._gates[event.session] = GateClock(event.gate, stamped.at)
        elif isinstance(event, GateFinished | MergeStaged):
            self._gates.pop(event.session, None)

    def _table(self, facts: Facts) -> Any:
        from rich.spinner import Spinner
        from rich.table import Table
        from rich.text import Text

        table = Table.grid(padding=(0, 1))
        for task in tasks_of(facts, self._run):
            if task.outcome is None:
                session = session_of(facts, task)
                gate = self._gates.get(session.id) if session and session.stage is Stage.GATING else None
                doing = gate or Text(stage_words(task, facts), style="dim")
                table.add_row(Spinner("dots"), Text(subject_of_task(task)), doing)
        return table


def subject_of_task(task: Task) -> str:
    return f"{task.number} {one_line(task.title)}"[:40]
