"""Diffs for people: from a base to a commit, or to what a worktree holds right now, without touching its index."""

from __future__ import annotations

from swarmctl.edges.git.lock import held, lock_name
from swarmctl.edges.git.repository import Repository
from swarmctl.edges.git.snapshot import private_index, whole_tree
from swarmctl.edges.git.worktrees import GitWorktrees


def diff(repository: Repository, base: str, newest: str, *, stat: bool) -> str:
    form = ["--stat"] if stat else ["--patch"]
    plain = ["--no-color", "--no-ext-diff", "--no-textconv", "--find-renames"]
    output = repository.git.run("diff-tree", "-r", *form, *plain, f"{base}^{{tree}}", newest)
    return output.out.decode("utf-8", "replace")


def working_tree(worktrees: GitWorktrees, worktree: str) -> str:
    """The tree of everything in a session's worktree that is not ignored."""
    entry = worktrees.entry(worktree)
    with held(worktrees.shop.locks / lock_name(entry.path)) as lock:
        git = worktrees.repository.guarded(entry.git).holding(lock)
        with private_index(git, worktrees.repository.commit_of("HEAD", entry.git)) as index:
            return whole_tree(index)
