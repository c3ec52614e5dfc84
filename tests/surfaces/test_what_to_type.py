"""What is typed as it was shown does what it says; and the past is told as it was."""

from __future__ import annotations

import json

import pytest

from swarmctl.core import events as e
from swarmctl.core.ids import RunId, SessionId, TaskId
from swarmctl.core.machine import Facts
from swarmctl.core.session import Session, Stage, State, Talk
from swarmctl.surfaces.words.narrate import line_of
from swarmctl.surfaces.words.steps import step_of
from tests.e2e.world import World

AGENT = """\
name: {name}
description: Writes a file.
argv: [sh, -c, 'echo "$0" > made', {name}, "{{prompt}}"]
prompt: argv
"""


def test_a_question_is_shown_with_an_answer_that_can_be_typed() -> None:
    asked = Session(
        SessionId("s"), TaskId("t"), RunId("r"), "fake", "b", "main", "0" * 40, "main", "/w", 0, created_at=1.0,
        stage=Stage.RUNNING, state=State.BLOCKED, talk=Talk(asked=("q",)),
    )  # fmt: skip

    assert step_of(asked).startswith("swarmctl answer s allow (")
    said = line_of(e.PermissionAsked(SessionId("s"), "q", "may I?"), Facts())
    assert said.endswith("swarmctl answer s allow (or deny, pane)")


def test_why_names_the_agent_that_had_the_session_then(world: World) -> None:
    agents = world.home / "config" / "swarmctl" / "agents"
    agents.mkdir(parents=True)
    for name in ("one", "two"):
        (agents / f"{name}.yaml").write_text(AGENT.format(name=name))
    session = world.swarmctl("run", "Make it", "--agent", "one", "--no-merge", "--json", rc=0).session
    before = world.swarmctl("why", session, rc=0).out
    world.swarmctl("handoff", session, "--agent", "two", rc=0)

    after = world.swarmctl("why", session, rc=0).out

    assert "one started" in before
    assert after.startswith(before)
    assert "two started" in after[len(before) :]


def test_what_waits_for_approval_is_listed_and_lands_once_it_is_approved(world: World) -> None:
    world.put("rules", "old\n")
    world.settings('[[gate]]\nname = "checks"\nrun = "true"\nprotects = ["rules"]\n')

    ran = world.swarmctl("run", "Change the rules", "--exec", "echo new > rules", rc=5)

    session = world.session()
    step = f"swarmctl approve {session.id}"
    assert f"1: {step}, then swarmctl merge {session.id}" in ran.err
    assert f"then {step} and merge it" in ran.out.replace("\n", " ")
    assert f"then  {step}" in world.swarmctl("next", rc=0).out
    assert step in world.swarmctl("approve", rc=0).out
    listed = json.loads(world.swarmctl("approve", "--json", rc=0).out)["waiting"]
    assert listed == [{"subject": session.id, "digest": session.head}]
    world.swarmctl("approve", session.id, rc=0)
    assert world.swarmctl("approve", rc=0).out == "nothing waits for approval\n"
    world.swarmctl("merge", session.id, rc=0)
    assert world.text("rules") == "new"


@pytest.mark.parametrize("looked", [(), ("gc",)])
def test_where_nothing_ran_text_and_json_agree(world: World, looked: tuple[str, ...]) -> None:
    """A repository without a state folder, and one whose folder knows of nothing."""
    if looked:
        world.swarmctl(*looked, rc=0)

    for command, rc in (("ps", 0), ("queue", 0), ("cost", 0), ("statusline", 0), ("next", 6)):
        plain, listed = world.swarmctl(command, rc=rc), world.swarmctl(command, "--json", rc=rc)
        assert listed.last["kind"] == command
        assert "hint:" not in plain.err
    assert "nothing ran here yet" in world.swarmctl("ps", rc=0).out
    assert world.swarmctl("statusline", rc=0).out == "\n"
    assert world.swarmctl("next", rc=6).err == "nobody needs you\n"


def test_a_state_folder_without_a_ledger_is_nothing_yet(world: World) -> None:
    world.swarmctl("init", rc=0)

    assert world.swarmctl("statusline", rc=0).out == "\n"
    assert world.swarmctl("ps", "--json", rc=0).last["tasks"] == []
