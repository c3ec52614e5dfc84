"""A command waits until its work is over: a first Ctrl-C stops that work, a second one leaves and says what goes on."""

from __future__ import annotations

import math
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import Any, Protocol

import typer

from swarmctl.app.board import Board
from swarmctl.app.client import Client, Command, caller_env, concerns, is_run_over
from swarmctl.core.errors import SwarmError
from swarmctl.core.events import Event
from swarmctl.core.ids import RunId, TaskId
from swarmctl.core.machine import Facts
from swarmctl.core.outcome import EXIT_OF, ExitCode, Outcome
from swarmctl.core.values import dataclass
from swarmctl.surfaces.cli import out
from swarmctl.surfaces.cli.closing import closing_table, next_steps, what_goes_on
from swarmctl.surfaces.cli.progress import Progress, progress
from swarmctl.surfaces.cli.summary import finished, outcome_of

STOP_PATIENCE_S = 20.0


class Awaited(Protocol):
    """What a command waits for, how it takes that up again after a crash, and how it lets go of it."""

    @property
    def rejoin(self) -> Command: ...
    def is_over(self, facts: Facts) -> bool: ...
    def concerns(self, event: Event, facts: Facts) -> bool: ...
    def leave(self, facts: Facts) -> Sequence[Command]: ...
    def goes_on(self, facts: Facts) -> list[str]:
        """What outlives whoever waited, a line each."""


@dataclass(frozen=True, slots=True)
class Waited:
    """A run, or one task of it."""

    run: RunId
    only: TaskId | None
    rejoin: Command
    stop: Command

    def is_over(self, facts: Facts) -> bool:
        return is_run_over(facts, self.run) if self.only is None else facts.tasks[self.only].outcome is not None

    def concerns(self, event: Event, facts: Facts) -> bool:
        return concerns(event, facts, self.run)

    def leave(self, facts: Facts) -> Sequence[Command]:
        return (self.stop,)

    def goes_on(self, facts: Facts) -> list[str]:
        return what_goes_on(facts, self.run, self.only)


def whole_run(run: RunId) -> Waited:
    rejoin = {"run": run, "env": caller_env(), "waits": True}
    return Waited(run, None, ("join", rejoin), ("leave", {"run": run, "why": "interrupted"}))


def one_task(answer: dict[str, Any]) -> Waited:
    """Of a run that others may wait for: only this one lands, and only this one is stopped by Ctrl-C."""
    rejoin = {"run": answer["run"], "task": answer["task"], "env": caller_env(), "waits": True}
    leave = {"id": answer.get("session", answer["task"]), "why": "interrupted"}
    return Waited(RunId(answer["run"]), TaskId(answer["task"]), ("join", rejoin), ("stop", leave))


def one_landing(answer: dict[str, Any]) -> Waited:
    """After a crash the landing is asked for again, and nothing else of its run."""
    return replace(one_task(answer), rejoin=("merge", {"id": answer["session"]}))


def wait_for(waited: Waited, client: Client, board: Board, as_json: bool) -> None:
    """Show what happened since `board` was opened until it is over, then end with its exit code."""
    run, only = waited.run, waited.only
    facts, interrupted = see_through(waited, client, board, progress(run, as_json))
    if as_json:
        out.data(finished(facts, run))
    else:
        closing_table(facts, run)
        for line in next_steps(facts, run):
            out.say(line)
    outcome = facts.tasks[only].outcome or Outcome.UNKNOWN if only else outcome_of(facts, run)
    raise typer.Exit(ExitCode.INTERRUPTED if interrupted and outcome is not Outcome.LANDED else EXIT_OF[outcome])


def see_through(
    awaited: Awaited, client: Client, board: Board, showing: AbstractContextManager[Progress]
) -> tuple[Facts, bool]:
    """The facts when it is over, and whether a person wanted it to end."""
    interrupted = False
    with board, telling_what_goes_on(client, awaited):
        with showing as shown, interruptible():
            try:
                _show(client, board, shown, awaited)
            except KeyboardInterrupt:
                interrupted = True
                _stop_and_show(client, board, shown, awaited)
        return board.facts, interrupted


@contextmanager
def telling_what_goes_on(client: Client, awaited: Awaited) -> Iterator[None]:
    """Nobody leaves without a word about what outlives them; another Ctrl-C does not cut it off."""
    try:
        yield
    except KeyboardInterrupt:
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            with client.board() as board:
                lines = awaited.goes_on(board.facts)
            out.say("\n".join(lines) or "nothing of it goes on")
        finally:
            signal.signal(signal.SIGINT, before)
        raise typer.Exit(ExitCode.INTERRUPTED) from None


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


def _show(client: Client, board: Board, shown: Progress, awaited: Awaited, until: float = math.inf) -> None:
    rejoin = awaited.rejoin if until == math.inf else None
    for stamped in client.follow(board, rejoin, lambda facts: awaited.is_over(facts) or time.monotonic() > until):
        if awaited.concerns(stamped.event, board.facts):
            shown.show(stamped, board.facts)


def _stop_and_show(client: Client, board: Board, shown: Progress, awaited: Awaited) -> None:
    out.say("stopping at a safe point; everything is kept (Ctrl-C again leaves at once)")
    try:
        _stop(client, awaited.leave(board.facts))
        _show(client, board, shown, awaited, time.monotonic() + STOP_PATIENCE_S)
    except SwarmError:
        raise KeyboardInterrupt from None


def _stop(client: Client, commands: Sequence[Command]) -> None:
    """One of many may be over meanwhile; where nothing could be stopped there is nothing to wait for."""
    refused: list[SwarmError] = []
    for command in commands:
        try:
            client.ask(*command, timeout_s=STOP_PATIENCE_S)
        except SwarmError as error:
            refused.append(error)
    if refused and len(refused) == len(commands):
        raise refused[0]
