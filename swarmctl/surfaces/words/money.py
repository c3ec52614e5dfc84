"""What something cost, in words: money that nobody knows is `?`, what a subscription pays is `plan`; neither is $0."""

from __future__ import annotations

from swarmctl.app.costs import Line
from swarmctl.core.money import dollars, thousands


def cost_words(line: Line) -> str:
    """`$0.12`, `plan`, `?`, and any of them together."""
    parts = [dollars(line.micros)] if line.micros else []
    parts += ["plan"] if line.plan.total else []
    parts += ["?"] if line.is_unknown else []
    return " + ".join(parts) or ("$0.00" if not line.reserved else "-")


def cost_cell(line: Line) -> str:
    """The same where there is room for one word: `$0.12+?`, `12.3k tok`, `?`; empty for nothing."""
    if line.micros:
        return dollars(line.micros) + ("+?" if line.is_unknown else "")
    if line.plan.total:
        return f"{thousands(line.plan.total)} tok"
    return "?" if line.is_unknown else ""
