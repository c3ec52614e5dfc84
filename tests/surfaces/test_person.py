"""Whose turn it is, as a person types it: `next` and `statusline`."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from swarmctl.core.session import Stage
from tests.e2e.world import World

SCHEMAS = Path(__file__).parents[2] / "docs" / "schemas"


def checked(line: dict[str, object], kind: str) -> dict[str, object]:
    jsonschema.Draft202012Validator(json.loads((SCHEMAS / f"{kind}.json").read_text())).validate(line)
    return line


def test_next_is_who_failed_before_who_is_ready_and_nobody_once_all_is_done(world: World) -> None:
    world.swarmctl("run", "be ready", "--exec", "echo a > a", "--no-merge", rc=0)
    world.swarmctl("run", "fail \x1b[2J", "--exec", "echo b > b; exit 3", rc=1)
    ready, failed = (
        world.session("be ready").id,
        next(s.id for s in world.facts().sessions.values() if s.outcome == "failed"),
    )

    first = world.swarmctl("next", rc=0)
    listed = checked(world.swarmctl("next", "--json", rc=0).last, "next")
    world.swarmctl("rm", failed, rc=0)
    second = world.swarmctl("next", rc=0)
    world.swarmctl("merge", ready, rc=0)
    nobody = world.swarmctl("next", rc=6)
    empty = checked(world.swarmctl("next", "--json", rc=6).last, "next")

    assert first.out.startswith(f"{failed}  failed  fail")
    assert "\x1b" not in first.out
    assert f"then  swarmctl logs {failed}" in first.out
    assert "1 more" in first.err
    assert listed["next"]["session"] == failed  # type: ignore[index]
    assert [each["session"] for each in listed["then"]] == [ready]  # type: ignore[attr-defined]
    assert second.out.splitlines()[0] == f"{ready}  ready  be ready"
    assert (nobody.out, nobody.err) == ("", "nobody needs you\n")
    assert (empty["next"], empty["then"]) == (None, [])


def test_who_is_blocked_comes_first_with_what_it_waits_for(world: World) -> None:
    world.swarmctl("run", "fail", "--exec", "exit 3", rc=1)
    world.begin("event blocked may I push?\nsleep 60")
    world.await_facts(lambda facts: any(s.state == "blocked" for s in facts.sessions.values()), "a blocked session")
    blocked = world.await_stage(Stage.RUNNING)[0].id

    said = checked(world.swarmctl("next", "--json", rc=0).last, "next")
    line = world.swarmctl("statusline", rc=0)

    assert said["next"]["session"] == blocked  # type: ignore[index]
    assert said["next"]["need"] == "blocked"  # type: ignore[index]
    assert line.out == "2 need you\n"


def test_the_status_line_counts_and_repeats_nothing_that_anybody_wrote(world: World) -> None:
    before = world.swarmctl("statusline", rc=0)
    world.swarmctl("run", "#(touch hacked) #[fg=red]", "--exec", "exit 3", rc=1)
    after = world.swarmctl("statusline", rc=0)
    every = world.swarmctl("statusline", "--all", rc=0)
    plain = checked(world.swarmctl("statusline", "--json", rc=0).last, "statusline")
    world.begin("sleep 60")
    world.await_stage(Stage.RUNNING)
    working = world.swarmctl("statusline", rc=0)

    assert before.out == "\n"
    assert after.out == every.out == "1 needs you\n"
    assert (plain["working"], plain["need"]) == (0, 1)
    assert working.out == "1 working · 1 needs you\n"


@pytest.mark.parametrize("words", [("statusline",), ("statusline", "--all")])
def test_the_status_line_is_empty_where_nothing_is(world: World, words: tuple[str, ...]) -> None:
    assert world.swarmctl(*words, cwd=world.home, rc=0).out == "\n"


def test_a_ledger_that_cannot_be_read_is_said_to_whoever_asks_for_it_alone(world: World) -> None:
    world.swarmctl("run", "x", "--exec", "exit 3", rc=1)
    world.swarmctl("down", rc=0)
    database = world.state / "swarm.db"
    kept = database.read_bytes()
    database.write_bytes(b"no database")
    for end in ("-wal", "-shm"):
        database.with_name(database.name + end).unlink(missing_ok=True)

    said = world.swarmctl("statusline", rc=3)
    every = world.swarmctl("statusline", "--all", rc=0)
    database.write_bytes(kept)

    assert "hint: " in said.err
    assert every.out == "\n"
