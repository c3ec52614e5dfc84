"""Agents that do not reach their models, as the real programs were seen to say it: no limit, and not work."""

# ruff: noqa: RUF001 - screens as they were printed

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from swarmctl.core.agent import Profile
from swarmctl.core.evidence import Belief, Evidence
from swarmctl.core.screen import read_screen
from swarmctl.core.session import State
from swarmctl.edges.agents.reader import read_agent
from swarmctl.flow.session.belief import TRIES_S, fuse
from swarmctl.flow.session.hearing import hear

AGENTS = Path(__file__).resolve().parents[4] / "agents"
UNREACHED = "Cannot connect to API: Unable to connect. Is the computer able to access the url?"
CODEX = "Reconnecting... waiting for network (Connection failed: error sending request)"
SAID: list[tuple[str, str, Mapping[str, object]]] = [
    ("opencode", "session.status", {"status": {"type": "retry", "attempt": 1, "message": UNREACHED, "next": 1}}),
    ("codex", "stream.error", {"type": "error", "message": CODEX}),
]
OPENCODE_SHOWS = f"""
  ┃
  ┃  Build · m local
  ╹{"▀" * 96}
"""
FOOTERS = (
    "   ■■■■■■Cannot connect to API: Unable to connect. Is the computer able to access the url… [retrying in 2s att",
    "   ⬝Cannot⬝connect to API: Unable to connect. Is the computer able to access the url… [retrying in 14s attempt",
    "   ⬝⬝⬝⬝⬝⬝⬝⬝ Cannot connect to API: Was there a typo in the url or port? [retrying in 6s attempt #3] esc",
)
CODEX_SHOWS = """
› say hi


◦ Reconnecting... waiting for network (38s • esc to interrupt)
  └ Connection failed: error sending request


› Ask Codex to do anything

  scripted-1 default · /repo
  ← for agents · ? for shortcuts
"""


def profile(agent: str) -> Profile:
    return read_agent((AGENTS / f"{agent}.yaml").read_text(), agent).profile()


def said(agent: str, event: str, payload: Mapping[str, object], at: float) -> Evidence:
    heard = hear(profile(agent), event, json.dumps(payload), at)
    assert heard.evidence is not None and heard.turn != "fails" and not heard.ask
    return heard.evidence


@pytest.mark.parametrize(("agent", "event", "payload"), SAID)
def test_what_an_agent_says_of_the_network_blocks_it_and_limits_nobody(
    agent: str, event: str, payload: Mapping[str, object]
) -> None:
    found = said(agent, event, payload, 5.0)
    assert (found.state, found.kind, found.until) == (State.BLOCKED, "network", None)
    assert "connect" in found.why.lower()


@pytest.mark.parametrize(
    ("agent", "screen"), [("codex", CODEX_SHOWS), *(("opencode", OPENCODE_SHOWS + footer) for footer in FOOTERS)]
)
def test_so_does_its_screen(agent: str, screen: str) -> None:
    manifest = profile(agent).screen
    assert manifest is not None
    found = read_screen(manifest, screen.strip("\n"))
    assert found is not None and (found.state, found.kind) == (State.BLOCKED, "network")


@pytest.mark.parametrize("message", ["Provider is overloaded", "Too Many Requests"])
def test_what_a_provider_says_is_still_a_limit(message: str) -> None:
    found = said("opencode", "session.status", {"status": {"type": "retry", "message": message, "next": 9}}, 5.0)
    assert found.state is State.RATE_LIMITED


def test_another_try_is_not_taken_for_work_until_it_stands() -> None:
    tries = said(*SAID[0], 5.0)
    blocked = fuse([tries], Belief(State.WORKING, 0.0), 5.0)
    busy = said("opencode", "session.status", {"status": {"type": "busy"}}, 7.0)

    assert fuse([busy], blocked, 7.1).state is State.BLOCKED
    assert fuse([busy], blocked, 7.0 + TRIES_S + 0.1).state is State.WORKING
