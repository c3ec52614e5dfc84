"""Worktrees come into being: records under one lock per repository, files outside it, a mark when all is done.

Killed at any point and repeated, the result is complete; what stood in the way is moved aside, never deleted.
"""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from swarmctl.core.errors import EnvironmentFault
from swarmctl.edges.git.checkpoint import checkpoint_locked
from swarmctl.edges.git.command import Git
from swarmctl.edges.git.lock import held, lock_name
from swarmctl.edges.git.registry import LOCK_REASON, MADE, Entry, entry_at, forget
from swarmctl.edges.git.repository import Repository

CHECKOUT = (("checkout.workers", "2"),)


@dataclass(frozen=True)
class Workshop:
    """The repository and the state directory that worktrees are made with."""

    repository: Repository
    state: Path

    @property
    def locks(self) -> Path:
        return self.state / "locks"

    @property
    def pool(self) -> Path:
        return self.state / "pool"

    @property
    def records_lock(self) -> Path:
        return self.locks / "worktrees"

    def lock_of(self, path: Path) -> Path:
        return self.locks / lock_name(path)


def _plain(git: Git) -> Git:
    return git


def make(shop: Workshop, path: Path, wanted: list[str], lock: int, dressed: Callable[[Git], Git] = _plain) -> Entry:
    """A new locked worktree; `wanted` are git's words for its branch and commit. Callers hold the lock of `path`.

    `dressed` gives the git that writes the files what else it is to know.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    add = ["worktree", "add", "--quiet", "--no-checkout", "--no-guess-remote", "--lock", "--reason", LOCK_REASON]
    with held(shop.records_lock) as records:
        shop.repository.git.holding(lock, records).run(*add, *_placed(wanted, path))
    entry = entry_at(shop.repository, path)
    if entry is None:
        raise EnvironmentFault(f"{path}: git keeps no record of it", hint="swarmctl doctor")
    git = dressed(filling(shop.repository, entry.git).holding(lock))
    git.run("reset", "--hard", "--quiet", "--no-recurse-submodules", "HEAD")
    git.run("update-index", "-q", "--refresh")
    return entry


def _placed(wanted: list[str], path: Path) -> list[str]:
    """Options before the path, the commit after it."""
    return [*wanted[:-1], "--", str(path), wanted[-1]]


def filling(repository: Repository, git: Git) -> Git:
    return repository.guarded(git).having(CHECKOUT)


def clear_the_way(shop: Workshop, path: Path, lock: int) -> None:
    """Nothing stands at `path` and nothing is recorded for it afterwards; what was there is aside."""
    entry = entry_at(shop.repository, path)
    if entry is not None and not entry.ours:
        raise EnvironmentFault(
            f"{path} is somebody else's worktree", hint=f"git worktree list; git worktree move {path}"
        )
    if entry is not None and (entry.admin / MADE).exists():
        checkpoint_locked(
            shop.repository, entry, f"refs/swarm/trash/{entry.admin.name}", "found without its files", lock
        )
    if os.path.lexists(path):
        move_aside(shop, path)
    if entry is not None:
        with held(shop.records_lock):
            forget(entry)


def move_aside(shop: Workshop, path: Path) -> Path:
    aside = shop.state / "trash" / "aside" / f"{secrets.token_hex(4)}-{path.name}"
    aside.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        path.rename(aside)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        aside = path.with_name(f".aside-{aside.name}")
        path.rename(aside)
    return aside
