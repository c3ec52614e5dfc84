"""From a task to a landed change, told on both hosts."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from swarmctl.core.session import Stage
from tests.e2e.world import World

GATE = """\
[[gate]]
name = "tests"
run = "sh tests.sh"
count = 'passed=(\\d+)'
min_tests = 1
"""


@pytest.fixture(params=["tmux", "process"])
def host(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def gated(world: World, script: str) -> None:
    world.put("tests.sh", script)
    world.settings(GATE)


def test_a_task_lands_with_a_proof_of_the_very_tree_that_git_shows(world: World) -> None:
    gated(world, "test -f made.txt && echo passed=3\n")
    base = world.head()

    said = world.run("write made.txt hello", rc=0)

    proof = said.task["proof"]
    assert said.last["kind"] == "run.finished"
    assert said.last["outcome"] == said.task["outcome"] == "landed"
    assert said.task["commit"] == proof["commit"] == world.head()
    assert proof["base"] == base == world.head("refs/heads/main^")
    assert proof["tree"] == world.tree(world.head())
    assert [(g["name"], g["verdict"], g["rc"], g["tests"]) for g in proof["gates"]] == [("tests", "pass", 0, 3)]
    assert world.text("made.txt") == "hello"
    trailers = world.trailers(world.head())
    assert trailers["Swarm-Session"] == said.session
    assert trailers["Swarm-Agent"] == "fake"
    assert trailers["Swarm-Gates"] == "tests pass (3 tests)"
    assert trailers["Swarm-Tree"] == proof["tree"]
    assert (world.repo / "made.txt").read_text() == "hello\n"
    assert world.git("status", "--porcelain") == ""


def test_a_landing_without_gates_says_so_everywhere(world: World) -> None:
    said = world.swarmctl("run", "x", "--exec", "echo hi > f", rc=0)

    assert "landed without gates" in said.out
    assert "without gates" in said.err
    assert world.trailers(world.head())["Swarm-Gates"] == "none configured"


def test_a_red_gate_refuses_and_the_work_is_kept(world: World) -> None:
    gated(world, "echo passed=2; exit 1\n")
    before = world.head()

    said = world.run("write made.txt hello", rc=1)

    assert said.task["outcome"] == "refused"
    assert said.task["reason"].startswith("tests: exit code 1")
    assert said.task["proof"] is None
    assert world.head() == before
    assert world.text("made.txt", said.task["branch"]) == "hello"
    assert (Path(world.session().worktree) / "made.txt").exists()


def test_an_agent_that_fails_is_kept_and_not_landed(world: World) -> None:
    before = world.head()

    said = world.run("write half.txt unfinished\nexit 3", rc=1)

    assert said.task["outcome"] == "failed"
    assert "code 3" in said.task["reason"]
    assert world.head() == before
    session = world.session()
    assert (Path(session.worktree) / "half.txt").read_text() == "unfinished\n"
    assert world.text("half.txt", session.checkpoint) == "unfinished"


def test_a_run_that_changes_nothing_is_never_success(world: World) -> None:
    said = world.run("say I did it", rc=6)

    assert said.task["outcome"] == "no_work"


def test_a_conflict_names_the_file_and_both_sides_and_keeps_the_session(world: World) -> None:
    said = world.run("write shared.txt mine", "write shared.txt yours", rc=1)

    outcomes = {task["outcome"]: task for task in said.tasks}
    assert set(outcomes) == {"landed", "conflict"}
    lost = outcomes["conflict"]
    assert "shared.txt" in lost["reason"]
    assert lost["branch"] in lost["reason"] and "main at" in lost["reason"]
    assert (Path(world.session(lost["session"]).worktree) / "shared.txt").exists()
    assert world.head() == outcomes["landed"]["commit"]


def test_an_interrupt_stops_at_a_safe_point_and_resume_lands(world: World) -> None:
    go = world.home / "go"
    typed = world.begin(f"append made.txt once\nsay begun\nwait {go}")
    (session,) = world.await_stage(Stage.RUNNING)
    world.await_words(Path(session.worktree) / "made.txt")

    typed.signal(signal.SIGINT)
    said = typed.answer()

    assert said.rc == 130
    assert f"swarmctl resume {session.id}" in said.err or "interrupted" in said.out
    assert world.text("made.txt", world.session().checkpoint) == "once"
    go.touch()
    again = world.swarmctl("resume", session.id, "--json", rc=0)
    assert again.task["outcome"] == "landed"
    assert world.text("made.txt") == "once\nonce"
