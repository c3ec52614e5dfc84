"""The tables of docs/hooks.md, from those in the code."""

from __future__ import annotations

import sys

from swarmctl.edges.hooks.events import EVENTS, FACTS


def render() -> str:
    rows = ["| hook | when | blocks and vetoes | time limit |", "|---|---|---|---|"]
    for event in EVENTS.values():
        vetoes = "yes" if event.blocking else "no"
        rows.append(f"| `{event.name}` | {event.when} | {vetoes} | {event.timeout_s:g} s |")
    rows += ["", "| variable | what it holds |", "|---|---|", "| `SWARM_EVENT` | the hook's name |"]
    rows += [f"| `{name}` | {words} |" for name, words in FACTS.items()]
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    sys.stdout.write(render())
