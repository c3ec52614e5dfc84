"""Sessions that go on otherwise, as a person types it: sync, handoff, resume --all; and kills in the middle of them.

I1 what agents wrote is reachable; I2 nothing lands unproven; I10 saying it twice changes nothing.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from swarmctl.core import events as e
from swarmctl.core.events.onward import SyncBegun, SyncConflicted, Synced
from swarmctl.core.outcome import Outcome
from swarmctl.core.session import Stage
from tests.e2e.world import World, until

MENDER = """\
name: mender
description: Changes shared.txt; resolves what conflicts, or does not, as the file `how` says; notes what it was told.
argv: [sh, -c, 'printf "%s" "$1" > "$NOTES/told"; how=$(cat "$NOTES/how"); case $how in
  work) echo ours > shared.txt; echo own > own.txt;;
  resolve) printf "theirs\\nours\\n" > shared.txt;;
  half) echo more > own.txt;;
  lie) git add -A; git -c user.name=M -c user.email=m@example.invalid commit -qm Resolved;;
  abort) git merge --abort;;
  fail) echo oops; exit 3;;
  wait) echo half > half.txt; touch "$NOTES/waits"; while [ ! -e "$NOTES/go" ]; do sleep 0.05; done;;
  esac', mender, "{prompt}", "{model}"]
