"""What a run promises: order, limits, dependencies, exit codes, and a way back for everything."""

from __future__ import annotations

import itertools
import json
import os
import signal
from pathlib import Path

import pytest

from swarmctl.app.inbox import connect
from swarmctl.core import events as e
from swarmctl.core.session import Stage
from tests.e2e.world import PATIENCE_S, World


def test_several_tasks_are_told_by_the_worst_of_them(world: World) -> None:
    said = world.run("write a.txt a", "say nothing to do", "write c.txt c\nexit 1", rc=1)

    assert [task["outcome"] for task in said.tasks] == ["landed", "no_work", "failed"]
    assert said.last["outcome"] == "failed"
    assert world.files() >= {"a.txt"} and "c.txt" not in world.files()


def test_waiting_for_a_person_outweighs_a_failure(world: World) -> None:
    said = world.run("write id.txt AKIAIOSFODNN7EXAMPLE\nwrite .env A=1", "exit 1", rc=5)

    assert [task["outcome"] for task in said.tasks] == ["blocked", "failed"]


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("write id_rsa -----BEGIN OPENSSH PRIVATE KEY-----", "id_rsa"),
        ("partial big.bin 5400000", "big.bin"),
    ],
    ids=["a secret", "a large file"],
)
def test_what_must_not_be_committed_stops_the_work_with_words(world: World, script: str, words: str) -> None:
    if script.startswith("partial"):
        command = "head -c 5400000 /dev/zero > big.bin"
        said = world.swarmctl("run", "big", "--exec", command, "--json", rc=5)
    else:
        said = world.run(script, rc=5)

    assert said.task["outcome"] == "blocked"
    assert words in said.task["reason"]
    assert words not in world.files()
    assert (Path(world.session().worktree) / words).exists()


def test_no_merge_stops_at_ready_and_merge_lands_it(world: World) -> None:
    before = world.head()
    said = world.run("write made.txt hello", more=("--no-merge",), rc=0)
    assert said.task["outcome"] == "ready"
    assert world.head() == before

    landed = world.swarmctl("merge", said.session, "--json", rc=0)

    assert landed.task["outcome"] == "landed"
    assert world.text("made.txt") == "hello"


def test_a_detached_run_stops_at_ready_and_nothing_lands_by_itself(world: World) -> None:
    before = world.head()
    said = world.run("write made.txt hello", more=("--detach",), rc=0)
    assert said.last["kind"] == "run.detached"

    world.idle()

    assert world.session().outcome == "ready"
    assert world.head() == before


def test_merge_auto_lands_what_nobody_waits_for(world: World) -> None:
    world.settings("[merge]\nauto = true\n")
    world.run("write made.txt hello", more=("--detach",), rc=0)

    world.await_stage(Stage.LANDED)

    assert world.text("made.txt") == "hello"


def plan(world: World, text: str) -> Path:
    path = world.home / "plan.toml"
    path.write_text(text)
    return path


def test_a_dependent_task_starts_from_what_its_dependency_landed(world: World) -> None:
    path = plan(
        world,
        """
        [[task]]
        key = "second"
        prompt = "write second"
        exec = "cp first.txt second.txt"
        after = ["first"]
        [[task]]
        key = "first"
        prompt = "write first"
        exec = "echo one > first.txt"
        check = "test -s first.txt"
        """,
    )

    said = world.swarmctl("run", "--plan", str(path), "--json", rc=0)

    second, first = said.tasks
    assert first["outcome"] == second["outcome"] == "landed"
    assert world.session(second["session"]).base == first["commit"]
    assert [gate["name"] for gate in first["proof"]["gates"]] == ["task check"]
    assert world.text("second.txt") == "one"


def test_a_task_whose_dependency_was_refused_never_starts(world: World) -> None:
    path = plan(
        world,
        """
        [[task]]
        key = "first"
        prompt = "write first"
        exec = "echo one > first.txt"
        check = "false"
        [[task]]
        key = "second"
        prompt = "write second"
        exec = "cp first.txt second.txt"
        after = ["first"]
        """,
    )

    said = world.swarmctl("run", "--plan", str(path), "--json", rc=5)

    first, second = said.tasks
    assert (first["outcome"], second["outcome"]) == ("refused", "blocked")
    assert second["session"] is None and first["id"] in second["reason"]


def test_no_more_than_max_running_at_once_and_the_rest_in_order(world: World) -> None:
    world.extra_env["SWARMCTL__AGENT__MAX_RUNNING"] = "2"
    gates = [world.home / f"go{number}" for number in range(4)]

    typed = world.begin(*(f"write f{n}.txt x\nwait {gate}" for n, gate in enumerate(gates)), more=("--no-merge",))
    world.await_stage(Stage.RUNNING, 2)
    assert len(world.facts().sessions) == 2
    for number, gate in enumerate(gates):
        gate.touch()
        world.await_facts(lambda facts, so_far=number: len(facts.sessions) >= min(4, so_far + 3), "the next one")  # type: ignore[misc]
    said = typed.answer()

    assert said.rc == 0
    active, most = 0, 0
    for stamped in world.history():
        active += isinstance(stamped.event, e.SessionPlanned)
        active -= isinstance(stamped.event, e.SessionReady)
        most = max(most, active)
    assert most == 2
    started = [event.task for event in world.events(e.SessionPlanned)]
    asked = [task["id"] for task in said.tasks]
    assert (set(started[:2]), started[2:]) == (set(asked[:2]), asked[2:])


