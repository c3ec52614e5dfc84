"""What is believed of real agents, on recorded runs: right nearly always, and one transition for each real change."""

from __future__ import annotations

import pytest

from swarmctl.core.session import State
from tests.real import state_table
from tests.real.homes import ROOT
from tests.real.record_screens import version_of
from tests.real.state_runs import KEEPS_QUIET
from tests.real.state_table import Truth, agents, recorded, render, replayed, score

LEAST_RIGHT = 0.99
MET = {State.WORKING, State.BLOCKED, State.IDLE, State.RATE_LIMITED}


@pytest.mark.parametrize("agent", agents())
def test_nearly_every_moment_is_believed_right_with_one_transition_for_each_change(agent: str) -> None:
    found = replayed(agent)

    assert found.samples > 200
    assert found.right >= LEAST_RIGHT * found.samples, found.wrong
    assert found.transitions <= found.changes
    truth = Truth.of(recorded(agent))
    unsaid = {State.RATE_LIMITED} if agent in KEEPS_QUIET else set()
    assert {state[0] for state in truth.states if state} == MET - unsaid


def test_the_table_in_the_docs_is_that_of_the_code() -> None:
    table = render((agent, version_of(agent), replayed(agent)) for agent in agents())

    assert table in (ROOT / "docs" / "agents.md").read_text(), f"python -m {state_table.__name__}"


def test_wrong_is_counted_by_kind_and_only_what_has_stood_for_a_second_counts() -> None:
    entries = [{"at": 0.0, "truth": {"state": "blocked", "kind": "permission"}}]
    said = [(0.9, "working"), (1.1, "working"), (1.2, "blocked"), (1.3, "unknown"), (1.4, "idle"), (1.5, "done_unseen")]
    believed = [(at, {"state": state, "kind": "permission" if state == "blocked" else ""}) for at, state in said]

    found = score(Truth.of(entries), believed)

    assert (found.samples, found.right, found.unknown) == (5, 1, 1)
    assert found.wrong == {"blocked permission taken for working": 1, "blocked permission taken for idle": 2}
    assert (found.changes, found.transitions, found.slowest_s) == (0, 3, 1.2)
