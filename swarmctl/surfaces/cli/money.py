"""Commands about money: what agents cost, and what is left."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import Annotated, Any

import typer

from swarmctl.app.costs import By, Costs, Left, Line, costs, left, since_of
from swarmctl.app.here import facts_here, here_to_read
from swarmctl.core.facts import Facts
from swarmctl.core.ids import TaskId
from swarmctl.core.money import MICRO, Tokens, dollars, thousands
from swarmctl.surfaces.cli import out
from swarmctl.surfaces.words.money import cost_words
from swarmctl.surfaces.words.plain import one_line

app = typer.Typer()

JSON = Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")]
HEADS = ("", "STARTS", "INPUT", "CACHE WRITE", "CACHE READ", "OUTPUT", "COST")
LONGEST_NAME = 48


@app.command()
def cost(
    by: Annotated[By, typer.Option(help="What the lines are of.")] = "agent",
    since: Annotated[
        str, typer.Option(metavar="WHEN", help="Starts since a date, `today`, or so long ago: 12h, 7d, 2w.")
    ] = "",
    as_json: JSON = False,
) -> None:
    """Show what agents used: tokens and money by agent, model, task or day, from their own words.

    Money that nobody knows is `?` and counted apart, never $0; what a subscription pays is tokens under `plan`.
    """
    with facts_here() as facts:
        found = costs(facts, by, since_of(since, time.time()))
        if as_json:
            out.data(_costs_plain(facts, found, by, since))
            return
        for line in _table(facts, found, by):
            out.text(line)


def _costs_plain(facts: Facts, found: Costs, by: By, since: str) -> dict[str, Any]:
    lines = [{**line_plain(line), "title": _title(facts, line.name) if by == "task" else ""} for line in found.lines]
    return {
        "kind": "cost",
        "by": by,
        "since": since,
        "lines": lines,
        "total": {**line_plain(found.total), "title": ""},
        "prices": list(found.sources),
    }


def line_plain(line: Line) -> dict[str, Any]:
    return {
        "name": line.name,
        "starts": line.starts,
        "tokens": asdict(line.tokens),
        "usd": line.micros / MICRO,
        "micros": line.micros,
        "plan_tokens": line.plan.total,
        "unknown_tokens": line.unknown.total,
        "unknown_starts": line.unsaid,
        "reserved_micros": line.reserved,
    }


def _table(facts: Facts, found: Costs, by: By) -> list[str]:
    if not found.lines:
        return ["no agent that costs anything ran in that time"]
    rows = [HEADS, *(_row(_name(facts, line.name, by), line) for line in (*found.lines, found.total))]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADS))]
    lines = []
    for row in rows:
        cells = [row[0].ljust(widths[0]), *(cell.rjust(size) for cell, size in zip(row[1:], widths[1:], strict=True))]
        lines.append("  ".join(cells).rstrip())
    return [*lines, *_notes(found)]


def _row(name: str, line: Line) -> tuple[str, ...]:
    tokens = line.tokens
    counts = (tokens.input, tokens.cache_write, tokens.cache_read, tokens.output)
    return (name, str(line.starts), *map(thousands, counts), cost_words(line))


def _notes(found: Costs) -> list[str]:
    total = found.total
    notes = []
    if total.reserved:
        notes.append(f"reserved for what runs now: {dollars(total.reserved)}")
    if total.plan.total:
        notes.append(f"plan: {thousands(total.plan.total)} tokens that a subscription pays")
    if total.is_unknown:
        starts = f"{total.unsaid} start{'' if total.unsaid == 1 else 's'}"
        silent = f"; {starts} of which nobody said anything" if total.unsaid else ""
        notes.append(f"?: {thousands(total.unknown.total)} tokens without a known price{silent}; not in the sum")
    if found.sources:
        notes.append(f"prices: {'; '.join(found.sources)}")
    return ["", *notes] if notes else []


def _name(facts: Facts, name: str, by: By) -> str:
    words = f"{name}  {_title(facts, name)}" if by == "task" and name != "total" else name
    return one_line(words)[:LONGEST_NAME]


def _title(facts: Facts, name: str) -> str:
    task = facts.tasks.get(TaskId(name))
    return task.title if task else ""


def session_cost(found: Costs) -> str:
    """One line for `show`."""
    total, models = found.total, ", ".join(line.name for line in found.lines)
    starts = f"{total.starts} start{'' if total.starts == 1 else 's'}"
    return f"{cost_words(total)}, {tokens_words(total.tokens)}, {models}, {starts}"


def tokens_words(tokens: Tokens) -> str:
    parts = [(tokens.input, "in"), (tokens.cache_write, "cache write"), (tokens.cache_read, "cache read")]
    words = [f"{thousands(count)} {name}" for count, name in parts if count]
    return " + ".join([*words, f"{thousands(tokens.output)} out"])


@app.command()
def budget(as_json: JSON = False) -> None:
    """Show what agents may still cost: caps, used, reserved and left, today and for what is not over.

    Caps are set in `swarm.toml`: [budget.agents] task_usd, run_usd and day_usd.
    """
    place = here_to_read()
    caps = place.settings().budget_agents
    with place.glance() as board:
        found = left(board.facts, caps)
        is_unknown = costs(board.facts, "day").total.is_unknown
    if as_json:
        out.data({"kind": "budget", "scopes": [_left_plain(each) for each in found]})
        return
    rows = [("SCOPE", "CAP", "USED", "RESERVED", "LEFT"), *map(_left_row, found)]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    for row in rows:
        cells = [row[0].ljust(widths[0]), *(cell.rjust(size) for cell, size in zip(row[1:], widths[1:], strict=True))]
        out.text("  ".join(cells).rstrip())
    if is_unknown:
        out.say("used counts what nobody knows the price of as all that was reserved for it: swarmctl cost")
    if all(each.cap is None for each in found):
        out.say("nothing is capped: set [budget.agents] task_usd, run_usd or day_usd in swarm.toml")


def _left_row(each: Left) -> tuple[str, ...]:
    title = one_line(each.title)[:LONGEST_NAME]
    cap, rest = ("-" if amount is None else dollars(amount) for amount in (each.cap, each.left))
    return (title, cap, dollars(each.used), dollars(each.reserved), rest)


def _left_plain(each: Left) -> dict[str, Any]:
    return {
        "scope": each.scope,
        "title": each.title,
        "cap_micros": each.cap,
        "used_micros": each.used,
        "reserved_micros": each.reserved,
        "left_micros": each.left,
    }
