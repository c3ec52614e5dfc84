"""What real agents cost, as swarmctl counts it: to the token that the provider counted, in both ways to run them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from swarmctl.core.money import Entry, Tokens
from tests.e2e.world import World, living
from tests.real.homes import at_home
from tests.real.provider import Provider
from tests.real.recorded import Conversation
from tests.real.scenario import Run, Say, Usage, Write

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]

FIRST, SECOND = Usage(1000, 0, 300, 40), Usage(2000, 0, 1500, 60)
BOTH = Tokens(3000, 0, 1800, 100)
PLAIN = {"SWARMCTL__SANDBOX__MODE": "off", "SWARMCTL__AGENT__TIME_LIMIT": "90s"}


@pytest.fixture
def talk(provider: Provider) -> Conversation:
    return provider.script("money")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with living(World(tmp_path)) as made:
        made.found()
        yield made


def does_it(talk: Conversation) -> None:
    talk.then(Run("printf hello > a.txt", usage=FIRST), Say("Written.", usage=SECOND))


def entries(world: World) -> list[Entry]:
    return list(world.facts().entries.values())


@pytest.mark.parametrize("mode", ["headless", "interactive"])
def test_claude_is_counted_to_the_token_and_priced(world: World, talk: Conversation, mode: str) -> None:
    at_home(world, "claude", talk.url, **PLAIN)
    does_it(talk)
    said = world.swarmctl("run", "Write a.txt", "--agent", "claude", "--mode", mode, "--json", "--permission", "edit")
    assert said.rc == 0, said
    (entry,) = entries(world)
    assert (entry.how, entry.tokens) == ("actual", BOTH), entry
    assert entry.known == 3000 * 3 + 1800 * 0.3 + 100 * 15
    assert {use.model for use in entry.uses} == {"claude-sonnet-4-5"}


@pytest.mark.parametrize("mode", ["headless", "interactive"])
def test_codex_on_a_model_without_a_price_is_tokens_and_unknown_money(
    world: World, talk: Conversation, mode: str
) -> None:
    at_home(world, "codex", talk.url, **PLAIN)
    does_it(talk)
    said = world.swarmctl("run", "Write a.txt", "--agent", "codex", "--mode", mode, "--json")
    assert said.rc == 0, said
    (entry,) = entries(world)
    assert (entry.how, entry.tokens) == ("actual", BOTH), entry
    assert entry.is_unknown
    assert {use.model for use in entry.uses} == {"scripted-1"}


def test_opencode_is_counted_with_the_dollars_that_it_knows(world: World, talk: Conversation) -> None:
    at_home(world, "opencode", talk.url, **PLAIN)
    talk.then(Write("a.txt", "hello\n", usage=FIRST), Say("Written.", usage=SECOND))
    said = world.swarmctl("run", "Write a.txt", "--agent", "opencode", "--mode", "headless", "--json")
    assert said.rc == 0, said
    (entry,) = entries(world)
    assert (entry.how, entry.tokens) == ("actual", BOTH), entry
    assert entry.known == 3000 * 3 + 1800 * 0.3 + 100 * 15


def test_an_agent_that_reaches_its_cap_ends_with_exit_code_4_and_its_work_can_still_land(
    world: World, talk: Conversation
) -> None:
    at_home(world, "claude", talk.url, **PLAIN, SWARMCTL__BUDGET__AGENTS__TASK_USD="0.01")
    does_it(talk)
    said = world.swarmctl("run", "Write a.txt", "--agent", "claude", "--mode", "headless", "--json")
    assert (said.rc, said.task["outcome"]) == (4, "budget"), said
    assert "used $0.0110 of $0.0100" in said.task["reason"]
    assert world.swarmctl("merge", said.session, "--json").rc == 0
    assert world.text("a.txt") == "hello"
