"""Agents whose prompts have to be typed: told once, whatever dies meanwhile, and no more is said than is known."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import termios
from pathlib import Path

from swarmctl.core import events as e
from swarmctl.core.outcome import Outcome
from swarmctl.core.session import Stage
from tests.e2e.world import World, until

FAKE = (Path(__file__).resolve().parents[2] / "agents" / "fake.yaml").read_text()
SHOWN = FAKE[FAKE.index("composer:") :]


def odd(world: World, quirks: str) -> Path:
    """An agent with a composer and these quirks; where it keeps what it was told."""
    kept = world.home / "kept"
    folder = world.home / "config" / "swarmctl" / "agents"
    folder.mkdir(parents=True)
    script = json.dumps(f"{quirks}\nkeep {kept}")
    way = f'interactive: {{argv: ["{{python}}", "-I", "{{fake_agent}}", --composer, {script}], prompt: typed}}'
    (folder / "odd.yaml").write_text(f"name: odd\ndescription: odd\n{way}\n{SHOWN}")
    return kept


def begin(world: World, prompt: str = "first") -> str:
    world.swarmctl("run", prompt, "--agent", "odd", "--detach", "--no-merge", rc=0)
    world.await_stage(Stage.RUNNING)
    return world.session().id


def lines(kept: Path) -> int:
    return len(kept.read_text().splitlines()) if kept.exists() else 0


def fates(world: World) -> list[str]:
    return [event.fate for event in world.events(e.PromptTyped)]


def holds_words(world: World) -> bool:
    """Whether its terminal has words that the agent did not read."""
    agent = next(pid for pid, words in world.ours().items() if "--composer" in words)
    terminal = os.open(f"/proc/{agent}/fd/0", os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK)
    try:
        return fcntl.ioctl(terminal, termios.FIONREAD, bytes(4)) != bytes(4)
    finally:
        os.close(terminal)


def test_a_task_that_has_to_be_typed_is_typed_once_and_done(world: World) -> None:
    script = "write a.txt typed\nwrite -b.txt é 猫\nevent done"
    said = world.run(script, more=("--mode", "interactive"), rc=0)
    assert said.task["outcome"] == "landed"
    assert world.text("a.txt") == "typed" and world.text("-b.txt") == "é 猫"
    assert fates(world) == ["delivered"]
    assert "typed       delivered: " in world.swarmctl("show", said.session, rc=0).out
    assert "what was typed is delivered" in world.swarmctl("why", said.session, rc=0).out


def test_a_text_is_not_typed_into_a_question(world: World) -> None:
    kept = odd(world, "ask 5")
    name = begin(world)
    until(lambda: world.session().state_kind == "permission", "the question")
    said = world.swarmctl("send", name, "yes", "--now", rc=1)
    assert "it waits with a question, and would take the text for an answer; nothing was typed" in said.err
    assert f"hint: swarmctl attach {name}" in said.err, "no hook asks, so that nothing can be answered from here"
    until(lambda: fates(world) == ["delivered"], "the prompt, once the question is gone")
    assert lines(kept) == 1


def test_a_supervisor_killed_while_it_types_never_types_it_again(world: World) -> None:
    """Between the paste, which its agent does not read yet, and Enter."""
    kept = odd(world, "deaf 600")
    name = begin(world)
    until(lambda: world.session().talk.delivery.fate == "typing", "the prompt to be typed")
    until(lambda: holds_words(world), "the paste")
    supervisor = world.supervisor()
    assert supervisor is not None
    os.kill(supervisor, signal.SIGKILL)

    world.swarmctl("up", rc=0)
    until(lambda: fates(world) == ["unconfirmed"], "what is known of it")
    shown = world.swarmctl("show", name, rc=0).out
    assert "unconfirmed: the supervisor ended while it typed; the text may have arrived" in shown
    refused = world.swarmctl("send", name, "second", "--now", rc=1)
    assert "what was typed before is not read yet; nothing was typed" in refused.err
    world.swarmctl("stop", name, rc=0)
    assert world.idle().sessions[name].outcome is Outcome.INTERRUPTED  # type: ignore[index]
    assert lines(kept) == 0 and fates(world) == ["unconfirmed"]


def test_a_supervisor_that_is_to_end_types_no_more_and_says_that_nobody_knows(world: World) -> None:
    odd(world, "deaf 600")
    begin(world)
    until(lambda: holds_words(world), "the paste")
    supervisor = world.supervisor()
    assert supervisor is not None
    os.kill(supervisor, signal.SIGTERM)

    until(lambda: world.supervisor() is None, "it to be gone")
    (typed,) = world.events(e.PromptTyped)
    assert (typed.fate, typed.why) == ("unconfirmed", "the supervisor ended while it typed; the text may have arrived")
    world.swarmctl("up", rc=0)
    world.swarmctl("stop", "--all", rc=0)
    world.idle()
    assert fates(world) == ["unconfirmed"]


def test_a_sender_whose_supervisor_died_is_told_that_nobody_knows(world: World) -> None:
    """After Enter, before its agent gave a sign."""
    kept = odd(world, "busy 1\nswallow-enter 1")
    name = begin(world)
    until(lambda: fates(world) == ["delivered"], "the prompt")
    sender = world.start("send", name, "second", "--now", "--json")
    until(lambda: len(world.events(e.TypingIntended)) == 2, "the text to be typed")
    supervisor = world.supervisor()
    assert supervisor is not None
    os.kill(supervisor, signal.SIGKILL)

    said = sender.answer()
    assert said.rc == 7
    assert (said.last["delivery"], "may have arrived" in said.last["why"]) == ("unconfirmed", True)
    world.swarmctl("stop", name, rc=0)
    world.idle()
    assert lines(kept) <= 2 and fates(world) == ["delivered", "unconfirmed"]
