"""Only a pass reaches the branch: every other ending of a gate refuses in its own words and keeps the work."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import termios
from contextlib import suppress
from pathlib import Path

import pytest

from swarmctl.core.session import Stage
from tests.e2e.world import World, until

COUNTED = "count = 'passed=(\\d+)'\nmin_tests = 2\n"
NOT_GREEN = {
    "exit code": ('run = "echo broken; exit 4"', "exit code 4: broken"),
    "zero tests": (f'run = "echo passed=0"\n{COUNTED}', "no tests ran where at least 2 must"),
    "too few tests": (f'run = "echo passed=1"\n{COUNTED}', "1 test ran where at least 2 must"),
    "no count": (f'run = "echo all good"\n{COUNTED}', "its tests cannot be counted"),
    "timeout": ('run = "sleep 600"\ntimeout = "1s"', "timed out after 1 s"),
    "signal": ("run = ['sh', '-c', 'kill -SEGV $$']", "killed by SIGSEGV"),
    "command not found": ('run = ["no-such-program-here"]', "command not found"),
    "command not found by the shell": ('run = "no-such-program-here"', "command not found"),
}


@pytest.mark.parametrize(("gate", "words"), NOT_GREEN.values(), ids=NOT_GREEN.keys())
def test_whatever_is_not_green_refuses_in_its_own_words(common_world: World, gate: str, words: str) -> None:
    world = common_world
    world.settings(f'[[gate]]\nname = "checks"\n{gate}\n')
    before, status = world.head(), world.status()

    said = world.run("write made.txt hello", rc=1)

    assert said.task["outcome"] == "refused"
    assert words in said.task["reason"]
    assert said.task["proof"] is None
    assert said.events("LandIntended") == []
    assert (world.head(), world.status()) == (before, status)
    assert world.text("made.txt", said.task["branch"]) == "hello"


def test_an_autofix_mends_the_merge_as_a_commit_of_its_own(world: World) -> None:
    world.settings(
        '[[gate]]\nname = "format"\nrun = "! grep -r BAD made.txt"\nautofix = "sed -i s/BAD/good/ made.txt"\n'
    )
    base = world.head()

    said = world.run("write made.txt BAD", rc=0)

    assert said.task["outcome"] == "landed"
    assert [event["result"]["verdict"] for event in said.events("GateFinished")] == ["fail", "pass"]
    assert world.text("made.txt") == "good"
    assert world.subjects()[0] == "Fix what format found"
    assert world.text("made.txt", "refs/heads/main^") == "BAD"
    assert world.head("refs/heads/main^^") == base
    assert said.task["proof"]["tree"] == world.tree("refs/heads/main")


def test_a_fix_that_does_not_mend_is_tried_once_and_refused(world: World) -> None:
    world.settings('[[gate]]\nname = "format"\nrun = "false"\nautofix = "echo x >> made.txt"\n')

    said = world.run("write made.txt hello", rc=1)

    assert said.task["outcome"] == "refused"
    assert len(said.events("GateFinished")) == 2
    assert world.subjects()[0] == "Say what is gated"


@pytest.mark.parametrize("touched", ["swarm.toml", "check.sh", "rules/strict.cfg"])
def test_a_branch_that_changes_its_own_gate_needs_a_person_who_approves_that_head(world: World, touched: str) -> None:
    world.put("check.sh", "exit 0\n")
    world.put("rules/strict.cfg", "all\n")
    world.settings('[[gate]]\nname = "checks"\nrun = "sh check.sh"\nprotects = ["rules"]\n')
    before = world.head()

    said = world.run(f"append {touched} # weaker", rc=5)

    assert said.task["outcome"] == "blocked"
    assert touched in said.task["reason"] and f"approve {said.session}" in said.task["reason"]
    assert said.events("GateFinished") == []
    world.swarmctl("merge", said.session, rc=5)
    assert world.head() == before
    world.swarmctl("approve", said.session, rc=0)
    landed = world.swarmctl("merge", said.session, "--json", rc=0)
    assert landed.task["outcome"] == "landed"
    assert world.head() == landed.task["commit"]


def test_an_approval_does_not_hold_for_another_head(world: World) -> None:
    world.put("check.sh", "exit 0\n")
    world.settings('[[gate]]\nname = "checks"\nrun = "sh check.sh"\n')
    said = world.run("append check.sh # weaker", rc=5)
    world.swarmctl("approve", said.session, rc=0)

    (Path(world.session().worktree) / "check.sh").write_text("true # much weaker\n")
    merged = world.swarmctl("merge", said.session, "--json", rc=5)

    assert merged.task["outcome"] == "blocked"
    assert world.text("check.sh") == "exit 0"


def test_a_gate_weakened_on_the_branch_still_runs_as_the_target_has_it(world: World) -> None:
    world.settings('[[gate]]\nname = "checks"\nrun = "false"\n')
    said = world.run('write swarm.toml [[gate]]\\nname = "checks"\\nrun = "true"', rc=5)
    world.swarmctl("approve", said.session, rc=0)

    merged = world.swarmctl("merge", said.session, "--json", rc=1)

    assert merged.task["outcome"] == "refused"


def test_a_pre_merge_hook_vetoes_and_is_a_row_of_the_proof_when_it_agrees(world: World) -> None:
    verdict = world.home / "verdict"
    config = world.home / "config" / "swarmctl" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text(f'[hooks]\npre_merge = "exit $(cat {verdict})"\n')
    verdict.write_text("7")

    said = world.run("write made.txt hello", rc=1)
    assert said.task["outcome"] == "refused"
    assert said.task["reason"].startswith("hook ")

    verdict.write_text("0")
    landed = world.swarmctl("merge", said.session, "--json", rc=0)
    assert [gate["verdict"] for gate in landed.task["proof"]["gates"]] == ["pass"]
    assert landed.task["proof"]["kind"] == "gated"


def test_session_hooks_fire_in_order_and_know_what_they_are_about(world: World) -> None:
    log = world.home / "hooks.log"
    events = (
        "session_created",
        "session_started",
        "session_finished",
        "post_merge",
        "task_finished",
        "worktree_removed",
    )
    line = f'echo \\"$SWARM_EVENT $SWARM_SESSION $SWARM_OUTCOME\\" >> {log}'
    config = world.home / "config" / "swarmctl" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text("[hooks]\n" + "".join(f'{name} = "{line.replace("$SWARM_EVENT", name)}"\n' for name in events))

    said = world.run("write made.txt hello", rc=0)

    def fired() -> list[list[str]]:
        return [row.split() for row in log.read_text().splitlines()] if log.exists() else []

    world.await_facts(lambda _: len(fired()) == len(events), "every hook to have fired")
    rows = fired()
    assert [row[0] for row in rows] == ["session_created", "session_started", "session_finished", *events[3:]]
    assert {row[1] for row in rows} == {said.session}
    assert rows[3] == ["post_merge", said.session, "landed"]


def test_the_commit_gate_runs_in_the_sessions_own_commits(world: World) -> None:
    world.settings('[[gate]]\nname = "style"\nrun = "! grep -rq TODO made.txt"\nstage = "commit"\n')

    refused = world.run("write made.txt TODO\ncommit Draft", rc=1)
    assert refused.task["outcome"] == "failed"
    assert world.git("rev-list", "--count", f"main..{refused.task['branch']}") == "0"

    landed = world.run("write made.txt done\ncommit Work", rc=0)
    (commit,) = world.git("log", "--format=%H", f"main^..{landed.task['proof']['head']}").splitlines()
    assert world.trailers(commit)["Swarm-Session"] == landed.session


def test_a_session_cannot_push(world: World) -> None:
    remote = world.home / "remote.git"
    subprocess.run(["git", "init", "-q", "--bare", str(remote)], check=True)
    world.git("remote", "add", "origin", str(remote))
    world.git("push", "-q", "origin", "main")

    push = "echo x > f && git add f && git commit -qm W && git push origin HEAD:main"
    said = world.swarmctl("run", "push it", "--exec", push, rc=1)

    assert "failed" in said.out
    assert "sessions do not push" in world.swarmctl("logs", world.session().id, rc=0).out
    assert world.git("rev-parse", "main", cwd=remote) == world.head()
    assert world.session().stage is Stage.KEPT


def test_a_gate_that_takes_long_is_named_with_its_seconds_while_it_runs(world: World) -> None:
    gate = f"touch {world.home}/runs; while [ ! -e {world.home}/go ]; do sleep 0.05; done"
    world.settings(f'[[gate]]\nname = "quick"\nrun = "true"\n[[gate]]\nname = "slow tests"\nrun = "{gate}"\n')
    typed = world.start("run", "long", "--exec", "echo x > x")
    world.await_file(world.home / "runs")
    session = world.session().id

    shown, queued = world.swarmctl("show", session, rc=0).out, world.swarmctl("queue", rc=0).out
    plain = [world.swarmctl("show", session, "--json").last["gate"]]
    plain += [row["gate"] for row in world.swarmctl("queue", "--json").last["waiting"]]
    (world.home / "go").touch()

    assert typed.answer().rc == 0
    assert re.search(r"^stage +gating: gate slow tests runs for \d+[sm]$", shown, re.M)
    assert re.search(rf"^gating +{session}  long: gate slow tests runs for \d+[sm]$", queued, re.M)
    assert [gate["gate"] for gate in plain] == ["slow tests"] * 2
    assert world.swarmctl("show", session, "--json").last["gate"] is None
    why = world.swarmctl("why", session, rc=0).out
    assert why.index("gate slow tests runs") < why.index("gate slow tests: green")


def test_no_gate_is_said_to_run_when_nobody_is_there_to_run_it(world: World) -> None:
    world.settings(f'[[gate]]\nname = "slow"\nrun = "touch {world.home}/runs; exec sleep 600"\n')
    typed = world.start("run", "long", "--exec", "echo x > x")
    world.await_file(world.home / "runs")
    session, pid = world.session().id, world.supervisor()
    assert pid is not None
    typed.signal(signal.SIGKILL)
    typed.answer()
    os.kill(pid, signal.SIGKILL)
    until(lambda: world.supervisor() is None, "the supervisor to be gone")

    assert re.search(r"^stage +gating$", world.swarmctl("show", session, rc=0).out, re.M)
    assert world.swarmctl("queue", rc=0).out == f"gating   {session}  long\n"
    assert world.swarmctl("show", session, "--json").last["gate"] is None


@pytest.mark.parametrize("words", [("run", "long", "--exec", "echo x > x"), ("gate", "--stage", "merge")])
def test_a_terminal_shows_which_gate_runs_and_for_how_long(world: World, words: tuple[str, ...]) -> None:
    gate = f"while [ ! -e {world.home}/go ]; do sleep 0.05; done"
    world.settings(f'[[gate]]\nname = "slow tests"\nrun = "{gate}"\n')
    leader, follower = os.openpty()
    termios.tcsetwinsize(follower, (24, 100))
    env = {**world.env, "TERM": "xterm", "COLUMNS": ""}
    process = subprocess.Popen(
        [*world.program, *words], cwd=world.repo, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=follower,
    )  # fmt: skip
    os.close(follower)
    shown = b""
    while not re.search(rb"gate slow tests runs for [1-9]\d*[sm]", shown):
        shown += os.read(leader, 65536)

    (world.home / "go").touch()
    with suppress(OSError):  # The terminal is gone when its last process is.
        while more := os.read(leader, 65536):
            shown += more
    os.close(leader)

    assert process.wait() == 0
    assert b"gate slow tests: " in shown
