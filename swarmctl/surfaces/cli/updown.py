"""Commands about the supervisor: up and down. Nothing is loaded here that only other commands need."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated

import typer

from swarmctl.app.here import Here, here, here_to_read
from swarmctl.core.errors import SwarmError
from swarmctl.core.ids import SessionId
from swarmctl.core.session import Session
from swarmctl.surfaces.cli import out
from swarmctl.surfaces.cli.out import complain
from swarmctl.surfaces.words.plain import one_line

app = typer.Typer()

JSON = Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")]


@app.command()
def up(as_json: JSON = False) -> None:
    """Start the supervisor of this repository. Other commands start it when they need it."""
    answer = here().client(complain).greet()
    if as_json:
        out.data({"kind": "up", **answer})
    else:
        out.text(f"the supervisor runs as process {answer['pid']}; sessions run on {answer['host']}")


@app.command()
def down(
    purge: Annotated[
        bool, typer.Option("--purge", help="Remove everything of swarmctl's here; work stays in refs.")
    ] = False,
    as_json: JSON = False,
) -> None:
    """Stop every agent at a safe point; then the tmux server and the supervisor. Nothing is removed without --purge."""
    place = here_to_read()
    ran = _at_work(place)
    stopped = place.client(complain).down()
    left = _at_work(place)
    ended = sorted(session.id for session in ran.values() if session.id not in left and not session.driven)
    kept = _purged(place) if purge else []
    if as_json:
        out.data({"kind": "down", "stopped": stopped or bool(ended), "sessions": ended, "kept": kept})
        return
    out.text(_stopped(stopped, ended, sorted(left)))
    for line in kept:
        out.text(one_line(f"kept {line}"))


def _purged(place: Here) -> list[str]:
    from swarmctl.app import setup

    return setup.purge(place)


def _at_work(place: Here) -> dict[SessionId, Session]:
    """None where the ledger cannot be read: what runs can be stopped all the same."""
    with suppress(SwarmError), place.board() as board:
        return {session.id: session for session in board.facts.live.values() if session.active}
    return {}


def _stopped(supervisor: bool, ended: list[SessionId], left: list[SessionId]) -> str:
    """`left` are those that a person started, and those that nothing can be decided for."""
    if ended:
        words = f"stopped {', '.join(ended)}{', and the supervisor' if supervisor else ''}"
    elif supervisor:
        words = f"the supervisor is stopped{'' if left else '; no session ran'}"
    else:
        words = "the supervisor did not run"
    goes_on = "goes on" if len(left) == 1 else "go on"
    return f"{words}; {', '.join(left)} {goes_on}: swarmctl ps" if left else words
