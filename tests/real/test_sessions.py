"""The real CLIs as sessions of swarmctl: from a task to a landing, asked and answered, killed and resumed, limited."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from swarmctl.core import events as e
from swarmctl.core.outcome import Outcome
from swarmctl.core.session import Stage, State
from tests.e2e.world import World, living, until
from tests.real.homes import at_home, need
from tests.real.provider import Provider
from tests.real.recorded import Conversation
from tests.real.scenario import Call, Fail, Gate, Run, Say, Turn, Write

pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]

AGENTS = ("claude", "codex", "opencode")
GATE = '[[gate]]\nname = "good"\nrun = "echo looking; grep -q good a.txt"\n'


class Told(World):
    """A world with one real agent in it."""

    agent: str
    talk: Conversation

    def tell(self, *turns: Turn) -> None:
        for turn in turns:
            self.talk.then(turn)

    def do(self, prompt: str, *more: str, rc: int | None = None) -> Any:
        return self.swarmctl("run", prompt, "--agent", self.agent, "--json", *more, rc=rc)

    def prompts(self) -> list[str]:
        """What the model was told, each once."""
        said = [asked.last_user for asked in self.talk.requests]
        return [text for number, text in enumerate(said) if text not in said[:number]]


@pytest.fixture
def host() -> str:
    return "tmux"


@pytest.fixture(params=AGENTS)
def world(request: pytest.FixtureRequest, tmp_path: Path, provider: Provider, host: str) -> Iterator[Told]:
    need(request.param)
    with living(Told(tmp_path, host=host)) as made:
        made.agent, made.talk = request.param, provider.script("session")
        made.found()
        at_home(made, made.agent, made.talk.url, SWARMCTL__SANDBOX__MODE="off")
        yield made


def only(*agents: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("world", agents, indirect=True)


def test_a_task_lands_after_a_red_gate_went_back_to_the_same_conversation(world: Told) -> None:
    world.settings(GATE)
    mend = Write("a.txt", "good") if world.agent == "opencode" else Run("printf good > a.txt")
    world.tell(Write("a.txt", "bad"), Say("Written."), mend, Say("Mended."))
    prompt = 'Write a.txt -- `now`, "please"'

    said = world.do(prompt, rc=0)

    assert said.task["outcome"] == "landed"
    assert world.text("a.txt") == "good"
    first, second = world.prompts()
    assert first == prompt
    assert "gate `good`" in second and "looking" in second
    session = world.session()
    assert (session.attempt, session.talk.repairs) == (2, 1)
    assert [event.ok for event in world.events(e.TurnEnded)] == [True, True]
    assert len(world.events(e.ConversationKnown)) == 1


@pytest.mark.parametrize("host", ["process"])
def test_without_a_terminal_it_runs_headless_to_the_end_of_the_task(world: Told) -> None:
    world.tell(Write("a.txt", "good"), Say("Written."))

    said = world.do("Write a.txt", rc=0)

    assert said.task["outcome"] == "landed"
    assert world.session().talk.mode == "headless"
    assert world.prompts() == ["Write a.txt"]
    assert "Written." in world.swarmctl("logs", said.session, rc=0).out


@pytest.mark.parametrize(("answer", "made"), [("allow", {"a.txt"}), ("deny", set[str]())])
def test_a_question_waits_for_its_answer(world: Told, answer: str, made: set[str]) -> None:
    command = "printf good > a.txt"
    escalated = {"cmd": command, "sandbox_permissions": "require_escalated", "justification": "May I?"}
    asks = Call("exec_command", escalated) if world.agent == "codex" else Run(command)
    world.tell(asks, Say("That is that."))
    world.do("Make a.txt", "--permission", "ask", "--detach", rc=0)

    asked = world.await_facts(lambda facts: [s for s in facts.sessions.values() if s.talk.asked], "a question")
    (session,) = asked.sessions.values()
    assert (session.state, session.state_kind) == (State.BLOCKED, "permission")
    assert "printf good" in world.swarmctl("why", session.id, rc=0).out
    world.swarmctl("answer", session.id, answer, "--why", "because", rc=0)

    facts = world.idle()
    assert facts.sessions[session.id].outcome is (Outcome.READY if made else Outcome.NO_WORK)
    assert world.files(facts.sessions[session.id].branch) - {"README.md", "shared.txt"} == made


def test_an_agent_that_changed_nothing_is_no_success_whatever_its_exit_code(world: Told) -> None:
    world.tell(Say("All is well already."))

    said = world.do("Look around", "--mode", "headless", rc=6)

    assert said.task["outcome"] == "no_work"
    assert world.session().stage is Stage.EMPTY


@only("claude", "codex")
def test_a_killed_agent_is_kept_and_goes_on_in_its_conversation(world: Told) -> None:
    gate = Gate()
    world.tell(Write("a.txt", "half"), Say("", gate=gate, first="Thinking…"))
    world.do("Begin a.txt", "--detach", rc=0)
    gate.wait_until_held()
    session = world.session()
    assert session.process is not None

    os.kill(session.process.pid, signal.SIGKILL)
    facts = world.idle()
    assert facts.sessions[session.id].stage is Stage.KEPT
    gate.open()

    world.tell(Run("printf whole > a.txt"), Say("Done."))
    said = world.swarmctl("resume", session.id, "-m", "Finish it", "--json", rc=0)

    assert said.task["outcome"] in ("ready", "landed")
    assert world.prompts()[-1] == "Finish it"
    assert len(world.events(e.ConversationKnown)) == 1
    assert world.text("a.txt", world.events(e.WorkCommitted)[-1].head) == "whole"


@only("claude")
def test_a_rate_limit_is_a_state_that_people_see(world: Told) -> None:
    world.tell(Fail(529, "overloaded", times=2), Write("a.txt", "good"), Say("Written."))
    world.extra_env["CLAUDE_CODE_MAX_RETRIES"] = "5"

    world.do("Write a.txt", "--mode", "headless", rc=0)

    states = [event.state for event in world.events(e.StateChanged)]
    assert State.RATE_LIMITED in states
    assert states.index(State.RATE_LIMITED) < len(states) - 1, "and it went on"


@only("claude", "codex")
def test_an_api_error_ends_the_turn_and_is_said(world: Told) -> None:
    world.tell(Fail(400, "that model is gone", times=None))

    said = world.do("Write a.txt", rc=1)

    assert said.task["outcome"] == "failed"
    assert "gave up" in said.task["reason"]


@only("claude")
def test_a_message_waits_for_the_end_of_the_turn_and_is_told_once(world: Told) -> None:
    gate = Gate()
    world.tell(Say("First.", gate=gate), Write("a.txt", "good"), Say("Second."))
    world.do("Begin", "--detach", rc=0)
    gate.wait_until_held()
    session = world.session().id

    assert "end of its turn" in world.swarmctl("send", session, "And also a.txt", rc=0).out
    gate.open()

    until(lambda: world.session().attempt == 2, "another attempt")
    world.idle()
    assert world.prompts() == ["Begin", "And also a.txt"]
    assert world.session().stage is Stage.READY
