"""What scripts read: every command's JSON has a version and follows its schema in docs/schemas."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from swarmctl.core.session import Stage
from swarmctl.surfaces.cli.reference import commands, every
from tests.e2e.world import World

SCHEMAS = Path(__file__).parents[2] / "docs" / "schemas"


def checked(line: dict[str, Any]) -> str:
    """The line's kind, when it is what its schema says."""
    schema = json.loads((SCHEMAS / f"{line['kind']}.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(line)
    return str(line["kind"])


@pytest.mark.parametrize("path", sorted(SCHEMAS.glob("*.json")), ids=lambda path: str(path.stem))
def test_every_schema_is_one_and_refuses_what_is_not_its_own(path: Path) -> None:
    schema = json.loads(path.read_text())
    validator = jsonschema.Draft202012Validator(schema)

    validator.check_schema(schema)
    assert not validator.is_valid({})
    assert not validator.is_valid({"v": 2, "kind": path.stem})


def test_every_command_speaks_json() -> None:
    silent = [
        words
        for name, command in commands().items()
        for words, each in every(name, command)
        if not hasattr(each, "commands") and not any("--json" in parameter.opts for parameter in each.params)
    ]

    assert silent == []


def test_a_run_streams_events_and_ends_with_what_it_came_to(world: World) -> None:
    world.settings('[[gate]]\nname = "ok"\nrun = "test ! -f bad"\n')

    said = world.swarmctl("run", "one", "another one", "--exec", 'echo x > "$SWARM_SESSION"', "--json", rc=0)
    worse = world.swarmctl("run", "a bad one", "--exec", "echo x > bad", "--json", rc=1)
    empty = world.swarmctl("run", "an idle one", "--exec", "true", "--json", rc=6)
    kept = world.swarmctl("run", "a kept one", "--exec", "echo k > k", "--no-merge", "--json", rc=0)

    for each in (said, worse, empty, kept):
        assert {checked(line) for line in each.lines[:-1]} == {"event"}
        assert checked(each.last) == "run.finished"
        assert [line["seq"] for line in each.lines[:-1]] == sorted(line["seq"] for line in each.lines[:-1])
        assert each.lines[0]["event"] == "RunSubmitted"
    assert worse.task["outcome"] == worse.last["outcome"] == "refused"
    assert empty.task["outcome"] == "no_work"
    assert kept.task["outcome"] == "ready"


def test_what_commands_answer_follows_their_schemas(world: World) -> None:
    world.settings('[[gate]]\nname = "c"\nrun = "true"\nstage = "commit"\n')
    world.swarmctl("run", "landed", "--exec", "echo x > x", rc=0)
    world.swarmctl("run", "kept", "--exec", "echo k > k", "--no-merge", rc=0)
    landed, kept = world.session("landed").id, world.session("kept").id

    def kind(*words: str, rc: int = 0) -> str:
        return checked(world.swarmctl(*words, "--json", rc=rc).last)

    for id in (landed, kept):
        assert [kind(word, id) for word in ("show", "why", "logs", "diff")] == ["show", "why", "logs", "diff"]
    assert kind("logs", "--gates", landed) == "logs"
    for word in ("cost", "budget", "ps", "queue", "doctor", "gate", "up", "gc", "init", "path"):
        assert kind(word) == word
    assert kind("ps", "--all") == "ps"
    assert kind("approve") == "approvals"
    assert kind("approve", kept) == "approve"
    assert kind("hooks", "install") == kind("hooks", "uninstall") == "hooks"
    assert kind("rm", kept) == "rm"
    assert kind("undo", kept) == "restored"
    assert kind("path", kept) == "path"
    assert kind("sync", kept) == "sync"
    assert kind("resume", "--all") == "resume.finished"
    assert kind("resume", "--all", "--detach") == "resume.detached"
    assert kind("merge", kept) == "run.finished"
    assert kind("undo") == "run.finished"
    assert kind("run", "later", "--exec", "exec sleep 60", "--detach") == "run.detached"
    world.await_stage(Stage.RUNNING)
    assert kind("send", world.session("later").id, "hello") == "send"
    assert kind("stop", "--all") == "stop"
    assert kind("down") == "down"


def test_what_goes_on_detached_has_its_own_title_and_session(world: World) -> None:
    world.swarmctl("run", "Fail once", "--exec", "exit 3", rc=1)
    session = world.session()

    plain = world.swarmctl("resume", session.id, "--detach", rc=0)
    world.idle()
    said = world.swarmctl("resume", session.id, "--detach", "--json", rc=0).last

    assert plain.out == f"{session.id}  Fail once\n"
    assert checked(said) == "run.detached"
    assert said["tasks"] == [{"id": session.task, "title": "Fail once", "session": session.id}]


def test_a_contest_follows_its_schemas_from_its_run_to_its_pick(world: World) -> None:
    world.settings('[[gate]]\nname = "ok"\nrun = "test ! -f bad"\n')
    half = f"mkdir {world.home}/first && touch bad || echo x > x"

    said = world.swarmctl("run", "one", "--exec", half, "--attempts", "2", "--json", rc=0)
    compared = world.swarmctl("compare", "--json", rc=0).last
    again = world.swarmctl("compare", "--gate", "--json", rc=0).last
    later = world.swarmctl("run", "later", "--exec", "exec sleep 60", "--attempts", "2", "--detach", "--json", rc=0)
    under_way = world.swarmctl("compare", "--json", rc=0).last
    picked = world.swarmctl("pick", compared["best"], "--json", rc=0)

    assert {checked(line) for line in said.lines} == {"event", "run.finished"}
    assert [checked(line) for line in (compared, again, under_way)] == ["compare"] * 3
    assert compared["entries"] == again["entries"]
    assert {task["contest"] for task in said.tasks} == {compared["contest"]}
    assert checked(later.last) == "run.detached"
    assert {task["contest"] for task in later.tasks} == {under_way["contest"]}
    assert checked(picked.last) == "run.finished"
    for task in said.tasks:
        assert checked(world.swarmctl("show", task["session"], "--json", rc=0).last) == "show"


def test_a_parked_landing_follows_its_schemas_and_says_how_to_go_on(world: World) -> None:
    world.put("shared.txt", "mine\n")
    said = world.swarmctl("run", "x", "--exec", "echo theirs > shared.txt", rc=5)
    parked = world.swarmctl("queue", "--json", rc=0).last
    world.git("checkout", "-q", "--", "shared.txt")
    landed = world.swarmctl("land", "--json", rc=0).last

    assert "swarmctl land" in said.err
    assert [checked(parked), checked(landed)] == ["queue", "land"]
    assert [entry["session"] for entry in parked["parked"]] == landed["sessions"] == [world.session().id]
    assert world.text("shared.txt") == "theirs"


def test_a_page_tells_its_address(world: World) -> None:
    server = world.start("web", "--port", "0", "--json")
    assert server.process.stdout is not None
    line = json.loads(server.process.stdout.readline())
    server.signal(signal.SIGINT)
    server.answer()

    assert checked(line) == "web"
    assert line["address"].startswith("http://127.0.0.1:")
