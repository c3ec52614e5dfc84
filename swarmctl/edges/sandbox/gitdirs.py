"""What git has to write of a repository so that a session can commit in its worktree, and nothing besides.

Where that is follows from the repository's own records: the worktree's `.git` is for the agent to write.
"""

from __future__ import annotations

import os
from pathlib import Path

from swarmctl.core.values import dataclass

OURS = "refs/heads/swarm"
KEEPS = ".kept"
"""git passes over a name with a dot and leaves the folder alone that holds one."""
FIXED_IN_ADMIN = ("commondir", "gitdir", "config.worktree", "locked", "swarmctl-made", "swarmctl-exclude")


@dataclass(frozen=True, slots=True)
class GitDirs:
    write: tuple[Path, ...]
    read: tuple[Path, ...]
    """Inside of what may be written, and not to be."""


def git_dirs(common: Path, worktree: Path) -> GitDirs | None:
    """None for a folder that is no linked worktree of the repository."""
    admin = _admin(common, worktree)
    if admin is None:
        return None
    objects = common / "objects"
    folders = [objects, admin, _kept(common / OURS), _kept(common / "logs" / OURS)]
    if (common / "reftable").is_dir():
        folders.append(common / "reftable")
    fixed = [admin / name for name in FIXED_IN_ADMIN] + [objects / "pack", objects / "info"]
    return GitDirs(tuple(folders), tuple(path for path in fixed if path.exists()))


def _admin(common: Path, worktree: Path) -> Path | None:
    records = common / "worktrees"
    places = {os.fsencode(worktree / ".git"), os.fsencode(worktree.resolve() / ".git")}
    for admin in sorted(records.iterdir()) if records.is_dir() else ():
        try:
            named = (admin / "gitdir").read_bytes().rstrip(b"\n")
        except OSError:
            continue
        if named in places or os.path.normpath(os.path.join(os.fsencode(admin), named)) in places:  # noqa: PTH118
            return admin
    return None


def _kept(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / KEEPS).touch()
    return folder
