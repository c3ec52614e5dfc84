"""`Worktrees` over the git binary: made in parallel, kept in checkpoints, removed only into the trash."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from swarmctl.core.bringing import Brought, Sides, TakenBack
from swarmctl.core.errors import EnvironmentFault, Refused
from swarmctl.core.handmade import Handmade
from swarmctl.core.ports import Base, Removed, Work
from swarmctl.core.rejection import Rejection
from swarmctl.edges.git import checkpoint as checkpoints, handmade, pool, removal
from swarmctl.edges.git.aliases import alias
from swarmctl.edges.git.bases import find_base
from swarmctl.edges.git.bringing import bring, take_back
from swarmctl.edges.git.command import Git, decode
from swarmctl.edges.git.faults import told
from swarmctl.edges.git.fetches import Fetches
from swarmctl.edges.git.lock import held
from swarmctl.edges.git.making import Workshop, clear_the_way, filling, make, move_aside
from swarmctl.edges.git.registry import Entry, entry_at, keep_out
from swarmctl.edges.git.rejecting import reject
from swarmctl.edges.git.repository import NO_COMMIT, Repository, branch_ref
from swarmctl.edges.git.work import commit_work

LATELY_S = 1.0


def nowhere(_path: str) -> bool:
    return False


class GitWorktrees:
    def __init__(
        self, repository: Repository, state: Path, root: Path | None = None, lent: Callable[[str], bool] = nowhere
    ) -> None:
        """`root` is where worktrees may be, besides the state directory and those that a person lent to a session."""
        self.repository = repository
        self.shop = Workshop(repository, state.resolve())
        self._fetches = Fetches()
        self._lately: tuple[float, tuple[str, ...]] = (float("-inf"), ())
        self._lent = lent
        self._roots = tuple(place.resolve() for place in (state, root) if place is not None)

    @told
    def base(self, target: str, *, fetch: bool) -> Base:
        return find_base(self.repository, target, self._fetches if fetch else None)

    @told
    def uncommitted(self) -> tuple[str, ...]:
        checkout = self.repository.guarded(Git(self.repository.common, self.repository.root))
        at = time.monotonic()
        status = checkout.run(
            "--no-optional-locks", "status", "--porcelain", "-z", "--no-renames", "--ignore-submodules=dirty"
        )
        found = tuple(decode(entry[3:]) for entry in status.fields)
        self._lately = at, found
        return found

    def uncommitted_lately(self) -> tuple[str, ...]:
        """As it was a moment ago at the most: a large checkout takes long to look through, and tasks come in crowds."""
        at, found = self._lately
        return found if time.monotonic() - at < LATELY_S else self.uncommitted()

    @told
    def add(self, path: str, branch: str, base: str) -> bool:
        place, ref = self._place(path), branch_ref(branch)
        with held(self.shop.lock_of(place)) as lock:
            entry = entry_at(self.repository, place)
            if entry is not None and entry.finished:
                return entry.origin == "pool"
            clear_the_way(self.shop, place, lock)
            wanted = [branch] if self.repository.commit_of(ref) else ["-b", branch, "--no-track", base]
            if self._from_pool(place, branch, base, lock):
                return True
            make(self.shop, place, wanted, lock).finish("cold")
            return False

    def _from_pool(self, path: Path, branch: str, base: str, lock: int) -> bool:
        entry = pool.take_parked(self.shop, path, base, lock)
        if entry is not None and self._switch(entry, branch, base, lock):
            entry.finish("pool")
            return True
        if os.path.lexists(path):
            move_aside(self.shop, path)
        clear_the_way(self.shop, path, lock)
        return False

    def _switch(self, entry: Entry, branch: str, base: str, lock: int) -> bool:
        """Onto the branch, which is made here if it is not there yet."""
        if not pool.untouched(self.repository, entry):
            return False
        git, ref = filling(self.repository, entry.git).holding(lock), branch_ref(branch)
        if self.repository.commit_of(ref):
            return git.ask("switch", "--quiet", "--no-guess", branch).rc == 0
        if pool.head_of(entry) != base:
            if git.ask("checkout", "--quiet", "--detach", base).rc != 0:
                return False
            git.ask("update-index", "-q", "--refresh")
        made = self.repository.swap(ref, base, NO_COMMIT, "swarmctl: session")
        return made and git.ask("symbolic-ref", "-m", "swarmctl: session", "HEAD", ref).rc == 0

    @told
    def fill_pool(self, base: str, size: int) -> int:
        return pool.fill_pool(self.shop, base, size)

    @told
    def exclude(self, worktree: str, paths: Sequence[str]) -> None:
        """Never count these as work: what provisioning made there, relative to the worktree."""
        keep_out(self.entry(worktree), paths)

    @told
    def alias(self, worktree: str, name: str, among: Sequence[str]) -> tuple[str, ...]:
        return alias(self.repository, self.entry(worktree), name, among)

    @told
    def checkpoint(self, worktree: str, ref: str, message: str) -> str:
        entry = self.entry(worktree)
        return checkpoints.checkpoint(self.repository, entry, ref, message, self.shop.locks)

    @told
    def commit_work(self, worktree: str, branch: str, base: str, message: str, sides: Sides | None = None) -> Work:
        entry = self.entry(worktree)
        return commit_work(self.repository, entry, branch, (base, message), sides, locks=self.shop.locks)

    @told
    def bring(self, worktree: str, branch: str, sides: Sides, *, leave: bool) -> Brought:
        entry = self.entry(worktree)
        return bring(self.repository, entry, branch, sides, leave=leave, locks=self.shop.locks)

    @told
    def take_back(self, worktree: str, branch: str, sides: Sides) -> TakenBack:
        return take_back(self.repository, self.entry(worktree), branch, sides, locks=self.shop.locks)

    @told
    def reject(self, worktree: str, what: Rejection) -> str:
        return reject(self.repository, self.entry(worktree), what, locks=self.shop.locks)

    @told
    def remove(self, worktree: str, trash: str, ref: str, message: str) -> Removed:
        return removal.remove(self.shop, self._place(worktree), Path(trash), ref, message)

    @told
    def uphold(self, refs: Mapping[str, str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        return checkpoints.uphold(self.repository, refs)

    @told
    def stands(self, worktree: str) -> bool:
        entry = entry_at(self.repository, self._place(worktree))
        return entry is not None and entry.finished

    @told
    def restore(self, worktree: str, trash: str, branch: str, head: str, checkpoint: str) -> None:
        removal.restore(self.shop, self._place(worktree), Path(trash), branch, (head, checkpoint))

    @told
    def delete_branch(self, branch: str, oid: str) -> bool:
        """Only while it still holds `oid`."""
        return self.repository.drop(branch_ref(branch), oid)

    @told
    def look_at(self, name: str, target: str) -> Handmade:
        return handmade.look_at(self.repository, name, find_base(self.repository, target, None))

    @told
    def hold(self, worktree: str, branch: str) -> None:
        handmade.hold(self.shop, self._place(worktree), branch)

    @told
    def give_back(self, worktree: str) -> None:
        handmade.give_back(self.shop, self._place(worktree))

    def entry(self, worktree: str) -> Entry:
        entry = entry_at(self.repository, self._place(worktree))
        if entry is None or not entry.ours:
            raise EnvironmentFault(f"{worktree} is not a worktree of swarmctl's", hint="git worktree list")
        return entry

    def _place(self, path: str) -> Path:
        place = Path(os.path.normpath(Path(path).absolute()))
        inside = Path(os.path.realpath(place.parent)) / place.name
        if not any(inside.is_relative_to(root) and inside != root for root in self._roots) and not self._lent(path):
            raise Refused(f"{path} is outside of {self._roots[-1]}", hint="swarmctl path")
        return inside
