"""A real agent that a person started by hand in a tmux of their own: taken over, ended, gone on with, landed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from swarmctl.core import events as e
from swarmctl.core.session import Stage
from tests.e2e.world import World, living, until
from tests.real.homes import CACHE, make_home, need
from tests.real.pane import Pane
from tests.real.provider import Provider
from tests.real.scenario import Run, Say, Write

pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    need("claude")
    with living(World(tmp_path)) as made:
        made.found()
        yield made


def test_claude_is_taken_over_from_a_persons_pane_and_goes_on_in_the_same_conversation(
    world: World, tmp_path: Path, provider: Provider
) -> None:
    worktree, talk = tmp_path / "topic", provider.script("hand")
    world.git("worktree", "add", "-q", "-b", "topic", str(worktree))
    home = make_home("claude", tmp_path / "agent", worktree, talk.url)
    world.extra_env |= {**home.env, "PATH": f"{CACHE / 'bin'}:{os.environ['PATH']}", "SWARMCTL__SANDBOX__MODE": "off"}
    for turn in (Write("a.txt", "half"), Say("Half of it."), Run("printf whole > a.txt"), Say("All of it.")):
        talk.then(turn)

    with Pane(home, ["--permission-mode", "acceptEdits"]) as pane:
        pane.wait("accept edits on")
        pane.type("Begin a.txt")
        pane.wait("Half of it")
        said = world.swarmctl("adopt", "%0", "-L", pane.server, "--json", rc=0).last
        assert (said["agent"], said["stage"], said["pane"]) == ("claude", "running", "%0")
        assert said["conversation"], "claude's own file of it was found"
        assert world.text("a.txt", said["checkpoint"]) == "half"
        assert world.facts().tasks[world.session().task].prompt == "Begin a.txt"
        assert world.session().stage is Stage.RUNNING
        pane.type("/exit")
        until(lambda: world.session().stage is Stage.READY, "the end of claude to be seen")

    session = world.session()
    assert world.text("a.txt", session.head) == "half"
    world.swarmctl("send", session.id, "Finish a.txt", rc=0)
    until(lambda: world.session().attempt == 2 and world.session().stage is Stage.READY, "claude to go on")
    assert talk.requests[-1].last_user == "Finish a.txt"
    assert [known.conversation for known in world.events(e.ConversationKnown)] == [said["conversation"]]

    world.swarmctl("merge", session.id, rc=0)
    assert world.text("a.txt") == "whole"
    assert world.text("a.txt", "refs/heads/topic") == "whole", "the person's branch stays"
    assert worktree.is_dir()
