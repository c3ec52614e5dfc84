"""`swarmctl statusline`: one short line of counts, and nothing that anybody wrote, for the status line of a tmux."""

import os
import sys

from swarmctl.app.glance import standing_here
from swarmctl.core.attention import tally


def statusline(every: bool, as_json: bool) -> "int | None":
    """None when the long way has to say what is wrong."""
    rows = standing_here(os.getcwd(), every)  # noqa: PTH109 - pathlib costs 7 ms
    if rows is None:
        return None
    counts = tally(rows)
    if as_json:
        import json

        sys.stdout.write(json.dumps({"v": 1, "kind": "statusline", "line": line_of(counts), **counts}) + "\n")
    else:
        sys.stdout.write(line_of(counts) + "\n")
    return 0


def line_of(counts: "dict[str, int]") -> str:
    """Empty while nothing works, waits or needs anybody."""
    need = counts["need"]
    parts = (
        f"{counts['working']} working" if counts["working"] else "",
        f"{counts['waiting']} waiting" if counts["waiting"] else "",
        f"{need} need{'s' if need == 1 else ''} you" if need else "",
    )
    return " · ".join(part for part in parts if part)
