"""Commands that make work and wait for it: run, resume, merge, land, undo."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from swarmctl.app.choose import Chosen, choose
from swarmctl.app.client import caller_env
from swarmctl.app.here import Here, here
from swarmctl.app.inbox import new_command_id
from swarmctl.app.request import PLAN_EXAMPLE, Several, as_text, from_plan, from_words, read_text
from swarmctl.core.agent import Permission
from swarmctl.core.codec import to_plain
from swarmctl.core.errors import UsageFault
from swarmctl.core.ids import RunId, TaskId
from swarmctl.core.machine import Facts
from swarmctl.core.outcome import ExitCode
from swarmctl.core.task import Terms
from swarmctl.surfaces.cli import out
from swarmctl.surfaces.cli.out import complain
from swarmctl.surfaces.cli.together import all_of_them
from swarmctl.surfaces.cli.waiting import one_landing, one_task, telling_what_goes_on, wait_for, whole_run
from swarmctl.surfaces.words.plain import one_line

app = typer.Typer()

JSON = Annotated[bool, typer.Option("--json", help="NDJSON on stdout; the last line is `run.finished`.")]
DETACH = Annotated[bool, typer.Option("--detach", help="Do not wait; the work stops at `ready`.")]
ID = Annotated[str, typer.Argument(metavar="ID", help="A session: its id, its task's id, its branch, or a beginning.")]
COMMAND = Annotated[str | None, typer.Option("--exec", metavar="CMD", help="A shell command that does the task.")]
AGENT = Annotated[
    str, typer.Option(metavar="NAME[,NAME]", help="The agent, or several to compare; default: [agent] default.")
]
ATTEMPTS = Annotated[
    int, typer.Option(metavar="N", help="So many sessions for each task and agent, of which you pick one.")
]
PERMISSION = Annotated[
    Permission, typer.Option(help="What the agent may do unasked: only look, nothing, edit files, everything.")
]
MODE = Annotated[
    Literal["auto", "interactive", "headless"], typer.Option(help="The agent's own interface, or JSON underneath.")
]

RUN_EPILOG = "A plan file:\n\n" + "\n\n".join(f"\b\n{part}" for part in PLAN_EXAMPLE.strip().split("\n\n"))


@app.command(epilog=RUN_EPILOG)
def run(
    tasks: Annotated[list[str] | None, typer.Argument(metavar='"TASK"…', help="Each quoted; `-` reads stdin.")] = None,
    command: COMMAND = None,
    agent: AGENT = "",
    attempts: ATTEMPTS = 1,
    permission: PERMISSION = "edit",
    model: Annotated[str, typer.Option(metavar="NAME", help="The agent's model; default: its own choice.")] = "",
    effort: Annotated[str, typer.Option(metavar="LEVEL", help="How hard the model thinks, in the agent's words.")] = "",
    mode: MODE = "auto",
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

    With --attempts, or several agents, nothing lands: the attempts at a task begin at one commit, pass the same gates
    and are ranked; `swarmctl pick ID` lands one.
    """
    _refuse_empty(command)
    place = here()
    words = [*(tasks or []), *_from_elsewhere(place, file, issue)]
    if words == ["-"]:
        words = [as_text(sys.stdin.buffer.read(), "stdin")]
    if plan is not None and (words or command):
        raise UsageFault("a plan and tasks at once", hint="put the tasks into the plan")
    several = _several(agent, attempts, command)
    chosen = cache(lambda named: _choose(place, named or (agent if not several.agents else "")))
    terms = Terms(mode=mode, permission=permission, model=model, effort=effort)
    given = (chosen, terms, several)
    wanted = from_plan(plan, *given) if plan is not None else from_words(words, command or "", *given)
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
    with telling_what_goes_on(client, waited := whole_run(run_id)):
        answer = client.ask("run", args)
        for notice in place.notices(answer.get("uncommitted", []), answer["target"]):
            out.say(one_line(notice))
        if detach:
            detached(answer, as_json)
        wait_for(waited, client, board, as_json)


def _refuse_empty(command: str | None) -> None:
    """An unset variable must not start an agent that costs money."""
    if command is not None and not command.strip():
        raise UsageFault("--exec is empty", hint="--exec 'CMD', or leave it out for an agent")


def _several(agent: str, attempts: int, command: str | None) -> Several:
    names = tuple(name.strip() for name in agent.split(","))
    if len(names) == 1:
        return Several(attempts)
    if not all(names):
        raise UsageFault(f"--agent {agent} leaves a name out", hint="--agent NAME,NAME")
    if command is not None:
        raise UsageFault("a command is run by no agent", hint="--attempts N runs it N times")
    return Several(attempts, names)


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
        several = any(task.get("contest") for task in answer["tasks"])
        out.say(f"swarmctl ps shows them; swarmctl {'compare ranks them' if several else 'merge ID lands one'}")
    raise typer.Exit(ExitCode.OK)


def by_title(answer: dict[str, Any], facts: Facts) -> dict[str, Any]:
    """With the one task that goes on, as `detached` shows it."""
    session = {"session": answer["session"]} if "session" in answer else {}
    task = {"id": answer["task"], "title": facts.tasks[TaskId(answer["task"])].title}
    return {**answer, "tasks": [{**task, **session}]}


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
