"""How far a session's work is from its target, and how much of it there is. Each answer is a few git processes."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from swarmctl.core.session import Session
from swarmctl.core.values import dataclass
from swarmctl.edges.files.paths import StatePaths
from swarmctl.edges.git.reading import apart, changed_lines, working_tree
from swarmctl.edges.git.repository import Repository, branch_ref
from swarmctl.edges.git.worktrees import GitWorktrees


@dataclass(frozen=True, slots=True)
class Size:
    ahead: int
    behind: int
    files: int
    added: int
    removed: int


def tips_of(repository: Repository, branches: Iterable[str]) -> dict[str, str]:
    """The commit that each is at, empty where there is none; no process is started for it."""
    return {branch: repository.resolve(branch_ref(branch))[0] for branch in branches}


def size_of(repository: Repository, paths: StatePaths, session: Session, *, now: bool) -> Size | None:
    """As its worktree is now, or by its newest checkpoint; None without work to compare, or when its branch is gone."""
    newest, head = session.head or session.checkpoint, session.head
    if now and session.active and session.place == "present" and Path(session.worktree).is_dir():
        worktrees = GitWorktrees(repository, paths.root, Path(session.worktree).parent)
        newest = working_tree(worktrees, session.worktree)
        head = repository.resolve(branch_ref(session.branch))[0]
    if not newest or not session.base:
        return None
    target = repository.resolve(branch_ref(session.target))[0]
    ahead, behind = apart(repository, target, head) if head and target else (0, 0)
    return Size(ahead, behind, *changed_lines(repository, session.base, newest))