def test_a_time_limit_stops_a_session_and_keeps_its_work(world: World) -> None:
    typed = world.begin("write half.txt so far\nsleep 600")
    (session,) = world.await_stage(Stage.RUNNING)
    world.await_words(Path(session.worktree) / "half.txt")
    world.put("swarm.toml", '[agent]\ntime_limit = "1s"\n')
    said = typed.answer()

    assert (said.rc, said.task["outcome"]) == (130, "interrupted")
    assert "time limit of 1 s" in said.task["reason"]
    assert world.text("half.txt", world.session().checkpoint) == "so far"


def test_stop_and_resume_go_on_in_the_same_worktree(world: World) -> None:
    go = world.home / "go"
    typed = world.begin(f"append made.txt once\nwait {go}")
    (session,) = world.await_stage(Stage.RUNNING)
    world.await_words(Path(session.worktree) / "made.txt")

    world.swarmctl("stop", session.id, rc=0)
    said = typed.answer()
    assert (said.rc, said.task["outcome"], said.task["reason"]) == (130, "interrupted", "stopped")
    refused = world.swarmctl("stop", session.id, rc=1)
    assert "not running" in refused.err

    go.touch()
    again = world.swarmctl("resume", session.id, "--json", rc=0)
    assert again.session == session.id
    assert world.session().attempt == 2
    assert world.text("made.txt") == "once\nonce"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_run_stops_every_agent_and_says_how_to_go_on(world: World, number: signal.Signals) -> None:
    world.extra_env["SWARMCTL__AGENT__MAX_RUNNING"] = "2"
    scripts = [f"write f{n}.txt x\nspawn 600\nwait {world.home}/never" for n in range(3)]
    typed = world.start("run", *scripts, "--agent", "fake")
    running = world.await_stage(Stage.RUNNING, 2)
    for session in running:
        world.await_facts(lambda _, s=session: list(Path(s.worktree).glob("f*.txt")), "its file")  # type: ignore[misc]

    typed.signal(number)
    said = typed.answer()

    assert said.rc == 130
    facts = world.idle()
    assert [task.outcome for task in facts.tasks.values()] == ["interrupted"] * 3
    for task in facts.tasks.values():
        assert f"swarmctl resume {task.session or task.id}" in said.err
    for session in running:
        assert f"refs/swarm/checkpoint/{session.id}" in world.git("for-each-ref", "--format=%(refname)")
    assert not [words for words in world.ours().values() if "fake_agent" in words or "time.sleep" in words]


def test_a_run_that_vanishes_leaves_its_agents_working_and_stops_at_ready(world: World) -> None:
    go = world.home / "go"
    before = world.head()
    typed = world.begin(f"wait {go}\nwrite made.txt hello")
    world.await_stage(Stage.RUNNING)

    typed.signal(signal.SIGKILL)
    world.await_facts(lambda facts: not any(run.waits for run in facts.runs.values()), "the run to be left")
    go.touch()
    world.idle()

    assert world.session().outcome == "ready"
    assert world.head() == before
    assert world.swarmctl("merge", world.session().id, "--json", rc=0).task["outcome"] == "landed"


def test_a_moved_repository_finds_its_sessions_again(world: World) -> None:
    said = world.run("write made.txt hello", more=("--no-merge",), rc=0)
    world.swarmctl("down", rc=0)
    elsewhere = world.home / "else where"

    world.repo.rename(elsewhere)

    landed = world.swarmctl("merge", said.session, "--json", cwd=elsewhere, rc=0)
    assert landed.task["outcome"] == "landed"
    assert world.git("cat-file", "-p", "main:made.txt", cwd=elsewhere) == "hello"
    assert (elsewhere / "made.txt").exists()
    world.swarmctl("down", cwd=elsewhere)
    elsewhere.rename(world.repo)


def test_rm_and_undo_are_inverse(world: World) -> None:
    said = world.run("write made.txt hello\ncommit Half\nwrite more.txt uncommitted\nexit 1", rc=1)
    session = world.session()
    assert Path(session.worktree).is_dir()

    world.swarmctl("rm", said.session, rc=0)
    assert not Path(session.worktree).exists()
    assert world.swarmctl("rm", said.session, rc=1).err.startswith("swarmctl: ")

    restored = json.loads(world.swarmctl("undo", said.session, "--json", rc=0).out)
    assert restored["worktree"] == session.worktree
    assert (Path(session.worktree) / "made.txt").read_text() == "hello\n"
    assert (Path(session.worktree) / "more.txt").read_text() == "uncommitted\n"
    assert world.git("status", "--porcelain", cwd=Path(session.worktree)) == "?? more.txt"


