"""The table of docs/hooks.md, from the table in the code."""

from __future__ import annotations

import sys

from swarmctl.edges.hooks.events import EVENTS, variable


def render() -> str:
    rows = [
        "| hook | when | blocks and vetoes | time limit | variables |",
        "|---|---|---|---|---|",
    ]
    for event in EVENTS.values():
        told = " ".join(f"`{variable(name)}`" for name in ("event", *event.variables))
        vetoes = "yes" if event.blocking else "no"
        rows.append(f"| `{event.name}` | {event.when} | {vetoes} | {event.timeout_s:g} s | {told} |")
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    sys.stdout.write(render())
