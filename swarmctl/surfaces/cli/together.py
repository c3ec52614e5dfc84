"""Many sessions waited for at once, whatever runs they belong to; and what an interruption means while one waits."""

from __future__ import annotations

import math
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, NoReturn

import typer

from swarmctl.app.board import Board
from swarmctl.app.client import Client, caller_env
from swarmctl.core.errors import SwarmError
from swarmctl.core.events import Stamped
from swarmctl.core.ids import SessionId, TaskId
from swarmctl.core.machine import Facts
from swarmctl.core.outcome import EXIT_OF, ExitCode, Outcome, worst
from swarmctl.surfaces.cli import out
from swarmctl.surfaces.cli.progress import Progress, plain_progress
from swarmctl.surfaces.cli.summary import task_plain
from swarmctl.surfaces.words.plain import one_line
from swarmctl.surfaces.words.steps import next_step

STOP_PATIENCE_S = 20.0


@contextmanager
def interruptible() -> Iterator[None]:
    """SIGTERM and a closed terminal mean what Ctrl-C means."""

    def interrupt(_number: int, _frame: Any) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def all_of_them(answer: dict[str, Any], client: Client, board: Board, detach: bool, as_json: bool) -> NoReturn:
    """A line for each at once, and one for each when all are over; ends with the worst of their exit codes."""
    tasks, refused = [TaskId(each["task"]) for each in answer["resumed"]], answer["refused"]
    if not as_json:
        _begun(answer)
    if detach:
        if as_json:
            out.data({"kind": "resume.detached", **answer})
        raise typer.Exit(ExitCode.REFUSED if refused else ExitCode.OK)
    facts, interrupted = _watch(tasks, [each["run"] for each in answer["resumed"]], client, board, as_json)
    found = [facts.tasks[task] for task in tasks]
    outcomes = [task.outcome or Outcome.UNKNOWN for task in found] + [Outcome.REFUSED for _ in refused]
    if as_json:
        plain = [task_plain(facts, task) for task in found]
        whole = worst(outcomes).value if outcomes else None
        out.data({"kind": "resume.finished", "outcome": whole, "tasks": plain, "refused": refused})
    for task in () if as_json else found:
        outcome = task.outcome or Outcome.UNKNOWN
        out.text(one_line(f"{task.session or task.id}  {outcome.value}  {task.title}  {task.reason}".rstrip()))
        if step := next_step(outcome, task.session or task.id, task.agent):
            out.say(step)
    code = EXIT_OF[worst(outcomes)] if outcomes else ExitCode.OK
    raise typer.Exit(ExitCode.INTERRUPTED if interrupted else code)


def _begun(answer: dict[str, Any]) -> None:
    for each in answer["resumed"]:
        out.text(one_line(f"{each['id']}  goes on  {each['title']}"))
    for each in answer["refused"]:
        out.text(one_line(f"{each['id']}  stays     {each['title']}: {each['why']}"))
        if each["hint"]:
            out.say(one_line(f"hint: {each['hint']}"))
    if not answer["resumed"] and not answer["refused"]:
        out.say("nothing was interrupted; swarmctl ps shows what there is")


def _watch(tasks: list[TaskId], runs: list[str], client: Client, board: Board, as_json: bool) -> tuple[Facts, bool]:
    interrupted = False
    with board, interruptible():
        shown = plain_progress(as_json)
        try:
            _show(tasks, runs, client, board, shown)
        except KeyboardInterrupt:
            interrupted = True
            _stop(tasks, client, board, shown)
        return board.facts, interrupted


def _show(
    tasks: list[TaskId], runs: list[str], client: Client, board: Board, shown: Progress, until: float = math.inf
) -> None:
    rejoin = ("resume_all", {"runs": runs, "env": caller_env()})

    def is_over(facts: Facts) -> bool:
        return all(facts.tasks[task].outcome is not None for task in tasks) or time.monotonic() > until

    for stamped in client.follow(board, rejoin if until == math.inf else None, is_over):
        if _concerns(stamped, board.facts, tasks):
            shown.show(stamped, board.facts)


def _concerns(stamped: Stamped, facts: Facts, tasks: list[TaskId]) -> bool:
    session = facts.sessions.get(SessionId(str(getattr(stamped.event, "session", ""))))
    task = session.task if session is not None else getattr(stamped.event, "task", None)
    return task in tasks


def _stop(tasks: list[TaskId], client: Client, board: Board, shown: Progress) -> None:
    out.say("stopping at a safe point; everything is kept (Ctrl-C again leaves at once)")
    try:
        for task in tasks:
            if board.facts.tasks[task].outcome is None:
                with suppress(SwarmError):
                    name = board.facts.tasks[task].session or task
                    client.ask("stop", {"id": name, "why": "interrupted"}, timeout_s=STOP_PATIENCE_S)
        _show(tasks, [], client, board, shown, time.monotonic() + STOP_PATIENCE_S)
    except KeyboardInterrupt:
        out.say("left; swarmctl ps shows what still runs")
        raise typer.Exit(ExitCode.INTERRUPTED) from None
