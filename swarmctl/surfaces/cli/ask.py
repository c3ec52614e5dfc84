"""The commands that put a question to the council: ask, route."""

from __future__ import annotations

from typing import Annotated

import typer

from swarmctl.surfaces.cli import asking
from swarmctl.surfaces.cli.work import JSON

app = typer.Typer()
QUESTION = typer.Argument(metavar='["QUESTION"]', help="Quoted; `-` reads it from standard input.")


@app.command()
def ask(
    words: Annotated[list[str] | None, QUESTION] = None,
    file: Annotated[str, typer.Option("--file", "-f", metavar="FILE", help="What it holds follows the question.")] = "",
    follow_up: Annotated[
        bool, typer.Option("--continue", "-c", help="A follow-up to what was asked here last.")
    ] = False,
    as_json: JSON = False,
    explain: Annotated[bool, typer.Option("--explain", help="Each tier and what it made of the question.")] = False,
    tier: Annotated[
        str, typer.Option("--tier", metavar="TIER", help="Go no further than this one: rules or exact.")
    ] = "",
) -> None:
    """Answer a question exactly, or say that it is not known; starts nothing and needs no model and no repository.

    An answer comes from an exact tool that understood every word of the question, with a line by which you can check
    it. Without one it ends with 1. Several questions in one text are answered each, or none of them. Each is recorded:
    `swarmctl council why ID`.
    """
    wanted = asking.Wanted()
    wanted.words, wanted.file, wanted.follow_up = words or [], file, follow_up
    wanted.as_json, wanted.explain, wanted.tier = as_json, explain, tier
    raise typer.Exit(asking.asked(wanted))


@app.command()
def route(words: Annotated[list[str] | None, QUESTION] = None, as_json: JSON = False) -> None:
    """Say where a text would go: its class, its risk, the tiers that may answer, and by which rules."""
    raise typer.Exit(asking.route(words or [], as_json))
