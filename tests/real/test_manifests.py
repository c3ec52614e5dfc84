"""The manifests of agents/*.yaml on every recorded screen: right, or unknown, and never fooled by prose."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from swarmctl.core.screen import read_screen
from swarmctl.core.session import State
from tests.real import screen_table
from tests.real.homes import AGENTS, ROOT
from tests.real.screen_files import Screen, all_screens
from tests.real.screen_table import Sample, look, manifest, promised, samples

LEAST_RIGHT = 0.99
MARGIN = {"claude": 2, "codex": 2, "opencode": 5, "gemini": 2}
"""How far an agent sets in what its model says."""
CHROME = {
    "claude": r"^─{20}.*\n❯.*\n(?:(?!─{20}).*\n)*─{20}",  # noqa: RUF001
    "codex": r"^(?:[•◦] .*esc to interrupt\)| +Worked for | +[0-9]+ background |■ |› Ask Codex).*",  # noqa: RUF001
    "opencode": r"^ +▣ .*\n(?:.*\n)*?.*╹▀",
    "gemini": r"^ (?:⠋.*|  +\? for shortcuts)$",
}
"""Where the agent's own words begin, below what its model said: the last match."""


def named(sample: Sample) -> str:
    return f"{sample.screen.name}/{sample.screen.state}"


EVERY = [sample for agent in AGENTS for sample in samples(agent)]


@pytest.mark.parametrize("sample", EVERY, ids=named)
def test_a_look_is_read_as_its_name_promises(sample: Sample) -> None:
    assert sample.found == sample.promised


@pytest.mark.parametrize("agent", AGENTS)
def test_nearly_every_look_is_right(agent: str) -> None:
    counted = Counter(sample.result for sample in samples(agent))
    assert counted["right"] >= LEAST_RIGHT * counted.total()
    assert counted["wrong"] == 0


def talking() -> list[Screen]:
    return [screen for screen in all_screens() if promised(screen)[0] in (State.WORKING, State.IDLE)]


@pytest.mark.parametrize("screen", talking(), ids=lambda screen: f"{screen.name}/{screen.state}")
def test_a_model_that_quotes_any_other_screen_of_its_agent_fools_no_rule(screen: Screen) -> None:
    rules, own = manifest(screen.name), promised(screen)
    chrome = [found.start() for found in re.finditer(CHROME[screen.name], screen.text, re.MULTILINE)][-1]
    for other in all_screens(screen.name):
        quoted = "".join(" " * MARGIN[screen.name] + line + "\n" for line in other.text.splitlines() if line.strip())
        fooled = screen.text[:chrome] + quoted + screen.text[chrome:]
        found = look(rules, screen.title, fooled)
        assert found == own or found[0] is State.UNKNOWN, f"fooled by {other.state}"


@pytest.mark.parametrize("agent", AGENTS)
def test_prose_alone_says_nothing(agent: str) -> None:
    rules = manifest(agent)
    prose = next(screen.text for screen in all_screens(agent) if screen.state == "working-prose")
    words = prose[prose.index("The server was") : prose.index("in this sentence.")]

    assert read_screen(rules, words) is None
    assert read_screen(rules, "running\nidle\nworking\nesc to interrupt\nPermission required\n") is None


def test_the_table_in_the_docs_is_that_of_the_code() -> None:
    assert screen_table.render() in (ROOT / "docs" / "agents.md").read_text(), "python -m tests.real.screen_table"
