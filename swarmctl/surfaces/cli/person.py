"""Commands that say whose turn it is: next, statusline. They start nothing and change nothing."""

from __future__ import annotations

import os
import sys
from typing import Annotated, Any

import typer

from swarmctl.app.here import Here, facts_here, here_to_read
from swarmctl.core.attention import NEEDS, need_in
from swarmctl.core.errors import EnvironmentFault
from swarmctl.core.ids import SessionId
from swarmctl.core.machine import Facts
from swarmctl.core.outcome import ExitCode
from swarmctl.core.session import Session, Stage
from swarmctl.surfaces.cli import out
from swarmctl.surfaces.cli.change import open_terminal
from swarmctl.surfaces.cli.statusline import statusline as line
from swarmctl.surfaces.words.contest import open_contest
from swarmctl.surfaces.words.plain import one_line
from swarmctl.surfaces.words.steps import next_step, step_of

app = typer.Typer()

JSON = Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")]
KEY = (
    "A key for it in ~/.tmux.conf:\n\n\b\n"
    "bind-key N new-window -c '#{pane_current_path}' 'swarmctl next; read _'"
)  # fmt: skip
TMUX = (
    "In ~/.tmux.conf:\n\n\b\n"
    "set -g status-interval 5\n"
    "set -g status-right '#(swarmctl statusline --all)'"
)  # fmt: skip


@app.command("next", epilog=KEY)
def next_one(as_json: JSON = False) -> None:
    """Show the session that needs you most, with what to type; in a terminal, open its terminal when it has one.

    First who is blocked, then what failed, was refused or conflicts, then what is parked, then what is ready and
    nobody lands. Of the same kind the one that waits longest. Ends with 6 when nobody needs you.
    """
    with facts_here() as facts:
        found = queue_of(facts)
        plain = [_plain(facts, need, session) for need, session in found]
        inside = facts.sessions.get(SessionId(os.environ.get("SWARM_SESSION", "")))
    if as_json:
        out.data({"kind": "next", "next": plain[0] if plain else None, "then": plain[1:]})
    elif plain:
        _tell(plain[0], len(plain) - 1)
    else:
        out.say("nobody needs you")
    if not found:
        raise typer.Exit(ExitCode.NO_WORK)
    if not as_json and sys.stdin.isatty() and sys.stdout.isatty():
        _open(here_to_read(), found[0][1], inside)


def queue_of(facts: Facts) -> list[tuple[str, Session]]:
    """Who needs a person, with what for, in whose order of turns."""
    found = []
    for session in facts.live.values():
        need = need_in(session, facts.tasks[session.task])
        if need:
            found.append((NEEDS.index(need), _since(facts, session), session.id, session))
    return [(NEEDS[rank], session) for rank, _, _, session in sorted(found, key=lambda each: each[:3])]


def _since(facts: Facts, session: Session) -> float:
    return facts.tasks[session.task].finished_at or session.state_since


def _plain(facts: Facts, need: str, session: Session) -> dict[str, Any]:
    if session.stage is Stage.RUNNING:
        why, hint = session.state_why, step_of(session)
    elif session.stage is Stage.PARKED:
        why, hint = session.reason, "free the path that blocks, then swarmctl land"
    else:
        outcome, why = facts.tasks[session.task].outcome, session.reason
        contest = open_contest(facts, facts.tasks[session.task])
        hint = next_step(outcome, session.id, session.agent, why, contest)
    return {
        "session": session.id,
        "task": session.task,
        "title": facts.tasks[session.task].title,
        "need": need,
        "kind_of_block": session.state_kind if need == "blocked" else "",
        "since": _since(facts, session),
        "why": why,
        "hint": hint or f"swarmctl show {session.id}",
    }


def _tell(found: dict[str, Any], others: int) -> None:
    what = f"{found['need']} ({found['kind_of_block']})" if found["kind_of_block"] else found["need"]
    out.hanging(f"{found['session']}  ", one_line(f"{what}  {found['title']}"))
    if found["why"]:
        out.hanging("why   ", one_line(found["why"]))
    out.hanging("then  ", one_line(found["hint"]))
    if others:
        out.say(f"and {others} more after that: swarmctl next --json")


def _open(place: Here, session: Session, inside: Session | None) -> None:
    """Where it runs and has a terminal; that it has none is no fault."""
    if session.stage is Stage.RUNNING and session.host == "tmux":
        place.require_client(session, os.environ)
        open_terminal(place.attach_argv(session, os.environ), inside)


@app.command(epilog=TMUX)
def statusline(
    every: Annotated[bool, typer.Option("--all", help="Over every repository of yours.")] = False, as_json: JSON = False
) -> None:
    """Print one short line for a status line: `2 working · 1 waiting · 1 needs you`; empty while nothing is.

    Counts only, never a word that an agent or a task brought along. Answers in a few milliseconds, and starts nothing.
    """
    if line(every, as_json) is None:
        with here_to_read().glance():
            raise EnvironmentFault(f"the ledger around {os.getcwd()} gives no answer", hint="swarmctl doctor")  # noqa: PTH109
