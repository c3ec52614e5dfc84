"""A part of a session's work taken out of its worktree again; a kill on the way is followed by the same once more.

Callers have committed everything that is not ignored, and commit what this leaves. Nothing but the files that are
named changes, and only when they are what the person saw.
"""

from __future__ import annotations

import os
from pathlib import Path

from swarmctl.core.rejection import Rejection, without
from swarmctl.edges.git.command import Git
from swarmctl.edges.git.lock import held, lock_name
from swarmctl.edges.git.making import filling
from swarmctl.edges.git.registry import Entry, under_way
from swarmctl.edges.git.repository import Repository
from swarmctl.edges.git.snapshot import GITLINK, PrivateIndex, private_index

GONE = (b"", b"")
IN_THE_WAY = (b"in the way", b"")
CHANGED = "it changed since you looked"
Entries = dict[bytes, tuple[bytes, bytes]]
"""Mode and oid by path; both empty where there is none."""


def reject(repository: Repository, entry: Entry, what: Rejection, *, locks: Path) -> str:
    with held(locks / lock_name(entry.path)) as lock:
        git = filling(repository, entry.git).holding(lock)
        doing = under_way(entry.admin)
        if doing:
            return f"a {doing} is under way in {entry.path}"
        head = repository.commit_of("HEAD", git)
        paths = [os.fsencode(path) for path in what.paths]
        was, seen, now = (_entries(repository.git, tree, paths) for tree in (what.before, what.after, head))
        goal = was if what.run is None else _without_run(repository, what, seen)
        if goal is None:
            return "its lines are not text that can be taken apart"
        if GITLINK in {mode for entries in (was, seen) for mode, _ in entries.values()}:
            return "a repository inside this one is not taken back from here"
        if any(now[path] not in (seen[path], goal[path]) for path in paths):
            return CHANGED
        if any(_inside(repository.git, head, path) for path, goal_entry in goal.items() if goal_entry != GONE):
            return "a folder stands in its place: reject what is in it first"
        return _apply(git, head, what.after, now, goal)


def _without_run(repository: Repository, what: Rejection, seen: Entries) -> Entries | None:
    """A blob of its own, and the mode that the file has."""
    assert what.run is not None
    before, after = repository.objects(f"{what.before}:{what.old}", f"{what.after}:{what.new}")
    if before is None or after is None or before.kind != "blob" or after.kind != "blob":
        return None
    content = without(before.content, after.content, what.run)
    oid = repository.git.run("hash-object", "-t", "blob", "-w", "--stdin", stdin=content).out.strip()
    path = os.fsencode(what.new)
    return {path: (seen[path][0], oid)}


def _apply(git: Git, head: str, after: str, now: Entries, goal: Entries) -> str:
    with private_index(git, head, fresh=True) as index:
        wanted = _tree_with(index, after, goal)
        if wanted != _tree_with(index, head, goal):
            return CHANGED
        moved = [path for path, entry in goal.items() if entry != now[path]]
        found = _on_disk(index, head, moved)
    if any(found[path] not in (now[path], goal[path]) for path in moved):
        return CHANGED
    if moved:
        listed = b"".join(path + b"\0" for path in moved)
        flags = ("--quiet", "--staged", "--worktree", "--pathspec-from-file=-", "--pathspec-file-nul")
        git.run("--literal-pathspecs", "restore", f"--source={wanted}", *flags, stdin=listed)
    return ""


def _tree_with(index: PrivateIndex, tree: str, goal: Entries) -> str:
    """What is to be gone goes first: a folder may stand in the place of a file."""
    index.git.run("read-tree", tree)
    gone = b"".join(path + b"\0" for path, entry in goal.items() if entry == GONE)
    kept = b"".join(mode + b" " + oid + b"\t" + path + b"\0" for path, (mode, oid) in goal.items() if oid)
    index.git.run("update-index", "--force-remove", "-z", "--stdin", stdin=gone)
    index.git.run("update-index", "--add", "-z", "--index-info", stdin=kept)
    return index.write()


def _on_disk(index: PrivateIndex, head: str, paths: list[bytes]) -> Entries:
    """What stands there this moment, ignored or not; what leaves no place for a file is `IN_THE_WAY`."""
    index.git.run("read-tree", head)
    index.add(paths)
    found = _entries(index.git, index.write(), paths)
    return {path: IN_THE_WAY if _is_blocked(index.root, path) else entry for path, entry in found.items()}


def _is_blocked(root: Path, path: bytes) -> bool:
    """By a folder with something in it, or by what is no folder where one of its own is to be."""
    name = Path(os.fsdecode(path))
    if _is_folder(root / name):
        return any((root / name).iterdir())
    return any(os.path.lexists(root / above) and not _is_folder(root / above) for above in name.parents[:-1])


def _is_folder(place: Path) -> bool:
    return place.is_dir() and not place.is_symlink()


def _inside(git: Git, tree: str, path: bytes) -> bool:
    """A folder is there under this name."""
    return bool(git.run("--literal-pathspecs", "ls-tree", "-z", tree, "--", path + b"/").out)


def _entries(git: Git, tree: str, paths: list[bytes]) -> Entries:
    found: Entries = dict.fromkeys(paths, GONE)
    for line in git.run("--literal-pathspecs", "ls-tree", "-z", tree, "--", *paths).fields:
        facts, _, path = line.partition(b"\t")
        mode, _, oid = facts.split(b" ")
        if path in found and mode != b"040000":
            found[path] = (mode, oid)
    return found
