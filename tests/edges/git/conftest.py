"""Real repositories in a tmp path, and a way to die at every step of an operation."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from swarmctl.core.gate import Proof, Staged
from swarmctl.edges.git.integration import GitIntegration
from swarmctl.edges.git.repository import Repository, open_repository
from swarmctl.edges.git.worktrees import GitWorktrees

STEPS = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "subprocess.Popen", "shutil.rmtree"}
AT = 1_700_000_000.0


@dataclass
class Shell:
    """git as the user or an agent types it."""

    cwd: Path

    def __call__(self, *args: str, cwd: Path | str | None = None, check: bool = True) -> str:
        done = subprocess.run(["git", *args], cwd=cwd or self.cwd, capture_output=True)
        if check and done.returncode != 0:
            raise AssertionError(f"git {args}: {done.stderr.decode(errors='replace')}")
        return done.stdout.decode(errors="surrogateescape").rstrip("\n")


@dataclass
class Place:
    """A repository with both adapters on it."""

    repo: Path
    state: Path
    repository: Repository
    worktrees: GitWorktrees
    integration: GitIntegration
    git: Shell

    @property
    def base(self) -> str:
        return self.git("rev-parse", "refs/heads/main")

    def add(self, name: str) -> Path:
        """A session's worktree on the branch `swarm/NAME`."""
        path = self.state / "worktrees" / name
        self.worktrees.add(str(path), f"swarm/{name}", self.base)
        return path

    def branch(self, name: str, files: dict[str, str]) -> str:
        """Work on a branch of its own, committed; the head."""
        path = self.add(name)
        for file, text in files.items():
            (path / file).parent.mkdir(parents=True, exist_ok=True)
            (path / file).write_text(text)
        return self.worktrees.commit_work(str(path), f"swarm/{name}", self.base, f"work of {name}\n").head

    def staged(self, head: str, target: str = "main") -> Staged:
        merge = self.integration.stage(self.integration.tip(target).commit, head, "squash", "The task\n", AT)
        assert isinstance(merge, Staged)
        return merge


def open_place(repo: Path, state: Path) -> Place:
    repository = open_repository(repo)
    return Place(
        repo, state, repository, GitWorktrees(repository, state), GitIntegration(repository, state), Shell(repo)
    )


@pytest.fixture
def place(repo: Path, tmp_path: Path) -> Place:
    return open_place(repo, tmp_path / "state")


def proof_of(merge: Staged) -> Proof:
    return Proof(merge.base, merge.head, merge.commit, merge.tree, (), "", ())


def files_below(root: Path) -> dict[str, bytes]:
    """Every file but git's own, links as what they say."""
    found: dict[str, bytes] = {}
    for folder, folders, names in os.walk(root):
        if Path(folder) == root and ".git" in folders:
            folders.remove(".git")
        for name in names:
            path = Path(folder, name)
            if path != root / ".git":
                key = str(path.relative_to(root))
                found[key] = os.fsencode(path.readlink()) if path.is_symlink() else path.read_bytes()
    return found


def killed_before(operation: Callable[[], object], step: int, since: str = "") -> bool:
    """In a child that dies by SIGKILL just before its step-th side effect; False when it got to its end.

    Steps count from the first audit event that is named `since`.
    """
    child = _forked(lambda: _dying(operation, step, since))
    return _died(child)


def killed_after(operation: Callable[[], object], seconds: float) -> bool:
    """In a child that is killed at a moment of its own choosing, wherever it is then."""

    def timed() -> None:
        signal.signal(signal.SIGALRM, lambda *_: os.kill(os.getpid(), signal.SIGKILL))
        signal.setitimer(signal.ITIMER_REAL, seconds)
        operation()

    return _died(_forked(timed))


def _forked(work: Callable[[], object]) -> int:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child:
        return child
    try:
        work()
    except BaseException:
        traceback.print_exc()
        os._exit(70)
    os._exit(0)


def _died(child: int) -> bool:
    status = os.waitpid(child, 0)[1]
    if os.WIFSIGNALED(status):
        return True
    assert os.waitstatus_to_exitcode(status) == 0, "the operation failed by itself; its traceback is in stderr"
    return False


def _dying(operation: Callable[[], object], step: int, since: str) -> None:
    left, counting = step, not since

    def hook(event: str, args: tuple[Any, ...]) -> None:
        nonlocal left, counting
        counting = counting or event == since
        if not counting:
            return
        if event in STEPS or (event == "open" and _writes(args)):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
    operation()


def _writes(args: tuple[Any, ...]) -> bool:
    return isinstance(args[2], int) and bool(args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))


def kill_at_every_step(prepare: Callable[[int], Callable[[], object]], since: str = "") -> Iterator[int]:
    """For each step of what `prepare(step)` returns: killed there; then it is the test's turn to repeat and look."""
    for step in range(1, 400):
        operation = prepare(step)
        died = killed_before(operation, step, since)
        yield step
        if not died:
            assert step > 3, "nothing was killed"
            return
    raise AssertionError("the operation never came to its end")
