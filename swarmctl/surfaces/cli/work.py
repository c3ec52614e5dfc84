"""Commands that make work and wait for it: run, resume, merge, land, undo."""

from __future__ import annotations

import math
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from swarmctl.app.board import Board
from swarmctl.app.choose import Chosen, choose
from swarmctl.app.client import Client, Command, caller_env, concerns, is_run_over
from swarmctl.app.here import Here, here
from swarmctl.app.inbox import new_command_id
from swarmctl.app.request import PLAN_EXAMPLE, as_text, from_plan, from_words, read_text
from swarmctl.core.agent import Permission
from swarmctl.core.codec import to_plain
from swarmctl.core.errors import SwarmError, UsageFault
from swarmctl.core.ids import RunId, TaskId
from swarmctl.core.machine import Facts
from swarmctl.core.outcome import EXIT_OF, ExitCode, Outcome
from swarmctl.core.task import Terms
from swarmctl.surfaces.cli import out
from swarmctl.surfaces.cli.closing import closing_table, next_steps, what_goes_on
from swarmctl.surfaces.cli.out import complain
from swarmctl.surfaces.cli.progress import Progress, progress
from swarmctl.surfaces.cli.summary import finished, outcome_of
from swarmctl.surfaces.cli.together import STOP_PATIENCE_S, all_of_them, interruptible
from swarmctl.surfaces.words.plain import one_line

app = typer.Typer()

JSON = Annotated[bool, typer.Option("--json", help="NDJSON on stdout; the last line is `run.finished`.")]
DETACH = Annotated[bool, typer.Option("--detach", help="Do not wait; the work stops at `ready`.")]
ID = Annotated[str, typer.Argument(metavar="ID", help="A session: its id, its task's id, its branch, or a beginning.")]

RUN_EPILOG = "A plan file:\n\n" + "\n\n".join(f"\b\n{part}" for part in PLAN_EXAMPLE.strip().split("\n\n"))


@app.command(epilog=RUN_EPILOG)
def run(
    tasks: Annotated[list[str] | None, typer.Argument(metavar='"TASK"…', help="Each quoted; `-` reads stdin.")] = None,
    command: Annotated[
        str | None, typer.Option("--exec", metavar="CMD", help="A shell command that does the task.")
    ] = None,
    agent: Annotated[str, typer.Option(metavar="NAME", help="The agent; default: [agent] default.")] = "",
    permission: Annotated[
        Permission, typer.Option(help="What the agent may do unasked: only look, nothing, edit files, everything.")
    ] = "edit",
    model: Annotated[str, typer.Option(metavar="NAME", help="The agent's model; default: its own choice.")] = "",
    effort: Annotated[str, typer.Option(metavar="LEVEL", help="How hard the model thinks, in the agent's words.")] = "",
    mode: Annotated[
        Literal["auto", "interactive", "headless"], typer.Option(help="The agent's own interface, or JSON underneath.")
    ] = "auto",
    plan: Annotated[Path | None, typer.Option(metavar="FILE", help="Tasks, checks and dependencies as TOML.")] = None,
    file: Annotated[Path | None, typer.Option("-f", metavar="FILE", help="Read the task from a file.")] = None,
    issue: Annotated[
        int | None, typer.Option(metavar="N", help="The task is this issue of the forge, read through gh or glab.")
    ] = None,
    target: Annotated[str, typer.Option(metavar="BRANCH", help="Land there; default: [merge] target.")] = "",
    no_merge: Annotated[bool, typer.Option("--no-merge", help="Stop at `ready`.")] = False,
    detach: DETACH = False,
    as_json: JSON = False,
) -> None:
    """Do tasks in parallel, each in its own worktree; land what passes the gates.

    Work stays in worktrees outside your checkout. Ctrl-C stops the agents at a safe point, keeps everything and says
    how to go on. The exit code is the truth: 0 landed or ready, 1 refused or failed, 5 waits for you, 6 no work done.
    """
    _refuse_empty(command)
    place = here()
    words = [*(tasks or []), *_from_elsewhere(place, file, issue)]
    if words == ["-"]:
        words = [as_text(sys.stdin.buffer.read(), "stdin")]
    if plan is not None and (words or command):
        raise UsageFault("a plan and tasks at once", hint="put the tasks into the plan")
    chosen = cache(lambda named: _choose(place, named or agent))
    terms = Terms(mode=mode, permission=permission, model=model, effort=effort)
    wanted = from_plan(plan, chosen, terms) if plan is not None else from_words(words, command or "", chosen, terms)
    run_id = RunId(new_command_id())
    lands = "no" if no_merge else "if_auto" if detach else "waited"
    args = {
        "run": run_id,
        "waits": not detach,
        "lands": lands,
        "target": target or place.settings().merge.target,
        "env": caller_env(),
        "tasks": [to_plain(task) for task in wanted],
    }
    place.require_room()
    client = place.client(complain)
    client.greet()
    board = client.board()
    with telling_what_goes_on(client, run_id):
        answer = client.ask("run", args)
        for notice in place.notices(answer.get("uncommitted", []), answer["target"]):
            out.say(one_line(notice))
        if detach:
            detached(answer, as_json)
        wait_for(whole_run(run_id), client, board, as_json)


