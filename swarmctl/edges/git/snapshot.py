"""Everything in a work tree that is not ignored, as a tree: through a private index, so that nothing there changes.

Trusts nothing an agent left: hidden flags in the index, broken indexes, repositories inside the repository.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from swarmctl.core.errors import EnvironmentFault
from swarmctl.core.listing import in_short
from swarmctl.edges.git.command import Git, decode
from swarmctl.edges.git.registry import KEPT_OUT
from swarmctl.edges.git.repository import linked_git_dir

PRIVATE_INDEX = "swarmctl-index"
GITLINK = b"160000"


@dataclass(frozen=True)
class Scan:
    """How the files differ from the index; paths are raw bytes."""

    changed: tuple[bytes, ...]
    """Modified, deleted and untracked files."""
    nested: tuple[bytes, ...]
    """Repositories inside: untracked ones, and submodules whose files are there."""
    unmerged: tuple[bytes, ...]
    tracked_nested: tuple[bytes, ...]


class PrivateIndex:
    """A copy of a worktree's index that our git calls use instead of it."""

    def __init__(self, git: Git, path: Path) -> None:
        assert git.work_tree is not None
        self.path = path
        self.root = git.work_tree
        self.git = git.told({"GIT_INDEX_FILE": str(path)})

    def start(self, source: Path, head: str) -> None:
        """From the worktree's index when it can be read, else from `head`."""
        if source.exists():
            shutil.copy2(source, self.path)
            if self._unhide():
                return
            self.path.unlink(missing_ok=True)
        self.git.run("read-tree", head or "--empty")
        self._unhide()

    def _unhide(self) -> bool:
        """Take back assume-unchanged, and skip-worktree where the file exists; False when the index is broken."""
        listed = self.git.ask("ls-files", "-z", "-v")
        if listed.rc != 0:
            return False
        flagged = [(entry[:1], entry[2:]) for entry in listed.fields if entry[:1] not in (b"H", b"M")]
        assumed = [path for tag, path in flagged if tag.islower()]
        skipped = [path for tag, path in flagged if tag.upper() == b"S" and os.path.lexists(self._on_disk(path))]
        for option, paths in (("--no-assume-unchanged", assumed), ("--no-skip-worktree", skipped)):
            if paths:
                self.git.run("update-index", option, "-z", "--stdin", stdin=_joined(paths))
        return True

    def scan(self) -> Scan:
        changed: dict[bytes, None] = {}
        found: dict[bytes, None] = {}
        listing = self.git.run("ls-files", "-z", "-m", "-d", "-o", "--exclude-standard", *self._kept_out())
        for path in listing.fields:
            if path.endswith(b"/"):
                found[path.rstrip(b"/")] = None
            else:
                changed[path] = None
        links, unmerged = self._odd_entries()
        tracked = [path for path in links if os.path.lexists(self._on_disk(path) + b"/.git")]
        for path in tracked:
            found[path] = None
        plain = tuple(path for path in changed if path not in found)
        return Scan(plain, tuple(found), tuple(unmerged), tuple(tracked))

    def _odd_entries(self) -> tuple[list[bytes], dict[bytes, None]]:
        links: list[bytes] = []
        unmerged: dict[bytes, None] = {}
        for entry in self.git.run("ls-files", "-z", "-s").fields:
            facts, _, path = entry.partition(b"\t")
            if facts.startswith(GITLINK):
                links.append(path)
            if not facts.endswith(b" 0"):
                unmerged[path] = None
        return links, unmerged

    def _kept_out(self) -> list[str]:
        patterns = self.git.git_dir / KEPT_OUT
        return [f"--exclude-from={patterns}"] if patterns.exists() else []

    def add(self, paths: Iterable[bytes]) -> None:
        """Take the files as they are on disk; a path that is gone, behind a link or a folder now, leaves the index."""
        links: dict[bytes, bool] = {}
        kept: list[bytes] = []
        gone: list[bytes] = []
        for path in paths:
            behind = self._behind_link(path.rpartition(b"/")[0], links)
            (gone if behind or self._is_folder(path) else kept).append(path)
        if gone:
            self.git.run("update-index", "--force-remove", "-z", "--stdin", stdin=_joined(gone))
        self.git.run("update-index", "--add", "--remove", "--replace", "-z", "--stdin", stdin=_joined(kept))

    def _is_folder(self, path: bytes) -> bool:
        place = self._on_disk(path)
        return os.path.isdir(place) and not os.path.islink(place)  # noqa: PTH112, PTH114

    def _behind_link(self, folder: bytes, known: dict[bytes, bool]) -> bool:
        """Whether the folder is a symlink or below one, as where an agent put a link in place of a folder."""
        if not folder:
            return False
        if folder not in known:
            above = folder.rpartition(b"/")[0]
            known[folder] = os.path.islink(self._on_disk(folder)) or self._behind_link(above, known)  # noqa: PTH114
        return known[folder]

    def take_in(self, path: bytes, tree: str) -> None:
        """Put `tree` where a nested repository is."""
        self.git.run("update-index", "--force-remove", "-z", "--stdin", stdin=_joined([path]))
        self.git.run("read-tree", b"--prefix=" + path + b"/", tree)

    def write(self) -> str:
        return self.git.text("write-tree")

    def _on_disk(self, path: bytes) -> bytes:
        return os.fsencode(self.root) + b"/" + path


