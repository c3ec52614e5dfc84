"""How often the agents' manifests read the recorded screens right: python -m tests.real.screen_table.

A sample is one look, its title and its screen together, as `fuse` would believe them of an agent without hooks.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from swarmctl.core.evidence import Belief, Evidence, Source
from swarmctl.core.screen import Manifest, ScreenReader, read_screen
from swarmctl.core.session import State
from swarmctl.edges.agents.reader import read_agent
from swarmctl.flow.session.belief import fuse
from tests.real.homes import AGENTS, ROOT
from tests.real.screen_files import Screen, all_screens

Verdict = tuple[State, str]
"""A state and the kind of a block."""
PROMISED: dict[str, Verdict] = {
    "starting": (State.STARTING, ""),
    "onboarding": (State.BLOCKED, "onboarding"),
    "trust": (State.BLOCKED, "trust"),
    "hook-review": (State.BLOCKED, "trust"),
    "permission": (State.BLOCKED, "permission"),
    "question": (State.BLOCKED, "question"),
    "working": (State.WORKING, ""),
    "retrying": (State.RATE_LIMITED, ""),
    "idle": (State.IDLE, ""),
    "interrupted": (State.IDLE, ""),
    "api-error-429": (State.RATE_LIMITED, "rate"),
    "api-error": (State.IDLE, ""),
    "exited": (State.EXITED, ""),
}
"""What the beginning of a fixture's name promises; after Esc or an error an agent rests, but for one of a limit."""


@dataclass(frozen=True)
class Sample:
    screen: Screen
    promised: Verdict
    found: Verdict

    @property
    def result(self) -> str:
        if self.found == self.promised:
            return "right"
        return "unknown" if self.found[0] is State.UNKNOWN else "wrong"


def manifest(agent: str) -> Manifest:
    path = ROOT / "agents" / f"{agent}.yaml"
    found = read_agent(path.read_text(), path.name).screen
    assert found is not None
    return found


def promised(screen: Screen) -> Verdict:
    return next(verdict for name, verdict in PROMISED.items() if screen.state.startswith(name))


def look(rules: Manifest, title: str, text: str) -> Verdict:
    """Before its first picture an agent starts; afterwards a look that no rule knows is unknown."""
    seen = read_screen(rules, text)
    if seen is not None and seen.state is State.EXITED:
        return seen.state, seen.kind
    readings = ((Source.TITLE, ScreenReader(rules).title(title)), (Source.SCREEN, seen))
    evidence = [Evidence(source, 0.0, read.state, read.kind) for source, read in readings if read is not None]
    before = Belief(State.UNKNOWN if text.strip() else State.STARTING, 0.0)
    belief = fuse(evidence, before, 60.0)
    return belief.state, belief.kind


def samples(agent: str) -> Iterator[Sample]:
    rules = manifest(agent)
    for screen in all_screens(agent):
        yield Sample(screen, promised(screen), look(rules, screen.title, screen.text))


def render() -> str:
    rows = ["| agent | version | samples | right | unknown | wrong |", "|---|---|---|---|---|---|"]
    for agent in AGENTS:
        found = list(samples(agent))
        counted = Counter(sample.result for sample in found)
        wrong = Counter(
            f"{sample.promised[0]} taken for {sample.found[0]}" for sample in found if sample.result == "wrong"
        )
        kinds = f" ({', '.join(f'{kind}: {count}' for kind, count in sorted(wrong.items()))})" if wrong else ""
        version = found[0].screen.agent.split()[1]
        cells = (agent, version, len(found), counted["right"], counted["unknown"], f"{counted['wrong']}{kinds}")
        rows.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    sys.stdout.write(render())
