"""Several attempts at one task: gated side by side, ranked, one picked, the others put away and not lost."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from swarmctl.core import events as e
from swarmctl.core.outcome import Outcome
from swarmctl.core.session import Stage
from tests.e2e.world import Said, World, until

ROOT = Path(__file__).resolve().parents[2]
GATES = """\
[[gate]]
name = "tests"
run = "test ! -f bad.txt && echo passed=3"
count = 'passed=(\\d+)'

[[gate]]
name = "lint"
run = "test ! -f {wait} || sleep 60"
"""
COMMAND = """\
n=1
while ! mkdir {marks}/$n; do n=$((n+1)); done
case $n in
1) printf 'one\\ntwo\\n' > made.txt ;;
2) echo one > made.txt ;;
*) echo x > bad.txt ;;
esac
"""
TWIN = """\
name: twin
description: Does the same, and more of it.
headless:
  argv: ["twin", "{prompt}"]
"""
PROGRAM = """#!/bin/sh
[ "$1" = --version ] && { echo "twin 1.0"; exit 0; }
printf 'hello\\nand more\\n' > made.txt
"""


@pytest.fixture(params=["tmux", "process"])
def host(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def gated(world: World) -> World:
    world.settings(GATES.replace("{wait}", str(world.home / "wait")))
    (world.home / "marks").mkdir()
    return world


def command(world: World) -> str:
    return COMMAND.format(marks=world.home / "marks")


def three(world: World, rc: int | None = 0) -> Said:
    """Two lines, one line, and one that is refused; which session is which is up to them."""
    return world.swarmctl("run", "make it", "--exec", command(world), "--attempts", "3", "--json", rc=rc)


def by_rank(said: Said) -> list[dict[str, Any]]:
    return sorted(said.tasks, key=lambda task: int(task["rank"]))


def test_three_attempts_are_ranked_by_their_gates_and_their_size_and_none_lands(gated: World) -> None:
    before = gated.head()

    said = three(gated)

    assert gated.head() == before
    assert said.last["outcome"] == "ready"
    assert len({task["contest"] for task in said.tasks}) == 1
    assert [(task["rank"], task["outcome"]) for task in by_rank(said)] == [(1, "ready"), (2, "ready"), (3, "refused")]
    small, large, red = by_rank(said)
    found = gated.swarmctl("compare", "--json", rc=0).last
    assert [entry["session"] for entry in found["entries"]] == [small["session"], large["session"], red["session"]]
    assert [(entry["size"]["files"], entry["size"]["added"]) for entry in found["entries"]] == [(1, 1), (1, 2), (1, 1)]
    assert [entry["red"] for entry in found["entries"]] == [[], [], ["tests"]]
    assert [entry["tests"] for entry in found["entries"]] == [3, 3, None]
    assert {gate["verdict"] for gate in found["entries"][2]["gates"]} == {"fail", "pass"}
    assert {entry["gated_on"] for entry in found["entries"]} == {before}
    assert (found["best"], found["base"]) == (small["session"], before)
    assert found["uneven"][0] == {"path": "bad.txt", "sessions": [red["session"]]}
    assert {session.base for session in gated.facts().sessions.values()} == {before}

    shown = gated.swarmctl("compare", small["session"], rc=0)
    assert [line.split()[:2] for line in shown.out.splitlines()[2:5]] == [
        ["1", small["session"]],
        ["2", large["session"]],
        ["3", red["session"]],
    ]
    assert "red: tests" in shown.out
    assert f"only {red['session']} changes bad.txt" in shown.out
    assert f"swarmctl pick {small['session']}" in shown.err


def test_a_pick_lands_and_the_others_can_be_brought_back(gated: World) -> None:
    small, large, red = by_rank(three(gated))

    said = gated.swarmctl("pick", small["session"], "--json", rc=0)

    assert gated.text("made.txt") == "one"
    assert gated.subjects() == ["make it", "Say what is gated", "First"]
    landed = next(task for task in said.tasks if task["session"] == small["session"])
    assert landed["proof"]["kind"] == "gated"
    facts = gated.facts()
    for task in (large, red):
        session = facts.sessions[task["session"]]
        assert (session.stage, session.place) == (Stage.KEPT, "trashed")
        assert facts.tasks[session.task].reason.startswith(f"{small['session']} was picked")
        assert gated.head(f"refs/swarm/kept/{session.id}") == session.head
        assert not Path(session.worktree).exists()
    assert f"swarm/make-it-{large['session']}" not in gated.git("branch", "--list", "swarm/*")

    gated.swarmctl("undo", large["session"], rc=0)
    again = gated.session(large["session"])
    assert (Path(again.worktree) / "made.txt").read_text() == "one\ntwo\n"
    assert gated.head(f"refs/heads/{again.branch}") == again.head
    assert gated.swarmctl("compare", "--json", rc=0).last["picked"] == small["session"]


def test_a_pick_that_its_gates_refuse_leaves_the_others_as_they_are(gated: World) -> None:
    small, large, red = by_rank(three(gated))
    before = gated.head()

    said = gated.swarmctl("pick", red["session"], rc=1)

    assert gated.head() == before
    assert "refused" in said.err
    facts = gated.facts()
    for task in (small, large):
        session = facts.sessions[task["session"]]
        assert (session.stage, session.place) == (Stage.READY, "present")
    gated.swarmctl("pick", large["session"], rc=0)
    assert gated.text("made.txt") == "one\ntwo"


def test_a_run_without_anything_good_is_no_success(gated: World) -> None:
    said = gated.swarmctl("run", "x", "--exec", "echo x > bad.txt", "--attempts", "2", rc=1)
    idle = gated.swarmctl("run", "y", "--exec", "true", "--attempts", "2", rc=6)

    assert "none can land as it is" in said.err
    assert "changed nothing" in idle.out


def test_each_agent_makes_an_attempt_of_its_own(gated: World) -> None:
    folder, programs = gated.home / "config" / "swarmctl" / "agents", gated.home / "programs"
    folder.mkdir(parents=True)
    programs.mkdir()
    (folder / "twin.yaml").write_text(TWIN)
    (programs / "twin").write_text(PROGRAM)
    (programs / "twin").chmod(0o755)
    gated.extra_env["PATH"] = f"{programs}:{gated.env['PATH']}"

    said = gated.swarmctl("run", "write made.txt hello", "--agent", "fake,twin", "--json", rc=0)

    facts = gated.facts()
    agents = [facts.sessions[task["session"]].agent for task in by_rank(said)]
    assert agents == ["fake", "twin"]
    trailers = gated.swarmctl("pick", by_rank(said)[1]["session"], rc=0)
    assert gated.trailers(gated.head())["Swarm-Agent"] == "twin", trailers.err


def test_too_many_and_nonsense_are_refused_before_anything_starts(gated: World) -> None:
    for words in (
        ("--attempts", "9"),
        ("--attempts", "0"),
        ("--agent", "fake,fake"),
        ("--agent", "fake,other,"),
        ("--agent", "fake,shell", "--exec", "true"),
    ):
        said = gated.swarmctl("run", "write a b", *words, rc=2)
        assert said.err.startswith("swarmctl: ")
    assert not gated.facts().tasks


def test_a_plan_asks_for_attempts_of_one_task_and_lands_the_other(gated: World) -> None:
    plan = gated.home / "plan.toml"
    plan.write_text(
        f"[[task]]\ntitle = 'several'\nexec = '''{command(gated)}'''\nattempts = 2\n"
        "[[task]]\ntitle = 'alone'\nexec = 'echo alone > alone.txt'\n"
    )

    said = gated.swarmctl("run", "--plan", str(plan), "--json", rc=0)

    assert sorted((task["title"], task["outcome"]) for task in said.tasks) == [
        ("alone", "landed"),
        ("several", "ready"),
        ("several", "ready"),
    ]
    assert gated.subjects()[0] == "alone"


def test_ctrl_c_ends_the_gates_and_they_are_asked_again_later(gated: World) -> None:
    wait = gated.home / "wait"
    wait.touch()
    typed = gated.start("run", "make it", "--exec", command(gated), "--attempts", "2", "--json")
    gated.await_facts(lambda facts: any(r.stage == "begun" for r in facts.rehearsals.values()), "a gate to run")

    typed.signal(signal.SIGINT)
    said = typed.answer(30.0)

    assert said.rc == 130
    until(lambda: not any("sleep 60" in words for words in gated.ours().values()), "the gate to be gone")
    wait.unlink()
    found = gated.swarmctl("compare", "--gate", "--json", rc=0).last
    assert [entry["red"] for entry in found["entries"]] == [[], []]
    assert gated.swarmctl("pick", found["best"], rc=0)


@pytest.mark.parametrize("side", ["before", "after"])
def test_the_supervisor_may_die_beside_every_step_of_a_contest(gated: World, side: str) -> None:
    plan = gated.home / "plan"
    gated.program = (sys.executable, "-m", "tests.e2e.killing_client")
    gated.extra_env |= {"KILL_PLAN": str(plan), "PYTHONPATH": str(ROOT)}
    steps = ("SessionReady", "RehearsalBegun", "GateFinished", "Rehearsed", "TaskFinished")
    plan.write_text("".join(f"{side} event {step}\n" for step in steps))

    small, large, red = by_rank(three(gated))

    assert [task["outcome"] for task in (small, large, red)] == ["ready", "ready", "refused"]
    assert len(plan.with_name("plan.done").read_text().splitlines()) == len(steps)
    picking = ("Picked", "Enqueued", "LandIntended", "Landed", "WorktreeTrashed", "SetAside")
    plan.write_text("".join(f"{side} event {step}\n" for step in picking))
    gated.swarmctl("down", rc=0)
    gated.swarmctl("pick", small["session"], rc=0)
    gated.await_facts(lambda facts: all(len(c.aside) == 2 for c in facts.contests.values()), "the others to be away")

    assert gated.text("made.txt") == "one"
    assert gated.subjects().count("make it") == 1
    facts = gated.facts()
    assert [facts.tasks[task["id"]].outcome for task in (small, large, red)] == [
        Outcome.LANDED,
        Outcome.READY,
        Outcome.REFUSED,
    ]
    assert len(gated.events(e.Landed)) == 1
    for task in (large, red):
        assert gated.head(f"refs/swarm/kept/{task['session']}") == facts.sessions[task["session"]].head
