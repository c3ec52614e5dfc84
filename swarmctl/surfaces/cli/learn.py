"""The command that proposes a line for what all agents read: learn."""

from __future__ import annotations

from typing import Annotated

import typer

from swarmctl.app.client import caller_env
from swarmctl.app.find import find_session
from swarmctl.app.here import here
from swarmctl.app.inbox import new_command_id
from swarmctl.app.learning import proposal
from swarmctl.core.codec import to_plain
from swarmctl.core.errors import UsageFault
from swarmctl.core.ids import RunId
from swarmctl.core.machine import Facts
from swarmctl.surfaces.cli.out import complain
from swarmctl.surfaces.cli.waiting import wait_for, whole_run
from swarmctl.surfaces.cli.work import JSON

app = typer.Typer()


@app.command()
def learn(
    words: Annotated[list[str] | None, typer.Argument(metavar='["LINE"]', help="Quoted.")] = None,
    source: Annotated[
        str, typer.Option("--from", metavar="ID", help="The session that taught it; without LINE, in its words.")
    ] = "",
    as_json: JSON = False,
) -> None:
    """Propose a line for the instructions that every agent reads: AGENTS.md, else CLAUDE.md or GEMINI.md.

    The line becomes a change of its own that stops at `ready`, in a worktree where you may reword it. Look at it with
    `swarmctl diff ID`, land it through the queue and its gates with `swarmctl merge ID`, or drop it with
    `swarmctl rm ID`. Your checkout is not touched. Without LINE it says what a gate refused in session ID, else what
    its agent said last. Ends with 6 when the line is there already.
    """
    given = words or []
    if len(given) > 1:
        raise UsageFault(
            f"{len(given)} words look like one line without quotes", hint=f'swarmctl learn "{" ".join(given)}"'
        )
    place = here()
    facts, session = Facts(), None
    if source:
        with place.glance() as known:
            facts, session = known.facts, find_session(known.facts, source)
            wanted = proposal("".join(given), session, facts)
    else:
        wanted = proposal("".join(given), None, facts)
    run_id = RunId(new_command_id())
    args = {
        "run": run_id,
        "waits": True,
        "lands": "no",
        "target": place.settings().merge.target,
        "env": caller_env(),
        "tasks": [to_plain(wanted)],
    }
    place.require_room()
    client = place.client(complain)
    client.greet()
    board = client.board()
    client.ask("run", args)
    wait_for(whole_run(run_id), client, board, as_json)
