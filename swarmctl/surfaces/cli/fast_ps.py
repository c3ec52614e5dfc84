"""`swarmctl ps` straight from the tables, with `sqlite3` and nothing else of weight."""

import os
import sys
import time

from swarmctl.app.glance import tasks_here
from swarmctl.surfaces.words.limits import clock, waits_of_row
from swarmctl.surfaces.words.plain import age, one_line

AWAY = {"trashed": "in the trash", "returned": "given back"}
RECENT_S = 86400.0
"""What finished so lately is shown, and the last twenty however long ago."""


def ps(as_json: bool) -> "int | None":
    """None when the long way has to say what is wrong."""
    found = tasks_here(os.getcwd(), time.time() - RECENT_S)  # noqa: PTH109 - pathlib costs 7 ms
    if found is None:
        return None
    rows, more = found
    if as_json:
        import json

        sys.stdout.write(json.dumps({"v": 1, "kind": "ps", "tasks": rows, "more": more}) + "\n")
    else:
        width = os.get_terminal_size(1).columns if sys.stdout.isatty() else 0
        sys.stdout.write(table(rows, time.time(), width) + left_out(more))
    return 0


def left_out(more: int) -> str:
    return f"and {more} more that finished earlier: swarmctl ps --all-tasks\n" if more else ""


def table(rows: "list[dict[str, str | int | float | None]]", now: float, width: int = 0) -> str:
    """Where it would be too wide for the terminal it goes without branches, and titles end early."""
    if not rows:
        return "nothing ran here yet; swarmctl run 'TASK' --exec 'CMD'\n"
    cells = [("SESSION", "STATE", "AGE", "AGENT", "BRANCH", "TASK")] + [_row(row, now) for row in rows]
    if width and max(sum(map(len, line)) for line in cells) + 10 > width:
        cells = [(*line[:4], "", line[5]) for line in cells]
    widths = [max(len(line[column]) for line in cells) for column in range(5)]
    lines = [
        "  ".join([*(cell.ljust(width) for cell, width in zip(line[:5], widths, strict=True)), line[5]]).rstrip()
        for line in cells
    ]
    return "\n".join(line[: width or None] for line in lines) + "\n"


def _row(row: "dict[str, str | int | float | None]", now: float) -> "tuple[str, str, str, str, str, str]":
    state = row["outcome"] or (_doing(row, now) if row["stage"] == "running" else row["stage"]) or "waiting"
    state = "gating" if row.get("rehearsal") else waits_of_row(row, now) or state
    if (where := AWAY.get(str(row.get("place")))) and row["stage"] == "kept":
        state = f"{state}, {where}"
    if row.get("abroad"):
        state = f"{state}, {row['abroad']}"
    since = row["finished_at"] or row["state_since"] or row["created_at"]
    name, branch, title = str(row["session"] or row["id"]), str(row["branch"] or "-"), str(row["title"])[:60]
    return (
        name,
        str(state),
        age(now - float(since or now)),
        one_line(str(row["agent"])),
        one_line(branch),
        one_line(title),
    )


def _doing(row: "dict[str, str | int | float | None]", now: float) -> str:
    """With what it is blocked for, and until when it is limited; an older format does not say."""
    kind, until = row.get("state_kind"), row.get("state_until")
    words = f"{row['state']} ({kind})" if kind else str(row["state"])
    return f"{words} until {clock(float(until), now)}" if until else words
