"""Commands that make work and wait for it: run, resume, merge, land, undo."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from swarmctl.app.board import Board
from swarmctl.app.client import Client, caller_env, concerns, is_run_over
from swarmctl.app.here import here
from swarmctl.app.inbox import new_command_id
from swarmctl.app.request import PLAN_EXAMPLE, from_plan, from_words, read_text
from swarmctl.core.codec import to_plain
from swarmctl.core.errors import SwarmError, UsageFault
from swarmctl.core.ids import RunId, TaskId
from swarmctl.core.machine import Facts
from swarmctl.core.outcome import EXIT_OF, ExitCode, Outcome
from swarmctl.surfaces.cli import out
from swarmctl.surfaces.cli.closing import closing_table, next_steps
from swarmctl.surfaces.cli.progress import Progress, progress
from swarmctl.surfaces.cli.summary import exit_code, finished

app = typer.Typer()

JSON = Annotated[bool, typer.Option("--json", help="NDJSON on stdout; the last line is `run.finished`.")]
DETACH = Annotated[bool, typer.Option("--detach", help="Do not wait; the work stops at `ready`.")]
ID = Annotated[str, typer.Argument(metavar="ID", help="A session: its id, its task's id, its branch, or a beginning.")]
STOP_PATIENCE_S = 20.0

RUN_EPILOG = "A plan file:\n\n" + "\n\n".join(PLAN_EXAMPLE.strip().split("\n\n"))


@app.command(epilog=RUN_EPILOG)
def run(
    tasks: Annotated[list[str] | None, typer.Argument(metavar='"TASK"…', help="Each quoted; `-` reads stdin.")] = None,
    command: Annotated[str, typer.Option("--exec", metavar="CMD", help="A shell command that does the task.")] = "",
    agent: Annotated[str, typer.Option(metavar="NAME", help="The agent; default: [agent] default.")] = "",
    plan: Annotated[Path | None, typer.Option(metavar="FILE", help="Tasks, checks and dependencies as TOML.")] = None,
    file: Annotated[Path | None, typer.Option("-f", metavar="FILE", help="Read the task from a file.")] = None,
    target: Annotated[str, typer.Option(metavar="BRANCH", help="Land there; default: [merge] target.")] = "",
    no_merge: Annotated[bool, typer.Option("--no-merge", help="Stop at `ready`.")] = False,
    detach: DETACH = False,
    as_json: JSON = False,
) -> None:
    """Do tasks in parallel, each in its own worktree, and land what passes the gates.

    Work stays in worktrees outside your checkout. Ctrl-C stops the agents at a safe point, keeps everything and says
    how to go on. The exit code is the truth: 0 landed or ready, 1 refused or failed, 5 waits for you, 6 no work done.
    """
    place = here()
    words = list(tasks or [])
    if file is not None:
        words.append(read_text(file))
    if words == ["-"]:
        words = [sys.stdin.read()]
    if plan is not None and (words or command):
        raise UsageFault("a plan and tasks at once", hint="put the tasks into the plan")
    agent = agent or place.settings().agent.default
    wanted = from_plan(plan, agent) if plan is not None else from_words(words, command, agent)
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
    client = place.client()
    client.greet()
    board = client.board()
    answer = client.ask("run", args)
    for notice in place.notices(answer.get("uncommitted", []), answer["target"]):
        out.say(out.one_line(notice))
    if detach:
        _detached(answer, as_json)
    wait_for_run(client, board, run_id, as_json)


def _detached(answer: dict[str, Any], as_json: bool) -> None:
    if as_json:
        out.data({"kind": "run.detached", "run": answer["run"], "tasks": answer["tasks"]})
    else:
        for task in answer["tasks"]:
            out.text(f"{task['id']}  {out.one_line(task['title'])}")
        out.say("swarmctl ps shows them; swarmctl merge ID lands one")
    raise typer.Exit(ExitCode.OK)


def wait_for_run(client: Client, board: Board, run: RunId, as_json: bool, only: TaskId | None = None) -> None:
    """Show what happened since `board` was opened until the run is over, then end with its exit code.

    A first Ctrl-C stops the run, a second one leaves.
    """
    with board:
        is_over = _is_over(run, only)
        rejoin = {"run": run, "env": caller_env(), "waits": True}
        with progress(run, as_json) as shown, _interruptible():
            try:
                _show(client, board, shown, run, rejoin, is_over)
            except KeyboardInterrupt:
                _stop_and_show(client, board, shown, run, is_over)
        board_facts = board.facts
    if as_json:
        out.data(finished(board_facts, run))
    else:
        closing_table(board_facts, run)
        for line in next_steps(board_facts, run):
            out.say(line)
    task = board_facts.tasks.get(only) if only else None
    code = EXIT_OF[task.outcome or Outcome.UNKNOWN] if task else exit_code(board_facts, run)
    raise typer.Exit(code)


def _is_over(run: RunId, only: TaskId | None) -> Callable[[Facts], bool]:
    if only is None:
        return lambda facts: is_run_over(facts, run)
    return lambda facts: facts.tasks[only].outcome is not None


def _show(
    client: Client, board: Board, shown: Progress, run: RunId, rejoin: Any, is_over: Callable[[Facts], bool]
) -> None:
    for stamped in client.follow(board, rejoin, is_over):
        if concerns(stamped.event, board.facts, run):
            shown.show(stamped, board.facts)


def _stop_and_show(client: Client, board: Board, shown: Progress, run: RunId, is_over: Callable[[Facts], bool]) -> None:
    out.say("stopping at a safe point; everything is kept (Ctrl-C again leaves at once)")
    until = time.monotonic() + STOP_PATIENCE_S
    try:
        client.ask("leave", {"run": run, "why": "interrupted"}, timeout_s=STOP_PATIENCE_S)
        _show(client, board, shown, run, None, lambda facts: is_over(facts) or time.monotonic() > until)
    except (KeyboardInterrupt, SwarmError):
        out.say("left; swarmctl ps shows what still runs")
        raise typer.Exit(ExitCode.INTERRUPTED) from None


@contextmanager
def _interruptible() -> Iterator[None]:
    """SIGTERM and a closed terminal mean what Ctrl-C means."""

    def interrupt(_number: int, _frame: Any) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@app.command()
def resume(session: ID, detach: DETACH = False, as_json: JSON = False) -> None:
    """Go on with a session that failed, was stopped or lost its process: the same worktree, another attempt."""
    client = here().client()
    client.greet()
    board = client.board()
    answer = client.ask("resume", {"id": session, "env": caller_env(), "waits": not detach})
    if detach:
        _detached({**answer, "tasks": [{"id": answer["task"], "title": "resumed"}]}, as_json)
    wait_for_run(client, board, RunId(answer["run"]), as_json, TaskId(answer["task"]))


@app.command()
def merge(session: ID, as_json: JSON = False) -> None:
    """Land a finished session through the queue: merged beside your checkout, gated on that tree, then moved."""
    client = here().client()
    client.greet()
    board = client.board()
    answer = client.ask("merge", {"id": session})
    wait_for_run(client, board, RunId(answer["run"]), as_json, TaskId(answer["task"]))


@app.command()
def land(as_json: JSON = False) -> None:
    """Bring a parked target to its landing ref, once what blocked it is out of the way."""
    place = here()
    answer = place.client().ask("land", {"target": place.settings().merge.target})
    if as_json:
        out.data({"kind": "land", **answer})
    else:
        out.text(f"{answer['target']}: {len(answer['sessions'])} landed or queued again")


@app.command()
def undo(session: Annotated[str, typer.Argument(metavar="[ID]")] = "", as_json: JSON = False) -> None:
    """Bring back a session's work, branch and directory; without ID, take back the last landing by a new commit.

    Nothing is ever rewritten: the last landing is undone by a commit that passes the gates like any other.
    """
    client = here().client()
    client.greet()
    board = client.board()
    answer = client.ask("undo", {"id": session})
    if "run" in answer:
        wait_for_run(client, board, RunId(answer["run"]), as_json, TaskId(answer["task"]))
    if as_json:
        out.data({"kind": "restored", **answer})
    else:
        out.text(f"restored {answer['branch']} in {answer['worktree']}")
