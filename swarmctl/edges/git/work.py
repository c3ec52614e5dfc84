"""What a session leaves becomes commits on its branch, or words say why not; nothing is forced, nothing is dropped."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

from swarmctl.core.bringing import Sides
from swarmctl.core.listing import in_short
from swarmctl.core.ports import Work
from swarmctl.edges.git.checkpoint import head_of
from swarmctl.edges.git.command import Git, decode
from swarmctl.edges.git.commits import Author, Commit, stamp, write_commit, write_merge
from swarmctl.edges.git.lock import held, lock_name
from swarmctl.edges.git.objections import objections
from swarmctl.edges.git.registry import Entry, under_way
from swarmctl.edges.git.repository import NO_COMMIT, Repository, branch_ref, linked_git_dir
from swarmctl.edges.git.resolving import forget_merge, merge_head, unresolved
from swarmctl.edges.git.snapshot import PrivateIndex, Scan, private_index, words


@dataclass(frozen=True)
class _Order:
    repository: Repository
    entry: Entry
    branch: str
    base: str
    message: str
    sides: Sides | None

    @property
    def ref(self) -> str:
        return branch_ref(self.branch)

    @property
    def is_merging(self) -> bool:
        return self.sides is not None and merge_head(self.entry) == self.sides.theirs

    def holds_theirs(self, head: str) -> bool:
        return self.sides is not None and self.repository.contains(head, self.sides.theirs)


def commit_work(
    repository: Repository,
    entry: Entry,
    branch: str,
    wanted: tuple[str, str],
    sides: Sides | None = None,
    *,
    locks: Path,
) -> Work:
    """`wanted` are the base and the message; with `sides`, a merge of both is under way there, or was."""
    order = _Order(repository, entry, branch, *wanted, sides)
    with held(locks / lock_name(entry.path)) as lock:
        git = repository.guarded(entry.git).holding(lock)
        tip, head = repository.commit_of(order.ref), head_of(repository, entry)
        why = _not_now(order, tip, head)
        if why:
            return _work(order, tip or head, (), why)
        with private_index(git, head) as index:
            return _commit(order, index, tip, head)


def _not_now(order: _Order, tip: str, head: str) -> str:
    doing = under_way(order.entry.admin)
    if doing and not order.is_merging:
        return f"the agent ended in the middle of a {doing} in {order.entry.path}"
    if not head:
        return f"HEAD of {order.entry.path} names no commit"
    must_contain = tip or order.base
    if not order.repository.contains(head, must_contain):
        where = f"HEAD is at {head[:10]}, {order.branch} at {tip[:10]}" if tip else f"{order.branch} is gone"
        return f"the agent left its branch: {where}; neither contains the other's work"
    return ""


def _commit(order: _Order, index: PrivateIndex, tip: str, head: str) -> Work:
    merging, held_already = order.is_merging, order.holds_theirs(head)
    if order.sides is not None and (merging or held_already):
        left = unresolved(order.repository, index.git, index, order.sides)
        if left:
            return _work(order, tip or head, (), f"{order.sides.name} is not merged: {in_short(left)}")
    scan = index.scan()
    why = _stopped(order, index, scan)
    if why:
        return _work(order, tip or head, (), why)
    index.add(scan.changed)
    tree = index.write()
    new = _new_head(order, tree, head, merging and not held_already)
    if new != tip and not order.repository.swap(
        order.ref, new, tip or NO_COMMIT, "swarmctl: commit what the session left"
    ):
        return _work(order, tip or head, (), f"{order.branch} moved while its work was committed")
    if index.git.ask("symbolic-ref", "--quiet", "HEAD").text != order.ref:
        index.git.run("symbolic-ref", "-m", "swarmctl: back on the session's branch", "HEAD", order.ref)
    index.path.replace(order.entry.admin / "index")
    if merging:
        forget_merge(order.entry)
    committed = scan.changed if new != head else ()
    return _work(order, new, tuple(decode(path) for path in committed), "", merging or held_already)


def _new_head(order: _Order, tree: str, head: str, merges: bool) -> str:
    if merges and order.sides is not None:
        return write_merge(order.repository, tree, head, order.sides, order.branch)
    if tree == order.repository.tree_of(head):
        return head
    who, now = order.repository.identity(), stamp(time.time())
    commit = Commit(tree, (head,), Author(who, now), now, order.message.encode("utf-8", "replace"))
    return write_commit(order.repository.git, commit, who)


def _stopped(order: _Order, index: PrivateIndex, scan: Scan) -> str:
    if scan.unmerged:
        return f"unresolved conflicts in {words(scan.unmerged)}"
    strange = [
        path for path in scan.nested if path not in scan.tracked_nested or _submodule_changed(order, index, path)
    ]
    if strange:
        return f"a repository inside the worktree has work of its own: {words(strange)}"
    bad = objections(order.entry.path, scan.changed)
    if bad:
        return f"not committed without you: {in_short(bad)}"
    return ""


def _submodule_changed(order: _Order, index: PrivateIndex, path: bytes) -> bool:
    """It is at another commit than the index says, or has files that are not committed there."""
    recorded = index.git.run("ls-files", "-z", "-s", "--", b":(literal)" + path).fields[0].split()[1].decode()
    place = order.entry.path / os.fsdecode(path)
    git = order.repository.guarded(Git(linked_git_dir(place), place))
    if git.ask("rev-parse", "--verify", "--quiet", "HEAD").text != recorded:
        return True
    with private_index(git, recorded) as inner:
        scan = inner.scan()
        return bool(scan.changed or scan.nested or scan.unmerged)


def _work(order: _Order, head: str, committed: tuple[str, ...], stopped: str, merged: bool = False) -> Work:
    base = order.sides.theirs if merged and order.sides is not None else order.base
    return Work(head, _changed(order.repository, base, head), committed, stopped, merged)


def _changed(repository: Repository, base: str, head: str) -> bool:
    """Commits that leave every file as it was are no work: nothing of them could land."""
    return repository.tree_of(base) != repository.tree_of(head)
