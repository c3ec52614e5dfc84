"""The real CLIs at a limit: parked with the time that they say; when it is over they go on in the same conversation."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from swarmctl.core import events as e
from swarmctl.core.session import Stage, State
from tests.e2e.test_clock import SHIFTED
from tests.e2e.world import living
from tests.real.homes import at_home, need
from tests.real.provider import Provider
from tests.real.scenario import Fail, Say, Write
from tests.real.test_sessions import Told

pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]

AWAY_S = 7200.0
UNIFIED = "anthropic-ratelimit-unified"
TASK = "Write a.txt"


def limit(agent: str) -> Fail:
    """A plan that is used up for two hours, as its provider says it."""
    at = int(time.time() + AWAY_S)
    if agent == "codex":
        more = {"type": "usage_limit_reached", "plan_type": "plus", "resets_at": at, "resets_in_seconds": AWAY_S}
        return Fail(429, "The usage limit has been reached", more=more)
    said = {"status": "rejected", "reset": str(at), "representative-claim": "five_hour"}
    said |= {"5h-status": "rejected", "5h-reset": str(at)}
    headers = {f"{UNIFIED}-{name}": value for name, value in said.items()}
    return Fail(429, "This request would exceed your account's rate limit.", retry_after=AWAY_S, headers=headers)


@pytest.fixture(params=["claude", "codex"])
def world(request: pytest.FixtureRequest, tmp_path: Path, provider: Provider) -> Iterator[Told]:
    need(request.param)
    with living(Told(tmp_path, host="tmux")) as made:
        made.agent, made.talk = request.param, provider.script("session")
        made.found()
        at_home(made, made.agent, made.talk.url, SWARMCTL__SANDBOX__MODE="off")
        if made.agent == "claude":
            made.extra_env.pop("ANTHROPIC_AUTH_TOKEN")
            made.extra_env["CLAUDE_CODE_OAUTH_TOKEN"] = "sk-ant-oat01-x"
        folder = made.home / "python"
        folder.mkdir()
        (folder / "sitecustomize.py").write_text(SHIFTED.format(path=str(made.home / "shift")))
        made.extra_env["PYTHONPATH"] = f"{folder}:{Path(__file__).parents[2]}"
        yield made


@pytest.mark.parametrize("mode", ["interactive", "headless"])
def test_a_limit_parks_its_session_which_goes_on_by_itself_when_it_is_over(world: Told, mode: str) -> None:
    world.tell(limit(world.agent), Write("a.txt", "good"), Say("Written."))
    typed = world.start("run", TASK, "--agent", world.agent, "--mode", mode, "--json")

    (session,) = world.await_stage(Stage.LIMITED)
    assert (session.state, session.state_kind) == (State.RATE_LIMITED, "usage")
    assert session.state_until is not None
    assert -60 < session.state_until - time.time() - AWAY_S < 90, "in minutes, as it says it"
    assert session.process is not None
    assert session.process.pid not in world.ours()
    assert "(said by" in world.swarmctl("ps", rc=0).out
    assert world.facts().entries[f"{session.id}.1"].charge == 0, "nothing was used"
    assert len(world.talk.requests) == 1

    (world.home / "shift").write_text(str(AWAY_S + 120))
    assert typed.answer().rc == 0

    assert world.text("a.txt") == "good"
    assert world.session().attempt == 2
    assert world.session().talk.repairs == 0
    assert len(world.events(e.ConversationKnown)) == 1
    assert not world.events(e.SessionKept)
    told = [text.strip() for text in world.talk.requests[-1].facts.user_texts]
    assert told.count(TASK) == 1, "what it was told is in its conversation, once"
