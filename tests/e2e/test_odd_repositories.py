"""Locks that somebody left, an owner who is another, a damaged ledger, and work of an odd kind (I1-I4, I7, I9)."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from swarmctl.core.session import Stage
from tests.e2e.judging import refused
from tests.e2e.world import World, until

NAMES = r"echo a > A.txt; echo b > a.txt; echo c > $(printf 'caf\351'); echo d > $(printf 'caf\303\251')"


@pytest.fixture
def host() -> str:
    return "process"


def test_locks_in_the_way_park_the_landing_and_change_nothing_of_the_users(world: World) -> None:
    for name in ("refs/heads/main.lock", "HEAD.lock", "index.lock"):
        lock = world.repo / ".git" / name
        lock.touch()
        before = world.head(), world.status(), sorted(world.repo.iterdir())
        said = world.run(f"write made-{name.replace('/', '-')} hello", rc=5)
        assert said.task["outcome"] == "blocked"
        assert f"another git command holds {lock}" in said.task["reason"]
        assert (world.head(), world.status(), sorted(world.repo.iterdir())) == before

        lock.unlink()
        world.swarmctl("land", rc=0)
        world.idle()
        assert world.git("status", "--porcelain") == ""
        assert (world.repo / f"made-{name.replace('/', '-')}").exists()


@pytest.mark.parametrize("name", ["config.lock", "packed-refs.lock"])
def test_locks_that_are_not_in_the_way_are_not_waited_for(world: World, name: str) -> None:
    (world.repo / ".git" / name).touch()
    assert world.run("write made.txt hello", rc=0).task["outcome"] == "landed"


def test_a_branch_that_cannot_be_moved_after_its_files_were_written_gets_them_back(world: World) -> None:
    logs = world.repo / ".git" / "logs" / "refs" / "heads" / "main"
    aside = logs.rename(logs.with_name("aside"))
    logs.mkdir()
    (logs / "in-the-way").touch()
    world.put("draft.txt", "mine\n")
    before = world.head(), world.status()

    said = world.run("write shared.txt changed\nwrite made.txt hello", rc=5)

    assert said.task["outcome"] == "blocked"
    assert (world.head(), world.status()) == before
    assert not (world.repo / "made.txt").exists()
    shutil.rmtree(logs)
    aside.rename(logs)
    world.swarmctl("land", rc=0)
    world.idle()
    assert world.git("status", "--porcelain") == "?? draft.txt"
    assert (world.repo / "made.txt").read_text() == "hello\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a repository away")
def test_a_repository_of_another_user_is_refused_with_the_line_that_allows_it(world: World) -> None:
    subprocess.run(["chown", "-R", "12345", str(world.repo)], check=True)
    hint = f"git config --global --add safe.directory {world.repo}"
    for words in (("run", "x", "--exec", "true"), ("ps",), ("up",), ("init",)):
        refused(world.swarmctl(*words), 3, "belongs to another user", hint)
    assert not (world.home / "state").exists()
    subprocess.run(["chown", "-R", "0", str(world.repo)], check=True)


def test_names_of_any_bytes_and_pairs_in_another_case_land_as_they_are(world: World) -> None:
    world.swarmctl("run", "x", "--exec", NAMES, rc=0)
    assert world.files() >= {"A.txt", "a.txt", r'"caf\351"', r'"caf\303\251"'}
    assert sorted(os.fsencode(path.name) for path in world.repo.glob("caf*")) == [b"caf\xc3\xa9", b"caf\xe9"]
    assert world.git("status", "--porcelain") == ""


@pytest.mark.soak
def test_a_sparse_file_of_a_gigabyte_is_kept_and_waits_for_a_person(world: World) -> None:
    said = world.swarmctl("run", "x", "--exec", "truncate -s 1G big; echo hi > made", "--json", rc=5)
    assert said.task["outcome"] == "blocked"
    assert "big (1073.7 MB)" in said.task["reason"]
    assert "1073741824\tbig" in world.git("ls-tree", "-l", world.session().checkpoint)


def test_a_damaged_page_is_one_line_and_the_hint_brings_everything_back(world: World) -> None:
    session = world.run("write made.txt hello", rc=0, more=("--no-merge",)).session
    branch = world.session().branch
    world.swarmctl("down", rc=0)
    assert world.database
    database = world.database
    with database.open("r+b") as file:
        file.seek(database.stat().st_size // 8192 * 4096)
        file.write(b"\xa5" * 4096)

    said = world.swarmctl("run", "y", "--exec", "echo y > y")
    refused(said, 3, f"{database} is damaged", f"mv {database} {database}.damaged")
    assert "is damaged" in world.swarmctl("doctor", rc=3).out
    subprocess.run(said.err.splitlines()[1].partition("stay: ")[2].split(), check=True)

    world.swarmctl("run", "y", "--exec", "echo y > y", rc=0)
    assert world.text("y") == "y"
    assert world.text("made.txt", branch) == "hello", session


def test_a_gate_that_prints_a_gigabyte_and_leaves_a_daemon_is_judged_by_its_exit(world: World) -> None:
    flood = "head -c 1000000000 /dev/zero | tr '\\\\0' x"
    world.settings(f'[[gate]]\nname = "loud"\nrun = "{flood}; setsid sleep 1234 & exit 0"\n')

    assert world.run("write made.txt hello", rc=0).task["outcome"] == "landed"

    assert world.session().stage is Stage.LANDED
    until(
        lambda: not [words for words in world.ours().values() if "sleep 1234" in words], "the daemon to be gone", 10.0
    )
    kept: list[Path] = [path for path in (world.state / "logs").rglob("*") if path.is_file()]
    assert 0 < sum(path.stat().st_size for path in kept) < 20_000_000


@pytest.mark.soak
def test_a_supervisor_that_stands_still_for_twenty_seconds_stops_no_flooding_agent(world: World) -> None:
    script = "e=$(($(date +%s) + 20)); while [ $(date +%s) -lt $e ]; do seq 100000; done; echo hi > made"
    typed = world.start("run", "flood", "--exec", script, "--json")
    (session,) = world.await_stage(Stage.RUNNING)
    supervisor = world.supervisor()
    assert supervisor
    os.kill(supervisor, signal.SIGSTOP)
    try:
        world.await_file(Path(session.worktree) / "made")
    finally:
        os.kill(supervisor, signal.SIGCONT)
    assert typed.answer().task["outcome"] == "landed"