def _refuse_empty(command: str | None) -> None:
    """An unset variable must not start an agent that costs money."""
    if command is not None and not command.strip():
        raise UsageFault("--exec is empty", hint="--exec 'CMD', or leave it out for an agent")


def _from_elsewhere(place: Here, file: Path | None, issue: int | None) -> Iterator[str]:
    if file is not None:
        yield read_text(file)
    if issue is not None:
        from swarmctl.app.forge import issue_as_task

        yield issue_as_task(place, issue)


def _choose(place: Here, named: str) -> Chosen:
    chosen = choose(place, named)
    for words in filter(None, (chosen.why and f"agent {chosen.agent}: {chosen.why}", chosen.notice)):
        out.say(one_line(words))
    return chosen


def detached(answer: dict[str, Any], as_json: bool) -> None:
    if as_json:
        out.data({"kind": "run.detached", "run": answer["run"], "tasks": answer["tasks"]})
    else:
        for task in answer["tasks"]:
            out.text(f"{task.get('session', task['id'])}  {one_line(task['title'])}")
        out.say("swarmctl ps shows them; swarmctl merge ID lands one")
    raise typer.Exit(ExitCode.OK)


def by_title(answer: dict[str, Any], facts: Facts) -> dict[str, Any]:
    """With the one task that goes on, as `detached` shows it."""
    session = {"session": answer["session"]} if "session" in answer else {}
    task = {"id": answer["task"], "title": facts.tasks[TaskId(answer["task"])].title}
    return {**answer, "tasks": [{**task, **session}]}


@dataclass(frozen=True, slots=True)
class Waited:
    """What a command waits for, how it takes that up again after a crash, and how it lets go of it."""

    run: RunId
    only: TaskId | None
    rejoin: Command
    leave: Command

    def is_over(self, facts: Facts) -> bool:
        return is_run_over(facts, self.run) if self.only is None else facts.tasks[self.only].outcome is not None


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


@contextmanager
def telling_what_goes_on(client: Client, run: RunId, only: TaskId | None = None) -> Iterator[None]:
    """Nobody leaves without a word about what outlives them; another Ctrl-C does not cut it off."""
    try:
        yield
    except KeyboardInterrupt:
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            with client.board() as board:
                lines = what_goes_on(board.facts, run, only)
            out.say("\n".join(lines) or "nothing of it goes on")
        finally:
            signal.signal(signal.SIGINT, before)
        raise typer.Exit(ExitCode.INTERRUPTED) from None


def wait_for(waited: Waited, client: Client, board: Board, as_json: bool) -> None:
    """Show what happened since `board` was opened until it is over, then end with its exit code."""
    run, only = waited.run, waited.only
    facts, interrupted = see_through(waited, client, board, as_json)
    if as_json:
        out.data(finished(facts, run))
    else:
        closing_table(facts, run)
        for line in next_steps(facts, run):
            out.say(line)
    outcome = facts.tasks[only].outcome or Outcome.UNKNOWN if only else outcome_of(facts, run)
    raise typer.Exit(ExitCode.INTERRUPTED if interrupted and outcome is not Outcome.LANDED else EXIT_OF[outcome])


