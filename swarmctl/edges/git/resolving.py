"""Whether a merge that conflicted is resolved: nothing is taken for resolved because somebody says that it is."""

from __future__ import annotations

import os
import re
from pathlib import Path

from swarmctl.core.bringing import Sides
from swarmctl.edges.git.command import Git, decode
from swarmctl.edges.git.registry import Entry
from swarmctl.edges.git.repository import Repository
from swarmctl.edges.git.snapshot import PrivateIndex
from swarmctl.edges.git.staging import conflicts_in

MERGE_FILES = ("MERGE_HEAD", "MERGE_MSG", "MERGE_MODE", "AUTO_MERGE")
MARKER = re.compile(rb"^(?:<{7,}|>{7,}|\|{7,})(?: .*)?\r?$", re.MULTILINE)


def merge_head(entry: Entry) -> str:
    """What is being merged there; empty when nothing is."""
    try:
        return (entry.admin / "MERGE_HEAD").read_text().strip()
    except OSError:
        return ""


def forget_merge(entry: Entry) -> None:
    for name in MERGE_FILES:
        (entry.admin / name).unlink(missing_ok=True)


def unmerged(git: Git) -> tuple[bytes, ...]:
    listed = git.run("ls-files", "-z", "--unmerged").fields
    return tuple(dict.fromkeys(entry.partition(b"\t")[2] for entry in listed))


def unresolved(repository: Repository, git: Git, index: PrivateIndex, sides: Sides) -> list[str]:
    """A line for each file that is not; the others are in `index` afterwards, as they are on disk.

    Markers count in every file that conflicted, wherever the merge stands by now, unless one of the sides has them too.
    A file without markers counts as resolved once it was changed, removed, or added with git.
    """
    output = git.ask("merge-tree", "--write-tree", "-z", "--name-only", "--messages", sides.ours, sides.theirs)
    left = output.out.split(b"\0")[0].decode()
    told = [os.fsencode(each.path) for each in conflicts_in(output)] if output.rc == 1 else []
    waiting = unmerged(index.git)
    marked = [path for path in dict.fromkeys((*told, *waiting)) if _has_markers(repository, index.root, sides, path)]
    index.add(path for path in waiting if path not in marked)
    before, now = _blobs(git, "ls-tree", "-r", "-z", left), _blobs(index.git, "ls-files", "-z", "-s")
    as_left = [path for path in waiting if path not in marked and path in now and now[path] == before.get(path)]
    return [f"{decode(path)} has conflict markers" for path in marked] + [
        f"{decode(path)} is as the merge left it; git add or git rm says what it shall be" for path in as_left
    ]


def _has_markers(repository: Repository, root: Path, sides: Sides, path: bytes) -> bool:
    try:
        place = os.fsencode(root) + b"/" + path
        found = set(MARKER.findall(b"" if os.path.islink(place) else Path(os.fsdecode(place)).read_bytes()))  # noqa: PTH114
    except OSError:
        return False
    if found:
        for side in (sides.ours, sides.theirs):
            found -= set(MARKER.findall(repository.git.ask("cat-file", "blob", side.encode() + b":" + path).out))
    return bool(found)


def _blobs(git: Git, *listing: str) -> dict[bytes, bytes]:
    """The oid of each path; of `ls-tree` the third word, of `ls-files` the second."""
    found = {}
    for entry in git.run(*listing).fields:
        facts, _, path = entry.partition(b"\t")
        found[path] = facts.split()[2 if listing[0] == "ls-tree" else 1]
    return found
