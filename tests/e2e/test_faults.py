"""Faults around a session: stopped and doubled supervisors, lost tmux servers, locked ledgers, broken worktrees."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from swarmctl.core import events as e
from swarmctl.core.session import Stage
from tests.e2e.world import Typed, World, until

CONTROL = " -C attach-session "
FLOOD = "flood 6000000\n" * 4


@contextmanager
def stopped(pid: int) -> Iterator[None]:
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def memory(pid: int) -> int:
    """Resident pages in bytes."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def a_supervisor(world: World) -> int:
    found = world.supervisor()
    assert found
    return found


def flooding(world: World) -> tuple[Typed, Path]:
    """An agent that waits for `go`, prints without end in sight, and says when it is done."""
    done = world.home / "done"
    typed = world.begin(f"write made.txt hello\nwait {world.home}/go\n{FLOOD}write {done} yes")
    world.await_stage(Stage.RUNNING)
    return typed, done


def test_agents_go_on_while_the_supervisor_is_stopped_and_tmux_does_not_grow(world: World) -> None:
    typed, done = flooding(world)
    server = world.tmux_server()
    assert server
    before = memory(server)

    with stopped(a_supervisor(world)):
        (world.home / "go").touch()
        world.await_file(done)
        assert memory(server) - before < 30_000_000

    said = typed.answer()
    assert said.task["outcome"] == "landed"


def test_agents_go_on_after_a_supervisor_that_looked_at_them_was_killed(world: World) -> None:
    typed, done = flooding(world)
    world.swarmctl("logs", world.session().id, rc=0)
    assert any(CONTROL in words for words in world.ours().values()), "no control client to become stale"

    os.kill(a_supervisor(world), signal.SIGKILL)
    (world.home / "go").touch()
    world.await_file(done)

    assert typed.answer().task["outcome"] == "landed"


def test_a_stopped_control_client_of_a_dead_supervisor_freezes_nobody(world: World) -> None:
    typed, done = flooding(world)
    world.swarmctl("logs", world.session().id, rc=0)
    control = next(pid for pid, words in world.ours().items() if CONTROL in words)

    os.kill(control, signal.SIGSTOP)
    os.kill(a_supervisor(world), signal.SIGKILL)
    (world.home / "go").touch()
    world.await_file(done)

    assert typed.answer().task["outcome"] == "landed"
    until(lambda: control not in world.ours(), "the stale client to be gone")


def test_supervisors_that_start_at_once_agree_on_one(world: World) -> None:
    argv = [sys.executable, "-m", "swarmctl.app.supervisor", str(world.repo)]
    direct = [subprocess.Popen(argv, env=world.env, cwd="/", start_new_session=True) for _ in range(3)]
    asked = [world.start("up", "--json") for _ in range(5)]

    pids = {typed.answer().last["pid"] for typed in asked}

    assert len(pids) == 1
    until(lambda: sum("app.supervisor" in words for words in world.ours().values()) == 1, "only one to be left")
    assert [process.wait(60) for process in direct if process.pid not in pids] == [0] * sum(
        process.pid not in pids for process in direct
    )
    assert len(world.events(e.SupervisorStarted)) == 1
    world.swarmctl("down", rc=0)
    for process in direct:
        process.wait(60)


def test_a_run_that_does_not_read_holds_nobody_up(world: World) -> None:
    typed = world.begin(f"wait {world.home}/go\n" + "event working on it\n" * 300 + "write made.txt hello")
    world.await_stage(Stage.RUNNING)

    with stopped(typed.pid):
        (world.home / "go").touch()
        world.idle()

    assert typed.answer().task["outcome"] == "landed"


def test_a_tmux_server_that_a_user_kills_is_a_fact_and_not_a_crash(world: World) -> None:
    go = world.home / "go"
    typed = world.begin(f"write mine1.txt so far\nwait {go}", f"write mine2.txt so far\nwait {go}")
    running = world.await_stage(Stage.RUNNING, 2)
    for session in running:
        (name,) = re.findall(r"mine\d\.txt", world.facts().tasks[session.task].prompt)
        world.await_words(Path(session.worktree) / name)
    (socket,) = [path for path in world.runtime.glob("swarmctl/tmux-*/swarm-*") if path.is_socket()]
    supervisor = a_supervisor(world)

    subprocess.run(["tmux", "-S", str(socket), "kill-server"], check=True)
    said = typed.answer()

    assert {task["outcome"] for task in said.tasks} <= {"interrupted", "unknown"}
    assert said.rc in (7, 130)
    assert world.supervisor() == supervisor
    for session in world.facts().sessions.values():
        assert "so far" in world.git("grep", "-h", "so far", session.checkpoint)
    go.touch()
    for session in running:
        world.swarmctl("resume", session.id, rc=0)
    assert {s.stage for s in world.facts().sessions.values()} == {Stage.LANDED}


