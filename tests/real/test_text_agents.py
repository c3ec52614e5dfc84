"""Agents that only print text, as sessions of swarmctl: their work lands, they are heard, and their use is counted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from swarmctl.core import events as e
from swarmctl.core.money import Tokens
from swarmctl.core.session import State
from swarmctl.edges.sandbox.bubblewrap import Bubblewrap
from tests.e2e.world import World, living
from tests.real.homes import at_home, need
from tests.real.provider import Provider
from tests.real.recorded import Conversation
from tests.real.scenario import Fail, Run, Say, Turn, Usage, Write

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]

MAY = {"aider": "edit", "mini": "all"}
FIRST, LAST = Usage(1000, 0, 300, 40), Usage(2000, 0, 0, 60)
SUBMIT = Run("echo COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT", usage=LAST)
USED = {"aider": Tokens(1300, 0, 0, 40), "mini": Tokens(3000, 0, 300, 100)}
"""Aider does not say what of its prompt a cache gave."""
GATE = '[[gate]]\nname = "good"\nrun = "echo looking; grep -q good a.txt"\n'


class Told(World):
    """A world with one real agent in it."""

    agent: str
    talk: Conversation

    def do(self, prompt: str, *more: str) -> Any:
        words = ("--agent", self.agent, "--permission", MAY[self.agent], "--json", *more)
        return self.swarmctl("run", prompt, *words).task

    def heard(self) -> str:
        """What the user says in the newest request."""
        return "\n".join(self.talk.requests[-1].facts.user_texts)


@pytest.fixture(params=["aider", "mini"])
def world(request: pytest.FixtureRequest, tmp_path: Path, provider: Provider) -> Iterator[Told]:
    need(request.param)
    with living(Told(tmp_path)) as made:
        made.found()
        if trouble := Bubblewrap(made.repo, made.repo / ".git").trouble():
            pytest.skip(f"NO SANDBOX HERE: {trouble}")
        made.agent, made.talk = request.param, provider.script("text")
        at_home(made, made.agent, made.talk.url, SWARMCTL__AGENT__TIME_LIMIT="60s")
        yield made


PROSE = "litellm.BadRequestError: is what the log says"
"""As aider itself says that it failed."""


def write(agent: str, text: str, instead: str = "") -> list[Turn]:
    """What one start needs to write a.txt and end."""
    if agent == "mini":
        return [Run(f"printf {text} > a.txt", say="I write it.", usage=FIRST), SUBMIT]
    if instead:
        edit = f"<<<<<<< SEARCH\n{instead}\n=======\n{text}\n>>>>>>> REPLACE"
        return [Say(f"{PROSE}\n\na.txt\n```\n{edit}\n```\n", usage=FIRST)]
    return [Write("a.txt", text, usage=FIRST)]


def test_its_work_lands_and_what_it_used_is_counted_to_the_token(world: Told) -> None:
    """A refused gate goes back into the same conversation; an agent that knows none is told everything anew."""
    prompt = '/now Write a.txt -- `then` say "so", ünï:\n\t- one line'
    goes_on = world.agent == "aider"
    if goes_on:
        world.settings(GATE)
        world.talk.then(*write(world.agent, "bad"))
    world.talk.then(*write(world.agent, "good", instead="bad" if goes_on else ""))

    task = world.do(prompt)

    assert task["outcome"] == "landed", task["reason"]
    assert world.text("a.txt").strip() == "good"
    assert world.files() - {"README.md", "shared.txt", "swarm.toml"} == {"a.txt"}, "nothing of the agent's own"
    assert prompt in "\n".join(world.talk.requests[0].facts.user_texts)
    if goes_on:
        assert "gate `good`" in world.heard()
        assert '/now Write a.txt -- `then` say "so"' in world.heard(), "what was said before is still known"
    assert world.session().attempt == 1 + goes_on
    assert b"Your Name" not in (world.repo / ".git" / "config").read_bytes()
    for entry in world.facts().entries.values():
        assert (entry.how, entry.tokens) == ("actual", USED[world.agent]), entry
        assert entry.known
    assert {event.containment.tier for event in world.events(e.Contained)} == {"fenced"}


def test_a_bad_key_is_a_failure_and_is_said(world: Told) -> None:
    world.talk.then(Fail(401, "the key is wrong", times=None))

    task = world.do("Write a.txt")

    assert task["outcome"] == "failed", task["reason"]
    assert "the key is wrong" in task["reason"], world.swarmctl("logs", world.session().id).out


def test_a_rate_limit_is_a_state_that_people_see(world: Told) -> None:
    world.talk.then(Fail(429, "slow down", times=4), *write(world.agent, "good"))

    task = world.do("Write a.txt")

    assert task["outcome"] == "landed", task["reason"]
    states = [event.state for event in world.events(e.StateChanged)]
    assert State.RATE_LIMITED in states
    assert states.index(State.RATE_LIMITED) < len(states) - 1, "and it went on"
