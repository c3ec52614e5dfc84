"""Sessions that start together share one fetch, and each is told truly what it starts from."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path

import pytest

from swarmctl.core.ports import Base
from swarmctl.edges.git import bases
from swarmctl.edges.git.bases import find_base
from swarmctl.edges.git.fetches import Fetches
from swarmctl.edges.git.worktrees import GitWorktrees
from tests.edges.git.conftest import Place, Shell, open_place


@dataclass
class Upstream:
    """A repository with a remote whose `upload-pack` writes down that it was asked."""

    place: Place
    remote: Path
    asked: Path
    broken: Path

    @property
    def fetches(self) -> int:
        return len(self.asked.read_text().splitlines()) if self.asked.exists() else 0

    def moves(self) -> str:
        """Somebody else pushes; the commit."""
        there = Shell(self.remote)
        new = there("commit-tree", "main^{tree}", "-p", "main", "-m", "theirs")
        there("update-ref", "refs/heads/main", new)
        return new


@pytest.fixture
def upstream(repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Upstream:
    monkeypatch.setattr(bases, "FETCH_TIMEOUT_S", 60.0)
    git, remote, asked, broken = Shell(repo), tmp_path / "remote.git", tmp_path / "asked", tmp_path / "broken"
    git("clone", "-q", "--bare", str(repo), str(remote))
    counting = tmp_path / "counting-upload-pack"
    counting.write_text(f'#!/bin/sh\necho >> {asked}\n[ -e {broken} ] && exit 1\nexec git-upload-pack "$@"\n')
    counting.chmod(0o755)
    git("remote", "add", "origin", str(remote))
    git("config", "remote.origin.uploadpack", str(counting))
    return Upstream(open_place(repo, tmp_path / "state"), remote, asked, broken)


def together(worktrees: GitWorktrees, count: int) -> list[Base]:
    found: list[Base] = []
    start = threading.Barrier(count)

    def ask() -> None:
        start.wait()
        found.append(worktrees.base("main", fetch=True))

    threads = [threading.Thread(target=ask) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_sessions_that_start_together_share_one_fetch(upstream: Upstream) -> None:
    new = upstream.moves()
    bases = together(upstream.place.worktrees, 8)
    assert bases == [Base(new, "main", "origin/main")] * 8
    assert upstream.fetches == 1


def test_a_remote_that_fails_is_asked_once_and_everyone_is_told(upstream: Upstream) -> None:
    upstream.moves()
    upstream.broken.touch()
    bases = together(upstream.place.worktrees, 4)
    assert upstream.fetches == 1
    assert {(base.commit, base.name) for base in bases} == {(upstream.place.base, "main")}
    assert all("origin/main could not be fetched" in base.notice for base in bases)


def test_a_fetch_is_not_shared_for_longer_than_said(upstream: Upstream) -> None:
    fetches = Fetches(reuse_s=0.0)
    repository = upstream.place.repository
    for number in range(3):
        new = upstream.moves()
        assert find_base(repository, "main", fetches).commit == new
        assert upstream.fetches == number + 1


def test_another_branch_is_fetched_for_itself(upstream: Upstream) -> None:
    place = upstream.place
    Shell(upstream.remote)("branch", "next", "main")
    place.worktrees.base("main", fetch=True)
    assert place.worktrees.base("next", fetch=True).name == "origin/next"
    assert upstream.fetches == 2


def test_what_moved_here_since_the_shared_fetch_is_the_base(upstream: Upstream) -> None:
    place, fetches = upstream.place, Fetches(reuse_s=600.0)
    find_base(place.repository, "main", fetches)
    place.git("commit", "-q", "--allow-empty", "-m", "mine")
    assert find_base(place.repository, "main", fetches) == Base(place.base, "main", "main")
    assert upstream.fetches == 1
