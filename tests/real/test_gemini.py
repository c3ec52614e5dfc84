"""Gemini CLI as a session of swarmctl: one conversation through a red gate, counted to the token, held by its modes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from swarmctl.core import events as e
from swarmctl.core.money import Tokens
from swarmctl.core.session import State
from tests.e2e.world import World, living
from tests.real.homes import at_home
from tests.real.provider import Provider
from tests.real.recorded import Conversation
from tests.real.scenario import Fail, Run, Say, Usage, Write

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]

GATE = '[[gate]]\nname = "good"\nrun = "echo looking; grep -q good a.txt"\n'
RUN = ("--agent", "gemini", "--json")
FIRST, SECOND = Usage(1000, 0, 300, 40), Usage(2000, 0, 1500, 60)
BOTH = Tokens(3000, 0, 1800, 100)


@pytest.fixture
def talk(provider: Provider) -> Conversation:
    return provider.script("gemini")


@pytest.fixture
def world(tmp_path: Path, talk: Conversation) -> Iterator[World]:
    with living(World(tmp_path)) as made:
        made.found()
        at_home(made, "gemini", talk.url, SWARMCTL__SANDBOX__MODE="off", SWARMCTL__AGENT__TIME_LIMIT="90s")
        yield made


def test_it_goes_on_in_its_conversation_after_a_red_gate_and_each_start_is_counted(
    world: World, talk: Conversation
) -> None:
    world.settings(GATE)
    talk.then(Write("a.txt", "bad", usage=FIRST), Say("Written.", usage=SECOND))
    talk.then(Write("a.txt", "good", usage=FIRST), Say("Mended.", usage=SECOND))

    task = world.swarmctl("run", "Write a.txt, please", *RUN).task

    assert task["outcome"] == "landed", task["reason"]
    assert world.text("a.txt").strip() == "good"
    session = world.session()
    assert (session.attempt, session.talk.mode, session.talk.repairs) == (2, "headless", 1)
    assert len(world.events(e.ConversationKnown)) == 1
    last = talk.requests[-1]
    assert last.count("Write a.txt, please") == 1
    assert b"Written." in last.body, "what it said before is still known"
    assert "gate `good`" in "\n".join(last.facts.user_texts)
    assert [event.ok for event in world.events(e.TurnEnded)] == [True, True]
    entries = list(world.facts().entries.values())
    assert [(entry.how, entry.tokens) for entry in entries] == [("actual", BOTH)] * 2
    assert all(entry.known for entry in entries)


@pytest.mark.parametrize(("permission", "made"), [("plan", set[str]()), ("edit", {"a.txt"})])
def test_it_may_do_unasked_what_its_permission_mode_says(
    world: World, talk: Conversation, permission: str, made: set[str]
) -> None:
    talk.then(Write("a.txt", "written"), Run("printf run > b.txt"), Say("That is that."))

    said = world.swarmctl("run", "Do what you may", *RUN, "--no-merge", "--permission", permission)

    session = world.session()
    assert said.task["outcome"] == ("ready" if made else "no_work"), said.task["reason"]
    assert world.files(session.head or session.base) - {"README.md", "shared.txt"} == made


def test_a_bad_key_is_a_failure_and_is_said(world: World, talk: Conversation) -> None:
    talk.then(Fail(401, "the key is wrong", times=None))

    task = world.swarmctl("run", "Write a.txt", *RUN).task

    assert task["outcome"] == "failed", task["reason"]
    assert "the key is wrong" in task["reason"]
    assert State.IDLE in [event.state for event in world.events(e.StateChanged)]
