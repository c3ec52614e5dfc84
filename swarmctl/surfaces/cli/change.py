"""Commands that steer one session: stop, rm, approve, send, answer, attach."""

from __future__ import annotations

import os
import sys
from typing import Annotated, Any, Literal, NoReturn

import typer

from swarmctl.app.client import caller_env
from swarmctl.app.find import find_session
from swarmctl.app.here import here, here_to_read
from swarmctl.core.errors import Refused, UsageFault
from swarmctl.core.ids import SessionId
from swarmctl.core.outcome import ExitCode
from swarmctl.core.session import Session, Stage
from swarmctl.surfaces.cli import out
from swarmctl.surfaces.cli.out import complain
from swarmctl.surfaces.words.plain import one_line

app = typer.Typer()

SENT = {
    "queued": "; its agent hears it at the end of its turn",
    "resumed": "; its agent goes on with it",
}
VERBATIM = {"ignore_unknown_options": True, "help_option_names": ["--help"]}
"""A text that begins with a dash is a text, whatever letters it holds."""
LONGEST = 256 * 1024
"""Of a message that is typed."""

ID = Annotated[str, typer.Argument(metavar="ID", help="A session: its id, its task's id, its branch, or a beginning.")]
JSON = Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")]


@app.command()
def stop(
    session: Annotated[str, typer.Argument(metavar="[ID]")] = "",
    every: Annotated[bool, typer.Option("--all", help="Every session of this repository.")] = False,
    as_json: JSON = False,
) -> None:
    """Stop an agent at a safe point: its work is checkpointed, its processes are ended, nothing is removed.

    An agent that you started yourself is only asked to end (SIGINT, then SIGTERM), and never killed; `--all` leaves it
    alone.
    """
    if bool(session) == every:
        raise UsageFault("name one session, or --all", hint="swarmctl ps lists them")
    answer = here().client(complain).ask("stop", {"id": session, "all": every})
    if as_json:
        out.data({"kind": "stop", **answer})
    else:
        out.text(f"stopping {', '.join(answer['stopped'])}" if answer["stopped"] else "nothing runs")


@app.command()
def rm(session: ID, as_json: JSON = False) -> None:
    """Put a session's worktree into the trash; a checkpoint holds everything in it first. `undo ID` restores it.

    A worktree that you made yourself, and that was adopted, is given back: it stays where it is.
    """
    answer = here().client(complain).ask("rm", {"id": session})
    if as_json:
        out.data({"kind": "rm", **answer})
    elif answer["place"] == "returned":
        out.text(f"{answer['session']} is over; {answer['worktree']} stays, and is your own again")
    else:
        out.text(f"removed {answer['session']}, {answer['worktree']} is in the trash; {answer['undo']} restores it")


@app.command()
def approve(
    session: Annotated[str, typer.Argument(metavar="[ID]", help="Without ID: list what waits for approval.")] = "",
    as_json: JSON = False,
) -> None:
    """Approve what needs a person: a session that changes its own gates, or something executable of the repository.

    An approval holds for one content: when the branch or the file changes, it is asked again.
    """
    place = here()
    files, sessions = place.waiting_for_approval(), place.sessions_to_approve()
    if not session:
        _list_approvals(files, sessions, as_json)
        return
    content, heads = _named(session, files), _named(session, sessions)
    args = {"subject": content[0][0], "digest": content[0][1]} if content else {"id": (heads or [(session, "")])[0][0]}
    answer = place.client(complain).ask("approve", args)
    out.data({"kind": "approve", **answer}) if as_json else out.text(
        one_line(f"approved {answer['subject']} ({answer['digest'][:12]})")
    )


def _named(name: str, waiting: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(s, d) for s, d in waiting if name in (s, d) or (len(name) >= 8 and d.startswith(name))]


def _list_approvals(files: list[tuple[str, str]], sessions: list[tuple[str, str]], as_json: bool) -> None:
    if as_json:
        out.data({"kind": "approvals", "waiting": [{"subject": s, "digest": d} for s, d in (*files, *sessions)]})
        return
    lines = [one_line(f"{digest[:12]}  {subject}") for subject, digest in files]
    lines += [
        f"{head[:12]}  session {name}: swarmctl diff {name}, then swarmctl approve {name}" for name, head in sessions
    ]
    out.text("\n".join(lines) or "nothing waits for approval")


