"""What people read: tables in columns, one-line errors with a hint, help that is what the code says."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from swarmctl.core.outcome import EXIT_OF, WORST_FIRST, Outcome
from swarmctl.core.session import Stage
from swarmctl.surfaces.cli import reference
from swarmctl.surfaces.cli.fast_ps import table
from swarmctl.surfaces.cli.overview import OVERVIEW
from tests.e2e.world import World


def test_the_reference_in_the_docs_is_what_the_commands_say() -> None:
    assert reference.CLI_MD.read_text() == reference.reference()
    assert reference.overview() == OVERVIEW
    assert reference.VERBS_PY.read_text() == reference.verbs_module()


def test_every_command_is_in_the_overview_and_nothing_else_is() -> None:
    named = [name for _, names in reference.GROUPS for name in names]

    assert sorted(named) == sorted(reference.commands())
    assert len(named) == len(set(named))


def test_every_outcome_has_an_exit_code_and_a_place_among_several() -> None:
    assert set(EXIT_OF) == set(WORST_FIRST) == set(Outcome)
    codes = {outcome.value: int(code) for outcome, code in EXIT_OF.items()}
    assert codes == {
        "answered": 0, "landed": 0, "ready": 0, "refused": 1, "conflict": 1, "failed": 1, "blocked": 5, "no_work": 6,
        "budget": 4, "unknown": 7, "interrupted": 130,
    }  # fmt: skip


ERRORS: list[tuple[list[str], int, str, str]] = [
    (["show", "nosuch"], 2, "nothing ran in this repository yet", "swarmctl run"),
    (["nosuch"], 2, "No such command 'nosuch'", "swarmctl --help"),
    (["ps", "--nosuch"], 2, "No such option", "swarmctl ps --help"),
    (["run", "x", "--nosuch"], 2, "No such option", "swarmctl run --help"),
    (["run"], 2, "no task", "swarmctl run"),
    (["run", "x"], 3, "no agent is installed", "--exec"),
    (["run", "x", "--exec", ""], 2, "--exec is empty", "--exec 'CMD'"),
    (["run", "fix", "the", "parser", "--exec", "true"], 2, "3 single words", 'swarmctl run "fix the parser"'),
    (["run", "x", "--agent", "nosuch"], 2, "there is no agent 'nosuch'", "--agent"),
    (["run", "x", "--exec", "true", "--target", "nosuch"], 2, "there is no branch nosuch", "git branch --list"),
    (["run", "x", "--exec", "true", "--target", "-rf"], 2, "not a branch name", "git branch --list"),
    (["run", "--plan", "nosuch.toml"], 2, "nosuch.toml: No such file", "ls -ld"),
    (["run", "-f", "/", "--exec", "true"], 2, "/: Is a directory", "ls -ld"),
    (["gate", "--stage", "x"], 2, "no stage `x`", "--stage commit"),
    (["stop"], 2, "name one session", "swarmctl ps"),
    (["merge", "nosuch"], 2, "no session `nosuch`", "swarmctl ps"),
    (["send", "nosuch", "hi"], 2, "no session `nosuch`", "swarmctl ps"),
    (["undo"], 1, "nothing has landed yet", "swarmctl undo ID"),
    (["land"], 1, "nothing is parked", "swarmctl queue"),
]


def test_an_error_is_one_line_with_the_next_command_to_type(world: World) -> None:
    for words, rc, message, hint in ERRORS:
        said = world.swarmctl(*words, rc=rc)

        lines = said.err.splitlines()
        assert message in lines[0]
        assert len(lines) == 1 + bool(hint)
        assert lines[0].startswith("swarmctl: ")
        assert hint in (lines[1] if hint else "")
        assert said.out == ""


def test_what_cannot_be_done_now_says_why_and_what_can(world: World) -> None:
    world.swarmctl("run", "landed", "--exec", "echo x > x", rc=0)
    world.swarmctl("run", "kept", "--exec", "echo k > k", "--no-merge", rc=0)
    landed, kept = world.session("landed").id, world.session("kept").id

    refused = {
        ("merge", landed): "only finished work can land",
        ("resume", landed): "nothing to resume",
        ("resume", kept): f"swarmctl merge {kept} lands it",
        ("stop", kept): "is not running",
        ("send", kept, "hi"): "nobody is there to read",
        ("send", landed, "hi"): f"hint: swarmctl show {landed}",
        ("undo", kept): "has its worktree",
        ("rm", landed): "has no worktree",
        ("attach", kept): "its terminal is no longer there",
    }
    for words, why in refused.items():
        said = world.swarmctl(*words, rc=1)
        assert why in said.err, words
        assert len(said.err.splitlines()) == 2, words
    world.swarmctl("rm", kept, rc=0)
    assert "has no worktree" in world.swarmctl("rm", kept, rc=1).err
    world.swarmctl("undo", kept, rc=0)
    assert "has its worktree" in world.swarmctl("undo", kept, rc=1).err
    world.swarmctl("merge", kept, rc=0)
    assert "only finished work can land" in world.swarmctl("merge", kept, rc=1).err


def test_down_says_what_it_stopped(world: World) -> None:
    world.swarmctl("up", rc=0)
    assert world.swarmctl("down", rc=0).out == "the supervisor is stopped; no session ran\n"
    assert world.swarmctl("down", rc=0).out == "the supervisor did not run\n"
    world.swarmctl("run", "one", "--exec", "exec sleep 60", "--detach", rc=0)
    (session,) = world.await_stage(Stage.RUNNING)
    assert world.swarmctl("down", rc=0).out == f"stopped {session.id}, and the supervisor\n"
    world.swarmctl("up", rc=0)
    pid = world.supervisor()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert world.swarmctl("down", rc=0).out == "the supervisor did not run\n"


def test_faces_agree_about_a_landing(world: World) -> None:
    world.settings('[[gate]]\nname = "tests"\nrun = "echo passed=3"\ncount = "passed=(\\\\d+)"\nmin_tests = 1\n')
    ran = world.swarmctl("run", "make a thing", "--exec", "echo x > x", rc=0)
    session = world.session()
    tree = world.tree(world.head())[:10]

    assert re.search(rf"^1 make a thing  landed +{session.id} +{tree} +tests: 3 tests on tree {tree}$", ran.out, re.M)
    shown = dict(line.split(maxsplit=1) for line in world.swarmctl("show", session.id).out.splitlines())
    assert shown["outcome"] == "landed"
    assert shown["landing"] == f"{session.landed[:10]} on main"
    why = world.swarmctl("why", session.id).out
    assert "gate tests: green, 3 tests" in why
    assert f"landed on main as {session.landed[:10]} (tree {tree})" in why
    assert f"landed   {session.id}" in world.swarmctl("queue").out
    ps = world.swarmctl("ps").out.splitlines()
    assert ps[0].split() == ["SESSION", "STATE", "AGE", "AGENT", "BRANCH", "TASK"]
    assert re.fullmatch(rf"{session.id} +landed  \d+[sm] +shell  {session.branch}  make a thing", ps[1])


def test_ps_stays_in_columns_and_prints_nothing_that_moves_the_cursor() -> None:
    row: dict[str, str | int | float | None] = {
        "session": "abcde", "task": "t", "outcome": None, "stage": "running", "state": "working", "state_since": 10.0,
        "created_at": 0.0, "finished_at": None, "agent": "sh\x1bell", "branch": "b\x07",
        "title": "a\x1b[2J\u202eb" * 40,
    }  # fmt: skip

    lines = table([row], 70.0).splitlines()

    assert lines[1].startswith("abcde    working  1m   sh ell  b ")
    assert lines[1].isprintable()
    assert lines[0].index("TASK") == lines[1].index("a ")


def test_ps_fits_the_terminal_it_is_shown_in() -> None:
    row: dict[str, str | int | float | None] = {
        "session": "abcde", "task": "t", "outcome": "refused", "stage": "kept", "state": "exited", "state_since": 10.0,
        "created_at": 0.0, "finished_at": 5.0, "agent": "shell", "branch": f"swarm/{'long-' * 8}abcde",
        "title": "what should be done " * 4,
    }  # fmt: skip

    narrow, wide = table([row], 70.0, 60).splitlines(), table([row], 70.0, 200).splitlines()

    assert all(len(line) <= 60 for line in narrow)
    assert "swarm/" not in narrow[1]
    assert "what should be done" in narrow[1]
    assert "swarm/long-" in wide[1]


# --- streams ----------------------------------------------------------------------------------------------------------


def shell(world: World, line: str) -> subprocess.CompletedProcess[str]:
    """`swarmctl` as $S in a line of bash."""
    env = {**world.env, "S": " ".join(world.program)}
    return subprocess.run(["bash", "-c", line], cwd=world.repo, env=env, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("away", ["| true", ">&-", "2>&- >&-", "<&-"])
def test_who_does_not_read_hears_no_complaint(world: World, away: str) -> None:
    world.swarmctl("up", rc=0)

    for command in ("ps", "ps --all", "--help", "--version", "queue", "doctor"):
        done = shell(world, f"$S {command} {away}; exit ${{PIPESTATUS[0]}}")
        assert (command, done.returncode, done.stderr) == (command, 0, "")


def test_a_run_goes_on_when_nobody_reads_and_its_exit_code_is_the_truth(world: World) -> None:
    one = shell(world, "$S run one --json --exec 'sleep 0.3; echo 1 > one' | head -1; exit ${PIPESTATUS[0]}")
    two = shell(world, "$S run two --exec 'echo 2 > two' >&- 2>&-")
    three = shell(world, "$S run three --exec 'exit 3' 2>&1 | true; exit ${PIPESTATUS[0]}")

    assert [one.returncode, two.returncode, three.returncode] == [0, 0, 1]
    assert {"one", "two"} <= world.files()
    assert "Traceback" not in one.stderr + two.stderr + three.stderr


def test_a_terminal_of_another_encoding_shows_escapes(world: World) -> None:
    world.extra_env |= {"PYTHONIOENCODING": "ascii", "LC_ALL": "C"}

    ran = world.swarmctl("run", "größer \u2192", "--exec", "echo x > x", rc=0)
    listed = world.swarmctl("ps", rc=0)
    helped = world.swarmctl("--help", rc=0)

    assert "gr\\xf6\\xdfer" in ran.out
    assert "gr\\xf6\\xdfer" in listed.out
    assert helped.out.isascii()


def test_a_full_disk_behind_stdout_is_an_error_in_one_line(world: World) -> None:
    world.swarmctl("up", rc=0)

    done = shell(world, "$S ps > /dev/full")

    assert done.returncode == 3
    assert done.stderr == "swarmctl: stdout: No space left on device\n"


def test_completion_completes_commands(world: World) -> None:
    env = {**os.environ, "_SWARMCTL_COMPLETE": "complete_bash", "COMP_WORDS": "swarmctl sh", "COMP_CWORD": "1"}

    done = subprocess.run(
        [sys.executable, "-c", "from swarmctl.surfaces.cli.entry import main; raise SystemExit(main())"],
        env=env, cwd=Path(world.home), capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.stdout.split() == ["show"]