@contextmanager
def private_index(git: Git, head: str, *, fresh: bool = False) -> Iterator[PrivateIndex]:
    """Callers hold the worktree's lock, so that one fixed name is enough and what a kill left over is replaced."""
    path = git.git_dir / PRIVATE_INDEX
    _discard(path)
    index = PrivateIndex(git, path)
    try:
        index.start(Path(os.devnull) / "none" if fresh else git.git_dir / "index", head)
        yield index
    finally:
        _discard(path)


def _discard(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.with_name(f"{path.name}.lock").unlink(missing_ok=True)


def whole_tree(index: PrivateIndex, as_committed: Collection[bytes] = ()) -> str:
    """The tree of everything there is; files of nested repositories stand in it as ordinary files.

    Paths that are known to be `as_committed` stay as the index has them.
    """
    scan = index.scan()
    index.add(path for path in scan.changed if path not in as_committed)
    nothing = empty_tree(index.git) if scan.nested else ""
    for number, path in enumerate(scan.nested):
        tree = _nested_tree(index, path, number)
        if tree != nothing:
            index.take_in(path, tree)
    return index.write()


def empty_tree(git: Git) -> str:
    """The oid of a tree with nothing in it, by the repository's own hash."""
    return git.text("hash-object", "-t", "tree", "-w", "--stdin")


def _nested_tree(outer: PrivateIndex, path: bytes, number: int) -> str:
    """Written into the outer repository's objects; the inner repository's settings play no part."""
    name = outer.path.with_name(f"{outer.path.name}.{number}")
    _discard(name)
    plain = Git(outer.git.git_dir, Path(os.fsdecode(outer._on_disk(path))), outer.git.config, (), outer.git.holds)
    inner = PrivateIndex(plain, name)
    try:
        inner.git.run("read-tree", "--empty")
        return whole_tree(inner)
    finally:
        _discard(name)


def nested_git(outer: PrivateIndex, path: bytes) -> Git | None:
    """The nested repository's own git, for reading its refs; None when it has none that works."""
    place = Path(os.fsdecode(outer._on_disk(path)))
    try:
        git = Git(linked_git_dir(place), place)
        return git if git.ask("rev-parse", "--git-dir").rc == 0 else None
    except EnvironmentFault:
        return None


def _joined(paths: Iterable[bytes]) -> bytes:
    return b"".join(path + b"\0" for path in paths)


def words(paths: Iterable[bytes]) -> str:
    """Paths for a person, in one line."""
    return in_short([decode(path).replace("\n", "\\n") for path in paths])