prompt: argv
model: ["{model}"]
env: [NOTES]
"""


@pytest.fixture
def world(bare_world: World) -> World:
    bare_world.found()
    bare_world.extra_env["NOTES"] = str(bare_world.home)
    agents = bare_world.home / "config" / "swarmctl" / "agents"
    agents.mkdir(parents=True)
    for name in ("mender", "second"):
        (agents / f"{name}.yaml").write_text(MENDER.replace("name: mender", f"name: {name}"))
    plain = MENDER.replace("name: mender", "name: plain").replace(', "{model}"', "").replace('model: ["{model}"]', "")
    (agents / "plain.yaml").write_text(plain)
    return bare_world


def how(world: World, word: str) -> None:
    (world.home / "how").write_text(word)


def told(world: World) -> str:
    return (world.home / "told").read_text()


def conflicting(world: World) -> str:
    """Refused a landing, because the user changed the same line."""
    how(world, "work")
    said = world.swarmctl("run", "Change the file", "--agent", "mender", "--no-merge", "--json", rc=0)
    world.put("shared.txt", "theirs\n")
    world.commit("Theirs, meanwhile")
    refused = world.swarmctl("merge", said.session, rc=1)
    assert f"swarmctl sync {said.session}" in refused.err
    return said.session


def starts(world: World) -> int:
    return len(world.events(e.SessionStarted))


def test_a_clean_sync_starts_nobody_and_the_session_can_land(world: World) -> None:
    how(world, "work")
    session = world.swarmctl("run", "Change the file", "--agent", "mender", "--no-merge", "--json", rc=0).session
    world.put("new.txt", "new\n")
    tip = world.commit("Something else")
    loose = Path(world.session().worktree, "loose.txt")
    loose.write_text("of a person\n")

    said = world.swarmctl("sync", session, "--json", rc=0)

    assert (said.last["how"], said.last["base"], said.last["outcome"]) == ("merged", tip, "ready")
    assert starts(world) == 1
    assert world.text("loose.txt", said.last["head"]) == "of a person"
    assert world.git("rev-list", "--parents", "-1", said.last["head"]).split()[2] == tip
    diff = world.swarmctl("diff", session, "--stat", rc=0).out
    assert "own.txt" in diff and "new.txt" not in diff
    shown = world.swarmctl("show", session, rc=0).out
    assert f"from main at {tip[:10]}" in shown
    assert "\nstate       nothing runs\n" in shown and "starting" not in shown
    states = [world.swarmctl("show", session, "--json").last["session"], *world.swarmctl("ps", "--json").tasks]
    assert [(row["state"], row["state_why"]) for row in states] == [("exited", "nothing was started")] * 2
    assert "already" in world.swarmctl("sync", world.session().branch, rc=0).out
    world.swarmctl("merge", session, rc=0)
    assert {"new.txt", "own.txt", "loose.txt"} <= world.files()
    landed = world.swarmctl("sync", session, rc=1)
    assert "is landed" in landed.err and "hint:" in landed.err


def test_a_conflict_is_resolved_by_the_sessions_agent_and_the_gates_decide(world: World) -> None:
    world.settings('[[gate]]\nname = "both"\nrun = "cat *.txt | grep -q ours && cat *.txt | grep -q theirs"\n')
    session = conflicting(world)
    world.swarmctl("rm", session, rc=0)
    how(world, "resolve")

    said = world.swarmctl("sync", session[:4], "--json", rc=0)

    assert (said.last["how"], said.last["outcome"]) == ("resolved", "ready")
    assert "shared.txt (contents)" in told(world) and "Theirs, meanwhile" in told(world)
    assert told(world).startswith("Change the file\n")
    assert "conflicts for its agent to resolve: shared.txt" in world.swarmctl("why", session, rc=0).out
    world.swarmctl("merge", session, rc=0)
    assert world.text("shared.txt") == "theirs\nours"


@pytest.mark.parametrize(("word", "why"), [("lie", "conflict markers"), ("abort", "took")])
def test_an_agent_that_resolved_nothing_has_not_succeeded_whatever_it_says(world: World, word: str, why: str) -> None:
    session = conflicting(world)
    branch = world.session().branch
    head = world.head(branch)
    how(world, word)

    said = world.swarmctl("sync", session, rc=1)

    assert why in said.out and f"swarmctl sync {session}" in said.err
    if word != "lie":
        assert world.head(branch) == head
    assert world.swarmctl("merge", session, rc=1).err
    assert world.text("shared.txt") == "theirs"
    how(world, "resolve")
    assert "resolved" in world.swarmctl("sync", session, rc=0).out
    world.swarmctl("merge", session, rc=0)
    assert world.text("shared.txt") == "theirs\nours"


def test_a_command_runs_anew_on_what_merges_and_is_left_alone_where_it_conflicts(world: World) -> None:
    command = "cat shared.txt > seen.txt; echo ours >> other.txt"
    session = world.swarmctl("run", "--exec", command, "--no-merge", "--json", rc=0).session
    world.put("shared.txt", "moved on\n")
    world.commit("Move on")
    assert "ran anew" in world.swarmctl("sync", session, rc=0).out
    branch = world.session().branch
    assert world.text("seen.txt", branch) == "moved on"
    world.put("other.txt", "theirs\n")
    world.commit("In the same place")
    head = world.head(branch)
    assert "a command cannot resolve that" in world.swarmctl("sync", session, rc=1).out
    assert world.head(branch) == head
    assert world.git("status", "--porcelain", cwd=Path(world.session().worktree)) == ""


def test_a_running_session_is_synced_when_its_turn_ends_and_stopped_for_no_refused_handover(world: World) -> None:
    how(world, "wait")
    world.swarmctl("run", "Take your time", "--agent", "mender", "--no-merge", "--detach", rc=0)
    world.await_file(world.home / "waits")
    session = world.session().id
    world.put("new.txt", "new\n")
    tip = world.commit("Meanwhile")
    queued = world.swarmctl("sync", session, "--json", rc=0).last
    assert queued["how"] == "queued"
    assert "--stop" in world.swarmctl("handoff", session, "--agent", "second", rc=1).err
    unfit = world.swarmctl("handoff", session, "--agent", "plain", "--model", "big", "--stop", rc=2)
    assert "plain lets nobody choose its model" in unfit.err
    assert "is with mender already" in world.swarmctl("handoff", session, "--agent", "mender", "--stop", rc=1).err
    assert "a command cannot" in world.swarmctl("handoff", session, "--agent", "shell", "--stop", rc=2).err
    (world.home / "go").touch()
    world.idle()
    assert (world.session().stage, world.session().base) == (Stage.READY, tip)
    assert starts(world) == 1


@pytest.mark.parametrize("kind", [SyncBegun, SyncConflicted])
def test_a_sync_whose_supervisor_is_killed_comes_to_the_same_end(world: World, kind: type[e.Event]) -> None:
    session = conflicting(world)
    how(world, "resolve")
    typed = world.start("sync", session, "--json")
    until(lambda: world.events(kind), kind.__name__)
    pid = world.supervisor()
    if pid is not None:
        os.kill(pid, signal.SIGKILL)

    said = typed.answer()

    assert (said.rc, said.last["how"]) == (0, "resolved"), said.err
    assert len(world.events(Synced)) == 1 and len(world.events(SyncBegun)) == 1
    assert world.text("shared.txt", world.session().branch) == "theirs\nours"


def test_another_agent_takes_over_with_all_there_is_to_know_and_hands_it_back(world: World) -> None:
    output = 'echo "expected 42, got 41"; exit 1'
    world.settings(f"[[gate]]\nname = \"right\"\nrun = 'grep -q right *.txt || {{ {output}; }}'\n")
    how(world, "work")
    session = world.swarmctl("run", "Make it right", "--agent", "mender", "--json", rc=1).session
    base = world.session().base

    how(world, "wait")
    waits = world.start("handoff", session, "--agent", "second", "-m", "Mind the answer", "--json")
    world.await_file(world.home / "waits")

    words = told(world)
    assert words.startswith("Make it right\n")
    for part in ("(mender)", "attempt 1 by mender", "gate right refused it", "expected 42, got 41", "own.txt", "+own"):
        assert part in words
    assert words.endswith("Mind the answer\n")
    whole = next(line.split(" is in ")[1].rstrip(":") for line in words.splitlines() if "the whole of it" in line)
    assert "+own" in Path(whole).read_text()
    now = world.session()
    assert (now.agent, now.base, now.attempt, now.talk.conversation) == ("second", base, 2, "")
    assert "handed over by mender to second" in world.swarmctl("why", session, rc=0).out
    assert world.swarmctl("show", session, "--json", rc=0).last["task"]["agent"] == "second"

    how(world, "work")
    back = world.swarmctl("handoff", session, "--agent", "mender", "--model", "big", "--stop", "--json", rc=1)
    assert back.task["outcome"] == "refused"
    assert waits.answer().rc == 130
    assert (world.session().agent, world.session().attempt) == ("mender", 3)
    assert world.text("half.txt", world.session().branch) == "half"
    for more, why in (
        (("--agent", "mender"), "with mender already"),
        (("--agent", "menders"), "did you mean mender?"),
        (("--agent", "shell"), "a command cannot"),
    ):
        refused = world.swarmctl("handoff", session, *more)
        assert refused.rc in (1, 2) and why in refused.err, refused.err
    assert "no session" in world.swarmctl("handoff", "zzzzz", "--agent", "second", rc=2).err


def test_what_would_not_be_committed_is_named_to_another_agent_and_not_shown(world: World) -> None:
    how(world, "work")
    session = world.swarmctl("run", "Make it right", "--agent", "mender", "--no-merge", "--json", rc=0).session
    worktree = Path(world.session().worktree)
    (worktree / ".env").write_text("COLOUR=of-the-users-own\n")
    (worktree / "conf.ini").write_text("password = hunter2hunter2\n")

    world.swarmctl("handoff", session, "--agent", "second", "--json", rc=5)

    words = told(world)
    whole = next(line.split(" is in ")[1].rstrip(":") for line in words.splitlines() if "the whole of it" in line)
    assert "not in the diff: .env (looks like an environment with secrets)" in words
    assert "conf.ini" in words and "+own" in words
    for text in (words, Path(whole).read_text()):
        assert "+own" in text
        assert "of-the-users-own" not in text
        assert "hunter2" not in text


def test_what_was_interrupted_goes_on_together_and_what_ended_by_itself_stays(world: World) -> None:
    world.extra_env["SWARMCTL__AGENT__MAX_RUNNING"] = "2"
    how(world, "wait")
    for title in ("one", "two"):
        world.swarmctl("run", f"Task {title}", "--agent", "mender", "--no-merge", "--detach", rc=0)
    cut = [session.id for session in world.await_stage(Stage.RUNNING, 2)]
    until(lambda: all(Path(world.session(each).worktree, "half.txt").exists() for each in cut), "their files")
    for name in cut:
        process = world.session(name).process
        assert process is not None
        os.kill(process.pid, signal.SIGKILL)
    world.idle()
    how(world, "fail")
    failed = world.swarmctl("run", "Task failed", "--agent", "mender", "--no-merge", "--json", rc=1).session
    how(world, "wait")
    world.swarmctl("run", "Task stopped", "--agent", "mender", "--no-merge", "--detach", rc=0)
    (running,) = world.await_stage(Stage.RUNNING)
    world.swarmctl("stop", running.id, rc=0)
    world.idle()
    (world.home / "go").touch()

    typed = world.start("resume", "--all", "--json")
    said = typed.answer()

    assert said.rc == 0, said.err
    assert [task["session"] for task in said.tasks] == cut
    assert {task["outcome"] for task in said.tasks} == {"ready"}
    facts = world.facts()
    assert world.session(failed).attempt == facts.sessions[running.id].attempt == 1
    assert all(facts.sessions[each].outcome is Outcome.READY for each in cut)
    assert "nothing was interrupted" in world.swarmctl("resume", "--all", rc=0).err
    assert world.swarmctl("resume", rc=2).err and world.swarmctl("resume", cut[0], "--all", rc=2).err
