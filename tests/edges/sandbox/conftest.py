"""A repository with a linked worktree, a home with secrets, and the real bubblewrap."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from swarmctl.core.containment import Fence
from swarmctl.edges.sandbox.bubblewrap import Bubblewrap


@dataclass(frozen=True)
class Pen:
    """Everything lies under one folder in /tmp, which the sandbox hides: what is seen was shown on purpose."""

    top: Path
    sandbox: Bubblewrap
    fence: Fence

    @property
    def repo(self) -> Path:
        return self.top / "repo"

    @property
    def worktree(self) -> Path:
        return Path(self.fence.worktree)

    @property
    def home(self) -> Path:
        return Path(self.fence.home)

    @property
    def admin(self) -> Path:
        return self.repo / ".git" / "worktrees" / "mine"

    def fenced(self, **changes: object) -> Pen:
        return replace(self, fence=replace(self.fence, **changes))  # type: ignore[arg-type]

    def argv(self, script: str) -> tuple[str, ...]:
        return self.sandbox.confine(("sh", "-c", script), self.fence)

    def run(self, script: str) -> subprocess.CompletedProcess[str]:
        env = {**os.environ, "HOME": str(self.home), "GIT_CONFIG_GLOBAL": str(self.home / ".gitconfig")}
        return subprocess.run(self.argv(script), cwd=self.worktree, env=env, capture_output=True, text=True)


@pytest.fixture
def pen(tmp_path: Path, repo: Path) -> Iterator[Pen]:
    home, state = tmp_path / "home", tmp_path / "state"
    worktree = state / "worktrees" / "mine"
    for name in ("mine", "other"):
        place = state / "worktrees" / name
        argv = ["git", "-C", str(repo), "worktree", "add", "-q", "-b", f"swarm/{name}", str(place)]
        subprocess.run(argv, check=True, capture_output=True)
    (home / ".ssh").mkdir(parents=True)
    (home / ".ssh" / "id_ed25519").write_text("secret\n")
    (home / ".netrc").write_text("secret\n")
    (home / ".bashrc").write_text("# mine\n")
    (home / ".gitconfig").write_text("[user]\n\tname = T\n\temail = t@example.org\n")
    sandbox = Bubblewrap(repo, repo / ".git", hide=(state,))
    if trouble := sandbox.trouble():
        pytest.skip(f"NO SANDBOX HERE: {trouble}")
    yield Pen(tmp_path, sandbox, Fence(str(worktree), str(home)))