def test_undo_takes_back_the_last_landing_by_a_gated_commit(world: World) -> None:
    world.settings('[[gate]]\nname = "checks"\nrun = "true"\n')
    world.run("write first.txt 1", rc=0)
    kept = world.head()
    world.run("write made.txt hello", rc=0)

    undone = world.swarmctl("undo", "--json", rc=0)

    assert undone.task["outcome"] == "landed"
    assert [gate["name"] for gate in undone.task["proof"]["gates"]] == ["checks"]
    assert world.tree(world.head()) == world.tree(kept)
    assert len(world.subjects()) == 5
    assert not (world.repo / "made.txt").exists()


def test_what_landed_leaves_no_directory_and_comes_back_with_undo(world: World) -> None:
    said = world.run("write made.txt hello", rc=0)
    world.await_facts(lambda _: world.session().place == "trashed", "the worktree in the trash")
    session = world.session()
    assert not Path(session.worktree).exists()

    world.swarmctl("undo", said.session, rc=0)

    assert (Path(session.worktree) / "made.txt").read_text() == "hello\n"
    assert world.git("status", "--porcelain", "--branch", cwd=Path(session.worktree)) == f"## {session.branch}"


def test_a_command_that_comes_again_while_it_is_carried_out_is_answered_as_well(world: World) -> None:
    """Its first connection was cut."""
    hook = world.home / "config" / "swarmctl" / "config.toml"
    hook.parent.mkdir(parents=True)
    hook.write_text(f"[hooks]\nworktree_removed = 'touch {world.home}/removing; {waits_for(world.home / 'go')}'\n")
    said = world.run("write made.txt hello", more=("--no-merge",), rc=0)
    lines = [connect(world.socket) for _ in range(3)]
    first, second, third = (line for line in lines if line)
    first.tell("rm", {"id": said.session}, "the-command")
    world.await_file(world.home / "removing")
    first.close()
    second.tell("rm", {"id": said.session}, "the-command")
    third.ask("hello", {}, timeout_s=PATIENCE_S)

    (world.home / "go").touch()

    answers = [message for message in itertools.islice(second.messages(PATIENCE_S), 1)]
    assert [message["answer"]["session"] for message in answers] == [said.session]
    assert third.ask("rm", {"id": said.session}, "the-command", PATIENCE_S) == answers[0]["answer"]
    assert len(world.events(e.WorktreeTrashed)) == 1
    for line in (second, third):
        line.close()


def waits_for(path: Path) -> str:
    return f"while ! test -e {path}; do sleep 0.02; done"


def slow_gate(world: World) -> None:
    home = world.home
    world.settings(
        f'[[gate]]\nname = "slow"\nrun = "touch {home}/began; while ! test -e {home}/go; do sleep 0.02; done"\n'
    )


def test_a_merge_outlives_the_supervisor_and_lands_nothing_else(world: World) -> None:
    slow_gate(world)
    said = world.run("write one.txt 1", "write two.txt 2", more=("--no-merge",), rc=0)
    first, second = said.tasks
    typed = world.start("merge", first["session"], "--json")
    world.await_file(world.home / "began")

    pid = world.supervisor()
    assert pid
    os.kill(pid, signal.SIGKILL)
    (world.home / "go").touch()
    merged = typed.answer()

    assert merged.rc == 0
    outcomes = {task["session"]: task["outcome"] for task in merged.tasks}
    assert outcomes == {first["session"]: "landed", second["session"]: "ready"}


def test_an_interrupt_during_a_gate_lands_nothing_and_ends_with_130(world: World) -> None:
    slow_gate(world)
    before = world.head()
    typed = world.begin("write one.txt 1")
    world.await_file(world.home / "began")

    typed.signal(signal.SIGINT)
    said = typed.answer()

    assert (said.rc, said.task["outcome"]) == (130, "ready")
    (world.home / "go").touch()
    assert world.head() == before
    assert world.swarmctl("merge", said.session, rc=0)


def test_an_interrupted_merge_stops_that_landing_and_nobody_elses_agent(world: World) -> None:
    slow_gate(world)
    said = world.run("write one.txt 1", f"write two.txt 2\nwait {world.home}/go", more=("--detach",), rc=0)
    (ready,) = world.await_stage(Stage.READY)
    typed = world.start("merge", ready.id, "--json")
    world.await_file(world.home / "began")

    typed.signal(signal.SIGINT)

    assert typed.answer().rc == 130
    (other,) = world.await_stage(Stage.RUNNING)
    assert not other.stop
    (world.home / "go").touch()
    world.idle()
    assert [task.outcome for task in world.facts().tasks.values()] == ["ready"] * len(said.last["tasks"])
