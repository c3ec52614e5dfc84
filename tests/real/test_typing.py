"""Texts typed into the real CLIs in their panes: at their composer, while they work, and while they ask."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from swarmctl.core import events as e
from swarmctl.core.session import Stage, State
from tests.e2e.world import World, living, until
from tests.real.homes import at_home, need
from tests.real.provider import Provider
from tests.real.recorded import Conversation
from tests.real.scenario import Gate, Run, Say

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]


class Told(World):
    agent: str
    talk: Conversation

    def begin(self, *more: str) -> None:  # type: ignore[override]
        words = ("--agent", self.agent, "--mode", "interactive", "--detach", "--no-merge", *more)
        self.swarmctl("run", "Do the thing", *words, rc=0)

    def tmux(self, *words: str) -> str:
        socket = next(path for path in self.runtime.rglob("swarm-*") if path.is_socket())
        argv = ["tmux", "-S", str(socket), words[0], "-t", self.session().pane, *words[1:]]
        return subprocess.run(argv, check=True, capture_output=True, text=True).stdout

    def prompts(self) -> list[str]:
        """What the model was told, each once."""
        said = [asked.last_user for asked in self.talk.requests]
        return [text for number, text in enumerate(said) if text not in said[:number]]


@pytest.fixture(params=["claude", "codex"])
def world(request: pytest.FixtureRequest, tmp_path: Path, provider: Provider) -> Iterator[Told]:
    need(request.param)
    with living(Told(tmp_path)) as made:
        made.agent, made.talk = request.param, provider.script("typing")
        made.found()
        at_home(made, made.agent, made.talk.url, SWARMCTL__SANDBOX__MODE="off")
        yield made


def test_a_text_is_told_once_at_the_composer_and_while_it_works(world: Told) -> None:
    first, second = Gate(), Gate()
    world.talk.then(Say("Never said.", gate=first, first="Thinking…"))
    world.begin()
    first.wait_until_held()
    until(lambda: world.session().state is State.WORKING, "it to work")
    world.tmux("send-keys", "Escape")
    name = world.session().id
    until(lambda: world.session().state is State.IDLE, "it to rest at its composer", 30)
    first.open()

    world.talk.then(Say("Second.", gate=second, first="Thinking again…"))
    world.talk.then(Say("Third."))
    at_rest = world.swarmctl("send", name, "-a leading dash, é\nand a second line", "--now", "--json").last
    second.wait_until_held()
    at_work = world.swarmctl("send", name, "one more thing", "--now", "--json").last
    second.open()
    world.idle()

    assert (at_rest["delivery"], at_work["delivery"]) == (
        "delivered",
        "queued" if world.agent == "claude" else "delivered",
    )
    assert world.prompts() == ["Do the thing", "-a leading dash, é\nand a second line", "one more thing"]
    assert [event.pastes for event in world.events(e.PromptTyped)] == [1, 1]
    assert world.session().talk.delivery.fate == "delivered"
    assert (world.session().stage, world.session().talk.said) == (Stage.EMPTY, "Third.")


@pytest.mark.parametrize("world", ["claude"], indirect=True)
def test_a_text_answers_no_question_and_a_command_of_the_agents_own_is_typed(world: Told) -> None:
    world.talk.then(Run("touch made", say="Now a command."))
    world.begin("--permission", "ask")
    until(lambda: world.session().state_kind == "permission", "its question")
    until(lambda: "Esc to cancel" in world.tmux("capture-pane", "-p"), "the dialog")
    name = world.session().id

    refused = world.swarmctl("send", name, "1", "--now", rc=1)
    assert "it waits with a question" in refused.err and f"swarmctl answer {name}" in refused.err
    assert world.session().talk.asked

    world.tmux("send-keys", "Escape")
    until(lambda: world.session().state is State.IDLE, "it to rest at its composer", 30)
    told = world.swarmctl("send", name, "/help", "--now", "--json", rc=0).last
    assert told["delivery"] == "delivered" and "turn" not in told["why"]
    assert "Custom commands" in world.tmux("capture-pane", "-p")
    world.swarmctl("stop", name, rc=0)
    assert "made" not in world.files(world.idle().sessions[name].branch)
    assert len(world.events(e.PromptTyped)) == 1
