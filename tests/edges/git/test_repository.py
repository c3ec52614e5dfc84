"""Which repository a command is about, and one line with a hint when it can be none."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from swarmctl.core.errors import EnvironmentFault, SwarmError, UsageFault
from swarmctl.edges.git import bases
from swarmctl.edges.git.repository import open_repository
from tests.edges.git.conftest import Place, Shell, open_place, proof_of


def test_the_main_repository_is_found_from_a_folder_and_from_a_linked_worktree(repo: Path, tmp_path: Path) -> None:
    (repo / "deep" / "er").mkdir(parents=True)
    Shell(repo)("worktree", "add", "-q", "-b", "other", str(tmp_path / "linked"))
    for place in (repo, repo / "deep" / "er", tmp_path / "linked", repo / ".git"):
        found = open_repository(place)
        assert (found.root, found.common) == (repo, repo / ".git")


def test_a_folder_outside_any_repository_is_a_usage_fault(tmp_path: Path) -> None:
    with pytest.raises(UsageFault, match="not in a git repository") as caught:
        open_repository(tmp_path)
    assert caught.value.hint == "git init"


def test_a_bare_repository_is_a_usage_fault(tmp_path: Path) -> None:
    Shell(tmp_path)("init", "-q", "--bare", "bare.git")
    with pytest.raises(UsageFault, match="bare"):
        open_repository(tmp_path / "bare.git")


def test_a_repository_without_a_commit_is_a_usage_fault(tmp_path: Path) -> None:
    Shell(tmp_path)("init", "-q", "new")
    with pytest.raises(UsageFault, match="no commit yet") as caught:
        open_repository(tmp_path / "new")
    assert "commit" in caught.value.hint


@pytest.mark.parametrize(("version", "words"), [("git version 2.30.1", "too old"), ("nonsense", "too old")])
def test_a_git_that_is_too_old_is_an_environment_fault(
    repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, words: str
) -> None:
    (tmp_path / "git").write_text(f"#!/bin/sh\necho '{version}'\n")
    (tmp_path / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(EnvironmentFault, match=words):
        open_repository(repo)


def test_a_missing_git_is_an_environment_fault(repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EnvironmentFault, match="not installed"):
        open_repository(repo)


@pytest.mark.parametrize("name", ["a b", "quo'te\"s", "new\nline", "-dash", "ünï☃", "$(touch x)", "tab\t", "#{x}"])
def test_a_repository_at_a_hostile_path_works_from_task_to_landing(repo: Path, tmp_path: Path, name: str) -> None:
    moved = repo.rename(tmp_path / name)
    place = open_place(moved, tmp_path / "state" / name)
    merge = place.staged(place.branch("task", {"new.txt": "x\n"}))
    place.integration.check_out(str(place.state / "integration" / "main"), merge.commit)
    place.integration.land(proof_of(merge), "main")
    assert (moved / "new.txt").read_text() == "x\n"
    path = place.state / "worktrees" / "task"
    place.worktrees.remove(str(path), str(place.state / "trash" / "t"), "refs/swarm/trash/t", "rm")
    assert not path.exists()
    assert place.git("status", "--porcelain") == ""


def test_a_full_or_read_only_state_directory_is_one_line_with_a_hint(repo: Path, tmp_path: Path) -> None:
    place = open_place(repo, tmp_path / "state")
    (tmp_path / "state").write_text("a file where the directory should be\n")
    with pytest.raises(SwarmError) as caught:
        place.add("task")
    assert caught.value.hint
    assert "\n" not in caught.value.message


@pytest.fixture
def upstream(repo: Path, tmp_path: Path) -> Shell:
    """Another clone that pushes to the `origin` of the repository."""
    git = Shell(tmp_path)
    git("clone", "-q", "--bare", str(repo), "origin.git")
    git("clone", "-q", "origin.git", "theirs")
    Shell(repo)("remote", "add", "origin", str(tmp_path / "origin.git"))
    return Shell(tmp_path / "theirs")


def pushed(theirs: Shell) -> str:
    theirs("commit", "-q", "--allow-empty", "-m", "theirs")
    theirs("push", "-q", "origin", "HEAD:main")
    return theirs("rev-parse", "HEAD")


def test_a_base_behind_its_remote_is_the_remotes(repo: Path, tmp_path: Path, upstream: Shell) -> None:
    newest = pushed(upstream)
    place = open_place(repo, tmp_path / "state")
    base = place.worktrees.base("", fetch=True)
    assert (base.commit, base.target, base.name, base.notice) == (newest, "main", "origin/main", "")
    assert not (repo / ".git" / "FETCH_HEAD").exists()
    assert place.git("for-each-ref", "refs/tags") == ""


def test_without_fetching_only_what_is_here_counts(repo: Path, tmp_path: Path, upstream: Shell) -> None:
    pushed(upstream)
    place = open_place(repo, tmp_path / "state")
    assert place.worktrees.base("main", fetch=False).commit == place.base


def test_a_base_ahead_of_its_remote_is_the_local_one(repo: Path, tmp_path: Path, upstream: Shell) -> None:
    place = open_place(repo, tmp_path / "state")
    place.git("commit", "-q", "--allow-empty", "-m", "mine")
    base = place.worktrees.base("main", fetch=True)
    assert (base.commit, base.name, base.notice) == (place.base, "main", "")


def test_a_base_apart_from_its_remote_is_the_local_one_and_says_so(repo: Path, tmp_path: Path, upstream: Shell) -> None:
    pushed(upstream)
    place = open_place(repo, tmp_path / "state")
    place.git("commit", "-q", "--allow-empty", "-m", "mine")
    base = place.worktrees.base("main", fetch=True)
    assert (base.commit, base.name) == (place.base, "main")
    assert "diverged" in base.notice


def test_the_configured_upstream_wins_over_origin(repo: Path, tmp_path: Path, upstream: Shell) -> None:
    newest = pushed(upstream)
    git = Shell(repo)
    git("remote", "rename", "origin", "fork")
    git("config", "branch.main.remote", "fork")
    git("config", "branch.main.merge", "refs/heads/main")
    base = open_place(repo, tmp_path / "state").worktrees.base("main", fetch=True)
    assert (base.commit, base.name) == (newest, "fork/main")


def test_a_remote_that_is_gone_leaves_the_local_base_with_a_notice(repo: Path, tmp_path: Path) -> None:
    Shell(repo)("remote", "add", "origin", str(tmp_path / "nowhere.git"))
    base = open_place(repo, tmp_path / "state").worktrees.base("main", fetch=True)
    assert base.name == "main"
    assert "could not be fetched" in base.notice
    assert "\n" not in base.notice


def test_a_remote_that_never_answers_is_given_up_with_its_whole_process_group(
    repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pid_file = tmp_path / "pid"
    slow = tmp_path / "slow-ssh"
    slow.write_text(f"#!/bin/sh\nsleep 1000 &\necho $! > {pid_file}\nwait\n")
    slow.chmod(0o755)
    monkeypatch.setenv("GIT_SSH_COMMAND", str(slow))
    monkeypatch.setattr(bases, "FETCH_TIMEOUT_S", 1.0)
    Shell(repo)("remote", "add", "origin", "ssh://host.invalid/x")
    base = open_place(repo, tmp_path / "state").worktrees.base("main", fetch=True)
    assert "no answer within 1 s" in base.notice
    status = Path("/proc", pid_file.read_text().strip(), "stat")
    assert not status.exists() or status.read_text().split(") ")[1].startswith("Z")


def test_a_detached_head_lands_on_the_remotes_default_or_asks_for_a_name(
    repo: Path, tmp_path: Path, upstream: Shell
) -> None:
    place = open_place(repo, tmp_path / "state")
    place.git("checkout", "-q", "--detach")
    with pytest.raises(UsageFault, match="detached") as caught:
        place.worktrees.base("", fetch=False)
    assert caught.value.hint
    place.git("fetch", "-q", "origin")
    place.git("remote", "set-head", "origin", "main")
    assert place.worktrees.base("", fetch=False).target == "main"


def test_the_users_uncommitted_changes_are_named_and_their_index_is_not_touched(place: Place) -> None:
    (place.repo / "app.py").write_text("mine\n")
    (place.repo / "odd\nname").write_text("mine\n")
    index = (place.repo / ".git" / "index").read_bytes()
    assert place.worktrees.uncommitted() == ("app.py", "odd\nname")
    assert (place.repo / ".git" / "index").read_bytes() == index


def test_what_was_uncommitted_a_moment_ago_is_not_looked_for_again(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    (place.repo / "app.py").write_text("mine\n")
    monkeypatch.setattr("swarmctl.edges.git.worktrees.LATELY_S", 3600.0)
    assert place.worktrees.uncommitted_lately() == ("app.py",)
    (place.repo / "new.py").write_text("mine\n")
    assert place.worktrees.uncommitted_lately() == ("app.py",)

    monkeypatch.setattr("swarmctl.edges.git.worktrees.LATELY_S", 0.0)
    assert place.worktrees.uncommitted_lately() == ("app.py", "new.py")


def test_a_branch_is_deleted_only_while_it_holds_the_commit_named(place: Place) -> None:
    old = place.base
    head = place.branch("task", {"new.txt": "x\n"})
    assert place.worktrees.delete_branch("swarm/task", old) is False
    assert place.git("rev-parse", "swarm/task") == head
    assert place.worktrees.delete_branch("swarm/task", head) is True
    assert subprocess.run(["git", "rev-parse", "-q", "--verify", "swarm/task"], cwd=place.repo).returncode != 0
