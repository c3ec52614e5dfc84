"""What something cost, in words: money that nobody knows is `?`, what a subscription pays is `plan`; neither is $0."""

from __future__ import annotations

from swarmctl.app.costs import Line
from swarmctl.core.money import dollars


def cost_words(line: Line) -> str:
    """`$0.12`, `plan`, `?`, and any of them together."""
    parts = [dollars(line.micros)] if line.micros else []
    parts += ["plan"] if line.plan.total else []
    parts += ["?"] if line.is_unknown else []
    return " + ".join(parts) or ("$0.00" if not line.reserved else "-")
