"""What stands in a work tree against a commit, file by file, believed only as far as nobody can forge it.

A file is read once; from then on its stat counts, with the ctime to the nanosecond, which no program sets back. What
changed in the very tick in which it was read is read again. No index, flag or timestamp of git's plays a part.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from swarmctl.edges.git.command import Git

GITLINK = b"160000"
LINK = b"120000"
PROGRAM = b"100755"
CHUNK = 1 << 20
AT_ONCE = 64

Tracked = dict[bytes, tuple[bytes, str]]
"""Mode and oid by path."""
Sight = tuple[int, int, int, int, int]


@dataclass(frozen=True, slots=True)
class Seen:
    """A file that held an object when it was read, and how its stat was then."""

    mode: bytes
    oid: str
    sight: Sight


@dataclass
class Memory:
    """What the last audits of one work tree found; kept in this process alone, out of everybody's reach."""

    commit: str = ""
    tracked: Tracked = field(default_factory=dict)
    seen: dict[bytes, Seen] = field(default_factory=dict)


def audit(git: Git, commit: str, memory: Memory) -> list[bytes]:
    """The paths that are not as `commit` has them; `git` writes files by the commit's own attributes only."""
    assert git.work_tree is not None
    root = os.fsencode(git.work_tree)
    if memory.commit != commit:
        memory.tracked, memory.commit = _tracked(git, commit), commit
    tick = _tick(git)
    seen, odd, wrong = _look(root, memory, tick)
    converted = _converted(git, root, odd)
    wrong += [path for path in odd if path not in converted]
    memory.seen = seen | converted
    for path in [path for path, one in memory.seen.items() if one.sight[0] >= tick]:
        del memory.seen[path]
    return sorted(wrong)


def _tracked(git: Git, commit: str) -> Tracked:
    tracked: Tracked = {}
    for entry in git.run("ls-tree", "-r", "-z", "--full-tree", commit).fields:
        facts, _, path = entry.partition(b"\t")
        mode, _, oid = facts.split()
        if mode != GITLINK:
            tracked[path] = (mode, oid.decode())
    return tracked


def _tick(git: Git) -> int:
    """The time that a change would be stamped with now, by the clock and the precision of the work tree's own disk."""
    assert git.work_tree is not None
    probe = git.work_tree.with_name(f".{git.work_tree.name}.tick")
    probe.write_bytes(b"")
    os.utime(probe)
    return probe.stat().st_ctime_ns


def _look(root: bytes, memory: Memory, tick: int) -> tuple[dict[bytes, Seen], dict[bytes, Seen], list[bytes]]:
    """Files that are as they should be, those whose bytes differ (maybe by a conversion), and what is wrong at all."""
    good: dict[bytes, Seen] = {}
    odd: dict[bytes, Seen] = {}
    wrong: list[bytes] = []
    folders = _Folders(root)
    for path, (mode, oid) in memory.tracked.items():
        sight = _sight(root + b"/" + path) if folders.real(path.rpartition(b"/")[0]) else None
        known = memory.seen.get(path)
        if sight is None:
            wrong.append(path)
        elif known is not None and (known.sight, known.oid, known.mode) == (sight, oid, mode):
            good[path] = known
        elif not _fits(mode, sight[4]):
            wrong.append(path)
        else:
            bucket = good if _holds(root + b"/" + path, mode, oid, sight) else odd
            bucket[path] = Seen(mode, oid, sight)
    return good, odd, wrong


class _Folders:
    """Whether a folder is one, and no link leads to it."""

    def __init__(self, root: bytes) -> None:
        self._root = root
        self._known = {b"": True}

    def real(self, folder: bytes) -> bool:
        found = self._known.get(folder)
        if found is None:
            try:
                mode = os.lstat(self._root + b"/" + folder).st_mode
            except OSError:
                mode = 0
            found = stat.S_ISDIR(mode) and self.real(folder.rpartition(b"/")[0])
            self._known[folder] = found
        return found


def _sight(path: bytes) -> Sight | None:
    try:
        facts = os.lstat(path)
    except OSError:
        return None
    return (facts.st_ctime_ns, facts.st_mtime_ns, facts.st_size, facts.st_ino, facts.st_mode)


def _fits(mode: bytes, found: int) -> bool:
    """The kind of file that the mode says, readable by its owner, a program exactly where it should be."""
    if mode == LINK:
        return stat.S_ISLNK(found)
    rights = 0o700 if mode == PROGRAM else 0o600
    return stat.S_ISREG(found) and found & 0o700 == rights


def _holds(path: bytes, mode: bytes, oid: str, sight: Sight) -> bool:
    digest = hashlib.sha1(usedforsecurity=False) if len(oid) == 40 else hashlib.sha256()
    digest.update(b"blob %d\0" % sight[2])
    if mode == LINK:
        digest.update(os.readlink(path))  # noqa: PTH115
    else:
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123
            while chunk := file.read(CHUNK):
                digest.update(chunk)
    return digest.hexdigest() == oid


def _converted(git: Git, root: bytes, odd: dict[bytes, Seen]) -> dict[bytes, Seen]:
    """Those whose bytes are what a checkout writes there: line endings, or a filter that is trusted."""
    files = [path for path, one in odd.items() if one.mode != LINK]
    found: dict[bytes, Seen] = {}
    for start in range(0, len(files), AT_ONCE):
        some = files[start : start + AT_ONCE]
        as_written = (
            some if _as_written(git, root, odd, some) else [p for p in some if _as_written(git, root, odd, [p])]
        )
        found |= {path: odd[path] for path in as_written}
    return found


def _as_written(git: Git, root: bytes, odd: dict[bytes, Seen], paths: Iterable[bytes]) -> bool:
    """git tells the size before the conversion, so the answer is compared whole instead of taken apart."""
    names = [(odd[path].oid.encode(), path) for path in paths]
    asked = b"".join(oid + b" " + path + b"\0" for oid, path in names)
    sizes = git.ask("cat-file", "-z", "--batch-check=%(objectsize)", stdin=b"".join(oid + b"\0" for oid, _ in names))
    answer = git.ask("cat-file", "-z", "--batch=%(objectsize)", "--filters", stdin=asked)
    if sizes.rc != 0 or answer.rc != 0:
        return False
    expected = [
        size + b"\n" + Path(os.fsdecode(root + b"/" + path)).read_bytes() + b"\n"
        for size, (_, path) in zip(sizes.out.splitlines(), names, strict=True)
    ]
    return answer.out == b"".join(expected)
