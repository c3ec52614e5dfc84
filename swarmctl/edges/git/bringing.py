"""The target comes into a session's worktree by a merge of git's own; a kill on the way is followed by a new beginning.

Callers have committed everything that is not ignored as `ours`; what is ignored is never written over.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from swarmctl.core.bringing import Brought, Sides, TakenBack
from swarmctl.core.listing import shortened
from swarmctl.core.ports import Conflict
from swarmctl.edges.git.command import Git, decode
from swarmctl.edges.git.commits import Author, people, stamp, write_merge
from swarmctl.edges.git.lock import held, lock_name
from swarmctl.edges.git.making import filling
from swarmctl.edges.git.registry import Entry, under_way
from swarmctl.edges.git.repository import Repository, branch_ref
from swarmctl.edges.git.resolving import forget_merge, merge_head, unmerged
from swarmctl.edges.git.snapshot import private_index, words
from swarmctl.edges.git.staging import merge as merge_trees

QUIET = ("--no-stat", "--quiet", "--no-autostash", "--no-verify-signatures", "--no-rerere-autoupdate")
LOGGED = 20
NAMED = 50


@dataclass(frozen=True)
class Bringing:
    repository: Repository
    entry: Entry
    branch: str
    sides: Sides
    git: Git


def bring(repository: Repository, entry: Entry, branch: str, sides: Sides, *, leave: bool, locks: Path) -> Brought:
    """Conflicts stay in the worktree if `leave`, else it is at `ours` again."""
    with held(locks / lock_name(entry.path)) as lock:
        order = Bringing(repository, entry, branch, sides, filling(repository, entry.git).holding(lock))
        head = repository.commit_of("HEAD", order.git)
        if _is_whole(order, head):
            return _brought(order, head)
        if head != sides.ours:
            return _brought(order, head, stopped=_elsewhere(order, head))
        return _merge(order, leave)


def take_back(repository: Repository, entry: Entry, branch: str, sides: Sides, *, locks: Path) -> TakenBack:
    """Whoever left its branch, or does something else there with git, is left alone."""
    with held(locks / lock_name(entry.path)) as lock:
        order = Bringing(repository, entry, branch, sides, filling(repository, entry.git).holding(lock))
        head = repository.commit_of("HEAD", order.git)
        if _is_whole(order, head):
            return TakenBack(whole=head)
        left = _elsewhere(order, head) or _busy(order)
        if not left:
            _in_the_way(order)
            _back_to_ours(order)
        return TakenBack(left=left)


def _elsewhere(order: Bringing, head: str) -> str:
    ours = order.sides.ours
    return "" if head == ours else f"HEAD of {order.entry.path} is at {head[:10]}, not at {ours[:10]}"


def _busy(order: Bringing) -> str:
    doing = under_way(order.entry.admin)
    return "" if doing in ("", "merge") else f"{order.entry.path} is in the middle of a {doing}"


def _is_whole(order: Bringing, head: str) -> bool:
    whole = order.repository.contains(head, order.sides.theirs)
    if whole and merge_head(order.entry) == order.sides.theirs:
        forget_merge(order.entry)
    return whole


def _merge(order: Bringing, leave: bool) -> Brought:
    """`MERGE_HEAD` is the last that git writes: where it is, the merge is all there."""
    if merge_head(order.entry) != order.sides.theirs:
        why = _not_now(order)
        if why:
            return _brought(order, order.sides.ours, stopped=why)
        _back_to_ours(order)
        if order.repository.contains(order.sides.theirs, order.sides.ours):
            return _forward(order)
        output = _identified(order).ask("merge", "--no-commit", "--no-ff", *QUIET, order.sides.theirs)
        if merge_head(order.entry) != order.sides.theirs:
            _back_to_ours(order)
            return _brought(order, order.sides.ours, stopped=f"git merge: {output.complaint}")
    found = unmerged(order.git)
    if not found:
        return _brought(order, _commit(order))
    conflicts = _with_kinds(order, found)
    if not leave:
        _back_to_ours(order)
    return _brought(order, order.sides.ours, conflicts=conflicts)


def _not_now(order: Bringing) -> str:
    busy = _busy(order)
    if busy:
        return busy
    blocking = _in_the_way(order)
    return (
        f"{words(blocking)} stands where {order.sides.name} has a file, and is not part of the work" if blocking else ""
    )


def _in_the_way(order: Bringing) -> list[bytes]:
    """Files that are ignored here and come with the other side; what a killed merge left of it is taken away."""
    with private_index(order.git, order.sides.ours) as index:
        loose = set(index.scan().changed)
    new = order.git.run("diff-tree", "-r", "-z", "--name-only", "--diff-filter=A", order.sides.ours, order.sides.theirs)
    blocking: dict[bytes, None] = {}
    for path in new.fields:
        above = _not_a_folder(order, path)
        if above:
            if order.git.ask("cat-file", "-e", f"{order.sides.ours}:{decode(above)}").rc != 0:
                blocking[above] = None
        elif os.path.lexists(_here(order, path)) and not _is_left_over(order, path, path in loose):
            blocking[path] = None
    return list(blocking)


def _here(order: Bringing, path: bytes) -> Path:
    return Path(os.fsdecode(os.fsencode(order.entry.path) + b"/" + path))


def _not_a_folder(order: Bringing, path: bytes) -> bytes:
    """The topmost of its parents that is a file or a link here: what is behind a link is not the worktree's."""
    names = path.split(b"/")
    for depth in range(1, len(names)):
        above = b"/".join(names[:depth])
        place = _here(order, above)
        if os.path.lexists(place) and (place.is_symlink() or not place.is_dir()):
            return above
    return b""