def test_a_ledger_that_somebody_locks_for_a_while_delays_and_loses_nothing(world: World) -> None:
    typed = world.begin(f"write made.txt hello\nwait {world.home}/go")
    world.await_stage(Stage.RUNNING)
    assert world.database
    rival = sqlite3.connect(world.database, isolation_level=None, check_same_thread=False)
    rival.execute("BEGIN IMMEDIATE")
    release = threading.Timer(8.0, lambda: rival.execute("ROLLBACK"))
    release.start()

    (world.home / "go").touch()
    said = typed.answer()

    release.join()
    rival.close()
    assert said.task["outcome"] == "landed", said.task["reason"]


def test_a_ledger_from_the_future_is_refused_in_one_line(world: World) -> None:
    world.run("write made.txt hello", rc=0)
    world.swarmctl("down", rc=0)
    assert world.database
    with sqlite3.connect(world.database) as file:
        version = file.execute("PRAGMA user_version").fetchone()[0]
        file.execute("PRAGMA user_version = 999")
    file.close()

    said = world.swarmctl("run", "x", "--exec", "true")

    assert said.rc == 3
    assert "newer swarmctl" in said.err and "hint:" in said.err and "Traceback" not in said.err
    with sqlite3.connect(world.database) as file:
        file.execute(f"PRAGMA user_version = {version}")
    file.close()
    assert world.run("write more.txt hello", rc=0).task["outcome"] == "landed"


@pytest.mark.parametrize("how", ["ignores every signal", "leaves its group and session"])
def test_nothing_of_a_stopped_agent_is_left_running(world: World, how: str) -> None:
    script = "spawn 600\nwait /never" if how.startswith("leaves") else "spawn 600\nhang"
    typed = world.begin(f"write half.txt x\n{script}")
    (session,) = world.await_stage(Stage.RUNNING)
    until(lambda: any("time.sleep" in words for words in world.ours().values()), "the child")

    world.swarmctl("stop", session.id, rc=0)
    said = typed.answer()

    assert (said.rc, said.task["outcome"]) == (130, "interrupted")
    assert not [words for words in world.ours().values() if "time.sleep" in words or "fake_agent" in words]


WORK = "git add -A; git commit -qm W"
EXPIRE = "git reflog expire --expire=now --all"
BROKEN_GIT = {
    "resets its commits away": f"{WORK}; git reset -q --hard HEAD~1; echo later > later.txt",
    "detaches": f"git switch -q --detach; {WORK}",
    "deletes its branch": f"{WORK}; b=$(git branch --show-current); git switch -q --detach; git branch -qD $b",
    "collects garbage": f"{WORK}; git reset -q --soft HEAD~1; git gc -q --prune=now; {EXPIRE}",
    "breaks its index": "echo junk > $(git rev-parse --git-dir)/index",
    "leaves a lock": "touch $(git rev-parse --git-dir)/index.lock",
    "deletes its .git": "rm .git",
    "moves its worktree": 'cd ..; mv "$SWARM_WORKTREE" "$SWARM_WORKTREE-moved"',
    "deletes its worktree": f'{WORK}; cd /; rm -rf "$SWARM_WORKTREE"',
}


@pytest.mark.parametrize("how", BROKEN_GIT.values(), ids=BROKEN_GIT.keys())
def test_an_agent_that_breaks_its_git_loses_nothing_it_committed_or_left(common_world: World, how: str) -> None:
    world, precious = common_world, os.urandom(8).hex()
    before, status = world.head(), world.status()

    said = world.swarmctl("run", "break", "--exec", f"echo {precious} > made.txt; {how}", "--json", "--no-merge")

    assert said.rc in (0, 1, 5, 6, 7), said.err
    assert (world.head(), world.status()) == (before, status)
    assert world.swarmctl("show", said.session, rc=0).out
    assert kept_somewhere(world, precious.encode()), said.task
    assert world.run(f"write next-{precious}.txt works", rc=0).task["outcome"] == "landed"


def kept_somewhere(world: World, needle: bytes) -> bool:
    """In a reachable object, a worktree or the trash."""
    objects = world.git("rev-list", "--objects", "--no-object-names", "--all")
    argv = ["git", "-C", str(world.repo), "cat-file", "--batch"]
    if needle in subprocess.run(argv, input=objects.encode(), capture_output=True, check=True).stdout:
        return True
    places = [path for name in ("worktrees", "trash") for path in (world.state / name).rglob("made.txt")]
    return any(needle in path.read_bytes() for path in places)


def test_hooks_and_settings_that_an_agent_plants_run_nothing_of_ours(world: World) -> None:
    canary = world.home / "canary"
    plant = f"""\
cd {world.repo}/.git && mkdir -p hooks planted
for name in post-checkout reference-transaction post-merge pre-merge-commit post-commit post-rewrite; do
  printf '#!/bin/sh\\ntouch {canary}\\n' > hooks/$name; chmod +x hooks/$name; cp hooks/$name planted/
done
git config core.hooksPath {world.repo}/.git/planted
git config core.fsmonitor 'touch {canary}; false'
"""
    said = world.swarmctl("run", "plant", "--exec", f"echo x > made.txt; ({plant})", "--json")

    assert said.rc in (0, 1, 5), said.err
    world.idle()
    world.swarmctl("down", rc=0)
    assert not canary.exists()
    world.git("config", "--unset", "core.fsmonitor")
    world.git("config", "--unset", "core.hooksPath")
