"""The worktrees a repository knows, read from its own records; ours are those locked with our reason."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from swarmctl.edges.git.command import Git
from swarmctl.edges.git.repository import Repository

LOCK_REASON = "swarmctl"
MADE = "swarmctl-made"
"""Written last into the records of a worktree: without it the worktree was never finished, and nobody worked there."""
KEPT_OUT = "swarmctl-exclude"
"""Patterns of what provisioning made there: never part of the work."""
UNDER_WAY = {
    "MERGE_HEAD": "merge",
    "CHERRY_PICK_HEAD": "cherry-pick",
    "REVERT_HEAD": "revert",
    "rebase-merge": "rebase",
    "rebase-apply": "rebase",
    "BISECT_LOG": "bisect",
    "sequencer": "cherry-pick",
}


@dataclass(frozen=True)
class Entry:
    """One linked worktree: where it is, and its records under the common git directory."""

    path: Path
    admin: Path

    @property
    def ours(self) -> bool:
        try:
            return (self.admin / "locked").read_text(errors="replace").strip() == LOCK_REASON
        except OSError:
            return False

    @property
    def finished(self) -> bool:
        return self.ours and (self.admin / MADE).exists() and self.path.is_dir()

    @property
    def git(self) -> Git:
        return Git(self.admin, self.path)

    @property
    def origin(self) -> str:
        """Where it came from, as its mark says: `pool`, or something else."""
        return (self.admin / MADE).read_text().strip()

    def finish(self, origin: str) -> None:
        (self.admin / MADE).write_text(f"{origin}\n")


def entries(repository: Repository) -> Iterator[Entry]:
    folder = repository.common / "worktrees"
    for admin in sorted(folder.iterdir()) if folder.is_dir() else ():
        try:
            named = os.fsdecode((admin / "gitdir").read_bytes().rstrip(b"\n"))
        except OSError:
            continue
        dot_git = Path(named) if named.startswith("/") else Path(os.path.normpath(admin / named))
        yield Entry(dot_git.parent, admin)


def entry_at(repository: Repository, path: Path) -> Entry | None:
    real = path.resolve()
    return next((entry for entry in entries(repository) if entry.path in (path, real)), None)


def head_of(git_dir: Path) -> str:
    try:
        return os.fsdecode((git_dir / "HEAD").read_bytes()).strip()
    except OSError:
        return ""


def checked_out(repository: Repository, branch: str) -> Iterator[Path]:
    """Where the branch is, as a rule nowhere or in one place."""
    wanted = f"ref: refs/heads/{branch}"
    if head_of(repository.common) == wanted:
        yield repository.root
    yield from (entry.path for entry in entries(repository) if head_of(entry.admin) == wanted)


def forget(entry: Entry) -> None:
    """Drop the records of one worktree of ours whose directory is elsewhere by now; nobody else's are touched.

    Without `gitdir`, which goes first, they name no place any more, should a kill leave the rest.
    """
    (entry.admin / "gitdir").unlink(missing_ok=True)
    shutil.rmtree(entry.admin, ignore_errors=True)
    try:
        entry.admin.parent.rmdir()
    except OSError:
        pass


def under_way(git_dir: Path) -> str:
    """What a checkout is in the middle of; empty when nothing."""
    return next((what for name, what in UNDER_WAY.items() if (git_dir / name).exists()), "")


def keep_out(entry: Entry, paths: Iterable[str]) -> None:
    """Paths that are never part of the work, as gitignore patterns that match them and no other."""
    lines = [f"/{''.join(_escaped(letter) for letter in path)}\n" for path in paths]
    (entry.admin / KEPT_OUT).write_text("".join(lines))


def also_keep_out(entry: Entry, paths: Iterable[str]) -> None:
    before = kept_out(entry)
    keep_out(entry, paths)
    lines = dict.fromkeys([*before, *kept_out(entry)])
    (entry.admin / KEPT_OUT).write_text("".join(f"{line}\n" for line in lines))


def kept_out(entry: Entry) -> list[str]:
    try:
        return (entry.admin / KEPT_OUT).read_text().splitlines()
    except OSError:
        return []


def _escaped(letter: str) -> str:
    return f"\\{letter}" if letter in "\\*?[]!# " else letter