def see_through(waited: Waited, client: Client, board: Board, as_json: bool) -> tuple[Facts, bool]:
    """The facts when it is over, and whether a person wanted it to end.

    A first Ctrl-C stops what was waited for, a second one leaves.
    """
    interrupted = False
    with board, telling_what_goes_on(client, waited.run, waited.only):
        with progress(waited.run, as_json) as shown, interruptible():
            try:
                _show(client, board, shown, waited)
            except KeyboardInterrupt:
                interrupted = True
                _stop_and_show(client, board, shown, waited)
        return board.facts, interrupted


def _show(client: Client, board: Board, shown: Progress, waited: Waited, until: float = math.inf) -> None:
    rejoin = waited.rejoin if until == math.inf else None
    for stamped in client.follow(board, rejoin, lambda facts: waited.is_over(facts) or time.monotonic() > until):
        if concerns(stamped.event, board.facts, waited.run):
            shown.show(stamped, board.facts)


def _stop_and_show(client: Client, board: Board, shown: Progress, waited: Waited) -> None:
    out.say("stopping at a safe point; everything is kept (Ctrl-C again leaves at once)")
    try:
        client.ask(*waited.leave, timeout_s=STOP_PATIENCE_S)
        _show(client, board, shown, waited, time.monotonic() + STOP_PATIENCE_S)
    except SwarmError:
        raise KeyboardInterrupt from None


@app.command()
def resume(
    session: Annotated[str, typer.Argument(metavar="[ID]", help="A session, as elsewhere; or --all.")] = "",
    every: Annotated[
        bool, typer.Option("--all", help="All that was interrupted, crashed, or went down with the machine.")
    ] = False,
    message: Annotated[str, typer.Option("-m", metavar="TEXT", help="What to tell the agent; else: go on.")] = "",
    detach: DETACH = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="NDJSON on stdout; the last line is `run.finished`, or `resume.finished`.")
    ] = False,
) -> None:
    """Go on with a session that failed, was stopped or lost its process: the same worktree, another attempt.

    With --all: with every session and task of this repository that did not come to an end of its own, `max_running` at
    a time. What ended by its own verdict, what `swarmctl stop` stopped and what ran out of its time limit stay as they
    are. What they finish stops at `ready`, unless [merge] auto lands it.
    """
    if bool(session) == every:
        raise UsageFault("name one session, or --all", hint="swarmctl ps lists them")
    place = here()
    place.require_room()
    client = place.client(complain)
    client.greet()
    board = client.board()
    if every:
        answer = client.ask("resume_all", {"message": message, "env": caller_env()})
        all_of_them(answer, client, board, detach, as_json)
    answer = client.ask("resume", {"id": session, "message": message, "env": caller_env(), "waits": not detach})
    if detach:
        detached(by_title(answer, board.facts), as_json)
    wait_for(one_task(answer), client, board, as_json)


@app.command()
def merge(session: ID, as_json: JSON = False) -> None:
    """Land a finished session through the queue: merged beside your checkout, gated on that tree, then moved."""
    client = here().client(complain)
    client.greet()
    board = client.board()
    answer = client.ask("merge", {"id": session})
    wait_for(one_landing(answer), client, board, as_json)


@app.command()
def land(
    target: Annotated[str, typer.Option(metavar="BRANCH", help="The parked branch; default: [merge] target.")] = "",
    as_json: JSON = False,
) -> None:
    """Bring a parked target to its landing ref; once what blocked it is out of the way."""
    place = here()
    answer = place.client(complain).ask("land", {"target": target or place.settings().merge.target})
    if as_json:
        out.data({"kind": "land", **answer})
    else:
        out.text(f"{answer['target']}: {len(answer['sessions'])} landed or queued again")


@app.command()
def undo(session: Annotated[str, typer.Argument(metavar="[ID]")] = "", as_json: JSON = False) -> None:
    """Bring back a session's work, branch and directory; without ID, take back the last landing by a new commit.

    Nothing is ever rewritten: the last landing is undone by a commit that passes the gates like any other.
    """
    client = here().client(complain)
    client.greet()
    board = client.board()
    answer = client.ask("undo", {"id": session})
    if "run" in answer:
        wait_for(one_landing(answer), client, board, as_json)
    if as_json:
        out.data({"kind": "restored", **answer})
    else:
        out.text(f"restored {answer['branch']} in {answer['worktree']}")
