"""Who waits for what: sessions that wait for runs of their own, and a resume that waits for one session alone."""

from __future__ import annotations

import shlex
import signal

import pytest

from swarmctl.core.session import Stage
from tests.e2e.world import PROGRAM, World


def asks_for(command: str) -> str:
    """A command that has another session do this one, and waits for it."""
    return shlex.join([*PROGRAM, "run", "inner", "--exec", command, "--json"])


def test_a_session_may_wait_for_a_session_when_only_one_may_run(world: World) -> None:
    world.extra_env["SWARMCTL__AGENT__MAX_RUNNING"] = "1"
    command = f"{asks_for('echo inner > inner.txt')} && echo outer > outer.txt"

    said = world.swarmctl("run", "outer", "--exec", command, "--json", rc=0)

    assert said.task["outcome"] == "landed"
    assert world.files() >= {"inner.txt", "outer.txt"}
    assert "and waits for it" in world.swarmctl("why", said.session, rc=0).out


def test_sessions_that_start_sessions_are_refused_in_words_before_there_are_many(world: World) -> None:
    world.extra_env["SWARMCTL__AGENT__MAX_RUNNING"] = "1"
    script = world.home / "bomb"
    script.write_text(
        f"#!/bin/sh\n{asks_for(str(script))} 2>> {world.home}/said\necho $? >> {world.home}/codes\nexit 1\n"
    )
    script.chmod(0o755)

    world.swarmctl("run", "bomb", "--exec", str(script), "--json", rc=1)

    assert len(world.facts().sessions) == 3
    assert "3 deep" in (world.home / "said").read_text()
    assert (world.home / "codes").read_text().split() == ["1", "1", "1"]


@pytest.mark.parametrize("stays", [True, False])
def test_a_resumed_session_lands_alone_and_only_while_somebody_waits_for_it(world: World, stays: bool) -> None:
    go = world.home / "go"
    scripts = [f"wait {go}\nwrite one.txt 1", f"wait {go}\nwrite two.txt 2"]
    asked = world.begin(*scripts)
    first, second = world.await_stage(Stage.RUNNING, 2)
    asked.signal(signal.SIGKILL)
    world.await_facts(lambda facts: not any(run.waits for run in facts.runs.values()), "the run to be left")
    world.swarmctl("stop", second.id, rc=0)
    world.await_stage(Stage.KEPT)
    typed = world.start("resume", second.id, "--json")
    world.await_stage(Stage.RUNNING, 2)
    if not stays:
        world.await_facts(lambda facts: facts.sessions[second.id].asked_to_land, "the landing to be asked for")
        typed.signal(signal.SIGKILL)
        world.await_facts(lambda facts: not facts.sessions[second.id].asked_to_land, "nobody to wait")

    go.touch()

    facts = world.idle()
    outcomes = {session: facts.tasks[facts.sessions[session].task].outcome for session in (first.id, second.id)}
    assert outcomes == {first.id: "ready", second.id: "landed" if stays else "ready"}