def _is_left_over(order: Bringing, path: bytes, loose: bool) -> bool:
    """Not ignored, although all that is not was committed; or the beginning of what the other side has. It goes."""
    place = _here(order, path)
    if place.is_dir() and not place.is_symlink():
        return False
    theirs = order.git.run("cat-file", "blob", order.sides.theirs.encode() + b":" + path).out
    if not loose and (place.is_symlink() or not theirs.startswith(place.read_bytes())):
        return False
    place.unlink()
    return True


def _back_to_ours(order: Bringing) -> None:
    """Index and files as `ours` has them, whatever a kill left; nobody else works there."""
    (order.entry.admin / "index.lock").unlink(missing_ok=True)
    was = set(order.git.ask("ls-files", "-z").fields)
    forget_merge(order.entry)
    order.git.run("read-tree", "--reset", "-u", order.sides.ours)
    order.git.ask("update-index", "-q", "--refresh")
    for path in was - set(order.git.run("ls-files", "-z").fields):
        if not _not_a_folder(order, path):
            _here(order, path).unlink(missing_ok=True)


def _forward(order: Bringing) -> Brought:
    """Without commits of its own the branch is moved."""
    output = _identified(order).ask("merge", "--ff-only", *QUIET, order.sides.theirs)
    if output.rc != 0:
        _back_to_ours(order)
        return _brought(order, order.sides.ours, stopped=f"git merge: {output.complaint}")
    return _brought(order, order.sides.theirs)


def _identified(order: Bringing) -> Git:
    who = order.repository.identity()
    return order.git.told(people(Author(who, stamp(time.time())), who, stamp(time.time())))


def _commit(order: Bringing) -> str:
    ours, ref = order.sides.ours, branch_ref(order.branch)
    new = write_merge(order.repository, order.git.text("write-tree"), ours, order.sides, order.branch)
    order.git.run("update-ref", "--create-reflog", "-m", "swarmctl: sync", ref, new, ours)
    forget_merge(order.entry)
    return new


def _with_kinds(order: Bringing, paths: Iterable[bytes]) -> tuple[str, ...]:
    told = merge_trees(order.git, order.sides.ours, order.sides.theirs)
    kinds = {each.path: each.kind for each in told.paths} if isinstance(told, Conflict) else {}
    names = [decode(path) for path in paths]
    found = [f"{name} ({kinds.get(name, 'conflict').removeprefix('CONFLICT ').strip('()')})" for name in names]
    return shortened(found, NAMED)


def _brought(order: Bringing, head: str, *, conflicts: tuple[str, ...] = (), stopped: str = "") -> Brought:
    sides, git = order.sides, order.repository.git
    changed = order.repository.tree_of(head) != order.repository.tree_of(sides.theirs)
    span = f"{sides.ours}..{sides.theirs}"
    log = git.run("log", "--no-show-signature", "--format=%h %s", f"--max-count={LOGGED}", span).text
    more = int(git.text("rev-list", "--count", span)) - LOGGED
    return Brought(head, changed, conflicts, f"{log}\n… and {more} more" if more > 0 else log, stopped)
