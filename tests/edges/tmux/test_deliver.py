"""Texts typed into an agent with a composer: none lost, none doubled, and what is said of each is true."""

from __future__ import annotations

import os
import threading
from collections import Counter
from typing import Any

import pytest

from tests.edges.tmux.sending import KINDS, Agent, numbered
from tests.fakes.processes import until

SOAK = int(os.environ.get("SOAK_SENDS", "500"))


def send_all(place: Any, counts: dict[int, int]) -> list[Agent]:
    """To one agent of each kind at once, so many texts each."""
    agents = [Agent(place, f"kind{number}", KINDS[number]) for number in counts]
    faults: list[BaseException] = []

    def run(agent: Agent, count: int) -> None:
        try:
            agent.start()
            for text in numbered(agent.kind, count):
                agent.send(text)
        except BaseException as error:
            faults.append(error)

    threads = [threading.Thread(target=run, args=pair) for pair in zip(agents, counts.values(), strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults, faults
    return agents


def check(agents: list[Agent]) -> Counter[str]:
    """What every agent got is what it was sent, in that order; and how often it was said to be what."""
    for agent in agents:
        until(lambda agent=agent: len(agent.got()) >= len(agent.sent), 20.0)  # type: ignore[misc]
        assert agent.got() == agent.wanted(), (agent.kind.name, agent.typed)
        assert all(typed.pastes == 1 for typed in agent.typed), agent.kind.name
    return Counter(typed.fate for agent in agents for typed in agent.typed)


def test_every_kind_of_text_arrives_once_and_is_said_to(place: Any) -> None:
    agents = send_all(place, {number: 2 for number in range(len(KINDS))})
    fates = check(agents)
    assert set(fates) == {"delivered", "queued"}
    busy = next(agent for agent in agents if agent.kind.name == "busy")
    assert [typed.fate for typed in busy.typed] == ["delivered", "queued"]
    swallowed = next(agent for agent in agents if agent.kind.name == "two Enters swallowed")
    assert swallowed.typed[0].enters == 3
    assert not list(place.folder.rglob("canary"))


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_none_of_many_texts_is_lost_or_doubled(place: Any) -> None:
    each, more = divmod(SOAK, len(KINDS))
    agents = send_all(place, {number: each + (number < more) for number in range(len(KINDS))})
    fates = check(agents)
    print(f"{sum(len(agent.sent) for agent in agents)} sends, none lost, none doubled: {dict(fates)}")
    assert fates["unconfirmed"] == 0
