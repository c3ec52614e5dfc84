"""The command that takes over what a person began by hand."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from swarmctl.app.here import here
from swarmctl.app.sighting import Pointed, Sighted, sight
from swarmctl.core.codec import to_plain
from swarmctl.core.ids import SessionId
from swarmctl.core.machine import Facts
from swarmctl.core.outcome import ExitCode, Outcome
from swarmctl.core.session import Session, Stage
from swarmctl.surfaces.cli import out
from swarmctl.surfaces.cli.out import complain
from swarmctl.surfaces.words.plain import one_line

app = typer.Typer()

EXAMPLES = """\
A worktree that you made, with what is in it, committed or not:

\b
git worktree add -b parser ../parser
swarmctl adopt ../parser --task "Make the parser accept empty input"

An agent that works in a pane of your own tmux (tmux list-panes -a names them):

\b
swarmctl adopt %12
swarmctl adopt work:2.1 -L mine

Then, as with every session:

\b
swarmctl diff ID; swarmctl send ID "and the tests"; swarmctl merge ID
"""
UNDER_WAY = (Stage.PLANNED, Stage.PROVISIONED)


@app.command(epilog=EXAMPLES)
def adopt(
    what: Annotated[
        str, typer.Argument(metavar="PANE|WORKTREE", help="`%12` or `session:window.pane`; or a path, or its branch.")
    ],
    task: Annotated[
        str,
        typer.Option(metavar="TEXT", help="What it is about; default: what the agent was told, or the last commit."),
    ] = "",
    agent: Annotated[
        str, typer.Option(metavar="NAME", help="Who goes on with it; default: who works there, or did last.")
    ] = "",
    target: Annotated[str, typer.Option(metavar="BRANCH", help="Land there; default: [merge] target.")] = "",
    no_merge: Annotated[bool, typer.Option("--no-merge", help="Stop at `ready`, whatever [merge] auto says.")] = False,
    tmux_name: Annotated[str, typer.Option("-L", metavar="NAME", help="The tmux server's name, as `tmux -L`.")] = "",
    tmux_socket: Annotated[
        str, typer.Option("-S", metavar="SOCKET", help="The tmux server's socket, as `tmux -S`.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Take over an agent that you started by hand; or a worktree that you made, with what is in it.

    A checkpoint keeps everything in the worktree at once. The worktree stays where it is, and the branch stays yours,
    also when it landed. An agent that works there goes on undisturbed in your terminal; when you end it, its work is
    committed and ready. swarmctl never ends it, unless you say `swarmctl stop ID`: then it is asked to, and not killed.
    """
    place = here()
    target = target or place.settings().merge.target
    found = sight(place, Pointed(what, agent, target, tmux_name, tmux_socket))
    place.require_room()
    client = place.client(complain)
    client.greet()
    board = client.board()
    answer = client.ask("adopt", _asked(found, task, target, no_merge))
    name = SessionId(answer["session"])
    with board:
        for _ in client.follow(board, None, lambda facts: _is_taken(facts, name)):
            pass
        session = board.facts.sessions[name]
    if as_json:
        out.data({"kind": "adopt", **answer, **_plain(session)})
    else:
        for line in _lines(session, found, answer):
            out.text(one_line(line))
    if session.outcome is Outcome.FAILED:
        raise typer.Exit(ExitCode.REFUSED)


def _asked(found: Sighted, task: str, target: str, no_merge: bool) -> dict[str, Any]:
    return {
        "path": found.worktree.path,
        "target": target,
        "task": task or found.told,
        "agent": found.agent,
        "conversation": found.conversation.id if found.conversation else "",
        "process": to_plain(found.person.process) if found.person else None,
        "server": found.pane.server if found.pane else "",
        "pane": found.pane.pane if found.pane else "",
        "lands": not no_merge,
        "env": dict(found.env),
    }


def _is_taken(facts: Facts, name: SessionId) -> bool:
    session = facts.sessions.get(name)
    return session is not None and session.stage not in UNDER_WAY


def _plain(session: Session) -> dict[str, Any]:
    return {
        "agent": session.agent,
        "stage": session.stage.value,
        "process": session.process.pid if session.process else None,
        "pane": session.adopted.pane if session.adopted else "",
        "checkpoint": session.checkpoint,
        "reason": session.reason,
    }


def _lines(session: Session, found: Sighted, answer: dict[str, Any]) -> list[str]:
    if session.outcome is Outcome.FAILED:
        return [f"{session.id}  {session.reason}"]
    where = f"{session.branch} in {session.worktree}, from {session.base_name} at {session.base[:10]}"
    lines = [f"{session.id}  {where}"]
    if session.checkpoint:
        lines.append(f"kept  everything in it, as {session.checkpoint[:10]} under refs/swarm/checkpoint/{session.id}")
    if session.driven and session.process:
        pane = f" in pane {found.pane.pane}" if found.pane else ""
        lines.append(f"agent {session.agent} works on{pane}, driven by you; when you end it, its work is ready")
    else:
        lines.append(f"agent {session.agent}{f': {found.why}' if found.why else ''}")
    if answer["conversation"]:
        lines.append(f'talk  {answer["conversation"]}: swarmctl send {session.id} "TEXT" goes on with it')
    if session.reason:
        lands = f"; swarmctl merge {session.id} lands it" if session.outcome is Outcome.READY else ""
        lines.append(f"then  {session.reason}{lands}")
    return lines