@app.command(context_settings=VERBATIM)
def send(
    session: ID,
    words: Annotated[list[str], typer.Argument(metavar='"TEXT"', help="Quoted; `-` reads stdin.")],
    now: Annotated[bool, typer.Option("--now", help="Type it into the terminal at once.")] = False,
    as_json: JSON = False,
) -> None:
    """Tell a session's agent something.

    An agent at rest is started again with it, in its conversation or else with its task. While it works, one that keeps
    its conversation hears it at the end of its turn. Into any other agent, and with --now, it is typed and submitted;
    lines stay lines where it takes a paste as one. It is typed once, and never into a question; ends with 7 when
    nothing shows what became of it.
    """
    if len(words) > 1:
        raise UsageFault(
            f"{len(words)} words look like one message without quotes", hint=f'swarmctl send {session} "TEXT"'
        )
    text = _from_stdin() if words == ["-"] else words[0]
    if len(text) > LONGEST:
        raise UsageFault(
            f"{len(text)} characters are too many to type", hint="put them into a file of its worktree, send its name"
        )
    answer = here().client(complain).ask("send", {"id": session, "text": text, "now": now, "env": caller_env()})
    if as_json:
        out.data({"kind": "send", **answer})
    else:
        out.text(_sent(answer))
    if answer.get("delivery") == "unconfirmed":
        out.say(f"hint: swarmctl attach {answer['session']}")
        raise typer.Exit(ExitCode.UNKNOWN)


def _sent(answer: dict[str, Any]) -> str:
    match answer.get("delivery"):
        case None:
            return f"sent to {answer['session']}{SENT[answer['how']]}"
        case "delivered":
            return f"sent to {answer['session']}"
        case "queued":
            return f"sent to {answer['session']}; {answer['why']}"
    return f"typed into {answer['session']}, unconfirmed: {answer['why']}"


@app.command()
def answer(
    session: ID,
    said: Annotated[Literal["allow", "deny", "pane"], typer.Argument(metavar="allow|deny|pane")],
    why: Annotated[str, typer.Option(metavar="TEXT", help="Told to the agent with a refusal.")] = "",
    as_json: JSON = False,
) -> None:
    """Answer the question that a session's agent waits with; `pane` leaves it to the agent's own terminal."""
    told = here().client(complain).ask("answer", {"id": session, "answer": said, "why": why})
    out.data({"kind": "answer", **told}) if as_json else out.text(f"told {told['session']}: {told['answer']}")


def _from_stdin() -> str:
    """Its last line end is the one that submits it."""
    text = sys.stdin.buffer.read().decode(errors="surrogateescape")
    return text.removesuffix("\n").removesuffix("\r")


@app.command()
def attach(
    session: ID,
    as_json: Annotated[bool, typer.Option("--json", help="The command that opens it, as one JSON object.")] = False,
) -> None:
    """Open a session's terminal: here, in a popup of your tmux, or as a line to type where there is no terminal."""
    place = here_to_read()
    with place.board() as board:
        found = find_session(board.facts, session)
        inside = board.facts.sessions.get(SessionId(os.environ.get("SWARM_SESSION", "")))
    if found.stage is not Stage.RUNNING:
        when = "not yet" if found.active else "no longer"
        hint = f"swarmctl logs {'-f ' if found.active else ''}{found.id}"
        raise Refused(f"{found.id} is {found.stage.value}; its terminal is {when} there", hint=hint)
    argv = place.attach_argv(found, os.environ)
    if as_json:
        out.data({"kind": "attach", "session": found.id, "argv": argv})
    elif not (sys.stdin.isatty() and sys.stdout.isatty()):
        out.text(place.as_line(argv))
    else:
        place.require_client(found, os.environ)
        open_terminal(argv, inside)


def open_terminal(argv: tuple[str, ...], inside: Session | None) -> NoReturn:
    """`inside`: the session in whose terminal this is typed."""
    if inside is not None:
        words = f"this terminal is that of {inside.id}; a session's terminal cannot be shown inside of one"
        raise Refused(words, hint="leave it first: Ctrl-b d")
    os.execvp(argv[0], argv)
