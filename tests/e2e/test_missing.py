"""Programs, folders, variables and terminals that are missing, or go away: said in words, and nothing is opened."""

from __future__ import annotations

import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from swarmctl.core.session import Stage
from swarmctl.edges.files.paths import locate
from tests.e2e.judging import refused, works
from tests.e2e.world import World

RUN = ("run", "x", "--exec", "echo hi > made")


@pytest.fixture
def host() -> str:
    return "process"


# --- programs and folders that are missing ----------------------------------------------------------------------------


def tools(world: World, *names: str) -> str:
    """A PATH with these programs and no others."""
    folder = world.home / f"bin{len(names)}"
    folder.mkdir()
    for name in names:
        found = shutil.which(name)
        assert found
        (folder / name).symlink_to(found)
    return str(folder)


def test_without_tmux_sessions_are_plain_processes_and_doctor_says_so(world: World) -> None:
    world.extra_env |= {"PATH": tools(world, "git", "sh"), "SWARMCTL__AGENT__HOST": "auto"}

    world.swarmctl(*RUN, rc=0)

    assert world.session().host == "process"
    told = world.swarmctl("doctor", rc=0).out
    assert "not installed; sessions run as plain processes" in told
    assert "on process" in told


def test_without_git_or_with_an_old_one_the_error_says_what_to_install(world: World) -> None:
    world.extra_env["PATH"] = tools(world, "sh")
    refused(world.swarmctl(*RUN), 3, "git is not installed", "apt-get install git")
    assert world.swarmctl("doctor").rc == 3
    old = world.home / "old"
    old.mkdir()
    (old / "git").write_text("#!/bin/sh\necho git version 2.30.1\n")
    (old / "git").chmod(0o755)
    world.extra_env["PATH"] = f"{old}:/usr/bin:/bin"
    refused(world.swarmctl(*RUN), 3, "2.30.1 is too old: 2.38 is needed", "apt-get install git")


def test_a_moved_repository_keeps_its_state_and_a_copy_gets_its_own(world: World) -> None:
    world.swarmctl(*RUN, rc=0)
    first = world.swarmctl("path", rc=0).out
    copy, moved = world.home / "copy", world.home / "moved"
    shutil.copytree(world.repo, copy, symlinks=True)
    said = world.swarmctl("ps", cwd=copy, rc=0)
    assert "nothing ran here yet" in said.out + said.err
    world.repo.rename(moved)

    works(world, cwd=moved)
    works(world, cwd=copy)

    assert world.swarmctl("path", cwd=moved, rc=0).out == first
    assert world.swarmctl("path", cwd=copy, rc=0).out != first
    for place in (copy, moved):
        world.swarmctl("down", cwd=place, rc=0)
    moved.rename(world.repo)


def test_an_open_umask_and_missing_variables_open_nothing(world: World) -> None:
    argv = ["sh", "-c", 'umask 000; unset HOME TERM; exec "$@"', "sh", *world.program, *RUN]
    subprocess.run(argv, cwd=world.repo, env=world.env, check=True, capture_output=True)

    paths = locate(world.repo / ".git", world.repo, create=False, environ=world.env)
    assert paths is not None
    assert paths.root.stat().st_mode & 0o077 == 0
    assert paths.runtime.stat().st_mode & 0o077 == 0
    assert paths.socket.stat().st_mode & 0o177 == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in paths.root.glob("swarm.db*"))


def test_a_run_whose_terminal_goes_away_is_stopped_like_by_ctrl_c(world: World) -> None:
    typed = world.start("run", "x", "--exec", "echo kept > kept; exec sleep 60")
    (session,) = world.await_stage(Stage.RUNNING)
    world.await_words(Path(session.worktree) / "kept")
    typed.signal(signal.SIGHUP)

    assert typed.answer().rc == 130
    assert world.session().stage is Stage.KEPT
    assert world.git("cat-file", "-p", f"{world.session().checkpoint}:kept") == "kept"
