"""Real agents that cannot work, and prompts that are no plain sentence: said with the next step, told to the byte."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from swarmctl.core import events as e
from swarmctl.core.session import State
from tests.e2e.world import World, living, until
from tests.real.homes import at_home
from tests.real.provider import Provider
from tests.real.recorded import Conversation
from tests.real.scenario import Fail, Gate, Say, Write

pytestmark = [pytest.mark.real, pytest.mark.timeout(400)]

ODD = '-x "é" \x1b[31mred\x1b[0m\rback\u202e\x07 $(touch hacked) `id` %s\n\n\ttab\n--help\n'


@pytest.fixture
def talk(provider: Provider) -> Conversation:
    return provider.script("bad")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with living(World(tmp_path)) as made:
        made.found()
        yield made


def told(talk: Conversation) -> list[str]:
    said = [asked.last_user for asked in talk.requests]
    return list(dict.fromkeys(said))


@pytest.mark.parametrize("agent", ["claude", "codex", "opencode"])
def test_a_prompt_of_190_kilobytes_with_every_kind_of_letter_arrives_to_the_byte(
    world: World, talk: Conversation, agent: str
) -> None:
    at_home(world, agent, talk.url, SWARMCTL__SANDBOX__MODE="off")
    talk.then(Write("a.txt", "hi"), Say("Written."))
    prompt = ODD + "".join(f"line {number} ünï\n" for number in range(11_000)) + "the end"
    (world.home / "prompt.txt").write_text(prompt, newline="")

    said = world.swarmctl("run", "-f", str(world.home / "prompt.txt"), "--agent", agent, "--no-merge", "--json")

    assert said.rc == 0, world.swarmctl("logs", said.session).out[-2000:]
    assert world.session().talk.mode == "headless"
    assert told(talk) == [prompt]
    assert not (world.repo / "hacked").exists()


LOGGED_OUT = {
    "claude": ({}, "log in once with `claude`"),
    "codex": ({}, "codex login"),
    "opencode": ({}, "opencode auth login"),
    "gemini": ({"GEMINI_API_KEY": ""}, "log in once with `gemini`"),
}


@pytest.mark.parametrize("agent", LOGGED_OUT)
def test_who_is_not_logged_in_fails_with_the_words_and_what_to_do(world: World, talk: Conversation, agent: str) -> None:
    env, hint = LOGGED_OUT[agent]
    at_home(world, agent, talk.url, SWARMCTL__SANDBOX__MODE="off", **env)
    talk.then(Fail(401, "the key is wrong", times=None))

    said = world.swarmctl("run", "Write a.txt", "--agent", agent, "--mode", "headless", "--json", rc=1)

    assert said.task["outcome"] == "failed"
    assert "not logged in" in said.task["reason"], world.swarmctl("logs", said.session).out[-2000:]
    assert hint in said.task["reason"]


DIALOGS = {
    "claude": ("onboarding", "it wants to be set up first"),
    "codex": ("trust", "whether this folder or its hooks can be trusted"),
    "gemini": ("login", "it wants somebody to log in"),
}


@pytest.mark.parametrize("agent", DIALOGS)
def test_a_dialog_that_only_a_person_can_answer_is_a_block_with_words_and_a_next_step(
    world: World, talk: Conversation, agent: str
) -> None:
    kind, words = DIALOGS[agent]
    home = at_home(world, agent, talk.url, SWARMCTL__SANDBOX__MODE="off")
    (home.home / ".claude.json").unlink(missing_ok=True)
    (home.home / ".gemini" / "settings.json").unlink(missing_ok=True)
    config = home.home / "codex" / "config.toml"
    if config.exists():
        config.write_text(config.read_text().partition("[projects.")[0])
    if agent == "gemini":
        world.extra_env["GEMINI_API_KEY"] = ""

    world.swarmctl("run", "Write a.txt", "--agent", agent, "--mode", "interactive", "--detach", rc=0)

    until(lambda: world.session().state is State.BLOCKED, f"{agent} to be blocked")
    session = world.session()
    assert session.state_kind == kind
    shown = world.swarmctl("show", session.id, rc=0).out
    assert words in shown and f"swarmctl attach {session.id}" in shown
    assert f"blocked ({kind})" in world.swarmctl("next", rc=0).out
    assert talk.requests == []
    assert State.WORKING not in [event.state for event in world.events(e.StateChanged)]


@pytest.mark.parametrize("agent", ["claude", "codex"])
def test_an_interface_in_a_terminal_of_20_by_5_works_on_and_is_believed(
    world: World, talk: Conversation, agent: str
) -> None:
    at_home(world, agent, talk.url, SWARMCTL__SANDBOX__MODE="off")
    thinking = Gate()
    talk.then(Write("a.txt", "hi"), Say("Written.", gate=thinking, first="Well… "))
    typed = world.start("run", "Write a.txt", "--agent", agent, "--mode", "interactive", "--no-merge", "--json")
    thinking.wait_until_held()
    sockets = [path for path in world.runtime.rglob("swarm-*") if path.is_socket()]
    resize = ["resize-window", "-t", world.session().pane, "-x", "20", "-y", "5"]
    for socket in sockets:
        subprocess.run(["tmux", "-S", str(socket), *resize], check=False, capture_output=True)
    until(lambda: world.session().state is State.WORKING, "it to be at work")
    thinking.open()

    said = typed.answer()

    assert said.task["outcome"] == "ready", world.swarmctl("logs", said.session).out
    assert State.BLOCKED not in [event.state for event in world.events(e.StateChanged)]
