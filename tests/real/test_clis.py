"""The bare CLIs, unattended, against the local provider: what their exit codes, permissions and sessions really do."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.real.homes import Home, headless, make_home, need
from tests.real.provider import Provider
from tests.real.recorded import Conversation
from tests.real.scenario import Fail, Say, Write

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]

AGENTS = ("claude", "codex", "opencode", "gemini")
PROMPT = 'Write a.txt -- `then` say "so", ünï:\n\t- one line\n\t- and another'
SESSION = re.compile(r'"(?:session_id|thread_id|sessionID)":"([^"]+)"')
WAIT_S = 240


@dataclass(frozen=True)
class Ended:
    status: int
    out: str
    error: str

    @property
    def session(self) -> str:
        found = SESSION.search(self.out)
        assert found, self.out + self.error
        return found[1]

    def lines(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.out.splitlines() if line.startswith("{")]


@pytest.fixture(params=AGENTS)
def agent(request: pytest.FixtureRequest) -> str:
    need(request.param)
    return str(request.param)


@pytest.fixture
def talk(provider: Provider) -> Conversation:
    return provider.script("cli")


@pytest.fixture
def home(agent: str, tmp_path: Path, repo: Path, talk: Conversation) -> Home:
    return make_home(agent, tmp_path / "agent", repo, talk.url)


def run(
    home: Home,
    prompt: str,
    *,
    may_write: bool = True,
    resume: str | None = None,
    more: Mapping[str, str] | None = None,
) -> Ended:
    errand = headless(home.agent, prompt, may_write=may_write, resume=resume)
    ended = subprocess.run(
        home.argv(*errand.arguments),
        input=errand.stdin,
        env={**home.env, **(more or {})},
        cwd=home.repo,
        capture_output=True,
        text=True,
        timeout=WAIT_S,
    )
    return Ended(ended.returncode, ended.stdout, ended.stderr)


def test_a_file_is_written_and_the_prompt_arrives_once_to_the_byte(home: Home, talk: Conversation) -> None:
    talk.then(Write(str(home.repo / "a.txt"), "hello\n"), Say("Written."))
    ended = run(home, PROMPT)
    assert ended.status == 0, ended
    assert (home.repo / "a.txt").read_text() == "hello\n"
    assert [asked.count(PROMPT) for asked in talk.requests] == [1, 1]
    assert "Written." in ended.out


def test_a_denied_permission_ends_with_success_and_nothing_written(home: Home, talk: Conversation) -> None:
    talk.then(Write(str(home.repo / "a.txt"), "hello\n"), Say("I could not."))
    ended = run(home, PROMPT, may_write=False, more={"OPENCODE_PERMISSION": '{"edit":"ask","bash":"ask"}'})
    assert ended.status == 0, ended
    assert not (home.repo / "a.txt").exists()
    assert isinstance(talk.requests[0].turn, Write)


def test_a_bad_key_ends_with_failure(home: Home, talk: Conversation) -> None:
    if home.agent == "gemini":
        pytest.skip("gemini maps a 401 to an exit status of its own")
    talk.then(Fail(401, "the key is wrong", times=None))
    ended = run(home, PROMPT)
    assert ended.status == 1, ended
    assert {asked.status for asked in talk.requests} == {401}
    assert "the key is wrong" in ended.out + ended.error


def test_a_resumed_conversation_keeps_its_id_and_its_past(home: Home, talk: Conversation) -> None:
    talk.then(Say("The word is heron."), Say("It was heron."))
    first = run(home, "Remember the word heron")
    again = run(home, "Which word was it", resume=first.session)
    assert (first.status, again.status) == (0, 0), again
    assert again.session == first.session
    last = talk.requests[-1]
    assert last.count("Remember the word heron") == 1
    assert last.count("Which word was it") == 1
    assert b"The word is heron." in last.body


def test_claude_names_what_it_was_denied(tmp_path: Path, repo: Path, talk: Conversation) -> None:
    need("claude")
    home = make_home("claude", tmp_path / "agent", repo, talk.url)
    talk.then(Write(str(repo / "a.txt"), "hello\n"), Say("I could not."))
    (result,) = run(home, "Write it", may_write=False).lines()
    denied = result["permission_denials"]
    assert isinstance(denied, list)
    assert [one["tool_name"] for one in denied] == ["Write"]


def test_a_rate_limit_is_waited_out_by_the_agent_itself(home: Home, talk: Conversation) -> None:
    if home.agent == "gemini":
        pytest.skip("gemini waits longer than a test may")
    talk.then(Fail(429, "slow down", retry_after=1), Say("Here I am."))
    ended = run(home, "Say where you are")
    assert ended.status == 0, ended
    assert [asked.status for asked in talk.requests] == [429, 200]
    assert "Here I am." in ended.out
