"""Sessions that wait for runs of their own."""

from __future__ import annotations

import shlex

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
