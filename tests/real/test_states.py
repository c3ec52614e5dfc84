"""What swarmctl believes of the real CLIs in their own interfaces: at work, asking, interrupted by Esc, at rest."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from swarmctl.core import events as e
from swarmctl.core.session import State
from tests.e2e.world import World, until
from tests.real.homes import CACHE, make_home, need
from tests.real.provider import Provider
from tests.real.recorded import Conversation
from tests.real.scenario import Gate, Run, Say

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]


@pytest.fixture
def talk(provider: Provider) -> Conversation:
    return provider.script("states")


@pytest.fixture
def world(tmp_path: Path, talk: Conversation) -> Iterator[World]:
    need("claude")
    runtime = Path(tempfile.mkdtemp(prefix="sw-"))
    made = World(home=tmp_path, runtime=runtime)
    made.found()
    home = make_home("claude", made.home / "agent", made.repo, talk.url)
    path = f"{CACHE / 'bin'}:{os.environ['PATH']}"
    made.extra_env.update({**home.env, "PATH": path, "SWARMCTL__SANDBOX__MODE": "off"})
    yield made
    try:
        made.leave()
    finally:
        shutil.rmtree(runtime, ignore_errors=True)


def begin(world: World) -> None:
    words = ("--agent", "claude", "--mode", "interactive", "--permission", "ask", "--detach", "--no-merge")
    world.swarmctl("run", "Do the thing", *words, rc=0)


def believed(world: World, state: State, kind: str = "") -> None:
    def is_so() -> bool:
        sessions = list(world.facts().sessions.values())
        return [(each.state, each.state_kind) for each in sessions] == [(state, kind)]

    until(is_so, f"claude to be {state} {kind}")


def tmux(world: World, *words: str) -> str:
    socket = next(path for path in world.runtime.rglob("swarm-*") if path.is_socket())
    argv = ["tmux", "-S", str(socket), words[0], "-t", world.session().pane, *words[1:]]
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout


def test_esc_while_the_model_thinks_is_seen_though_no_hook_tells_it(world: World, talk: Conversation) -> None:
    thinking = Gate()
    talk.then(Say("Never said.", gate=thinking))
    begin(world)
    thinking.wait_until_held()
    believed(world, State.WORKING)

    tmux(world, "send-keys", "Escape")

    believed(world, State.IDLE)
    thinking.open()
    last = world.events(e.StateChanged)[-1]
    assert last.source in ("title", "screen")
    assert ("agent hook", State.WORKING, "overruled") in [(r.source, r.state, r.fate) for r in last.reasons]


def test_a_question_blocks_and_a_rejection_at_the_pane_lets_it_rest(world: World, talk: Conversation) -> None:
    talk.then(Run("touch made", say="Now a command."))
    begin(world)
    believed(world, State.BLOCKED, "permission")
    until(lambda: "Esc to cancel" in tmux(world, "capture-pane", "-p"), "the dialog")

    tmux(world, "send-keys", "Escape")

    believed(world, State.IDLE)
    states = [event.state for event in world.events(e.StateChanged)]
    assert states.count(State.BLOCKED) == 1
