"""Find a repository's state directory with `os` alone, without git: the fast path of commands that only read.

The record in the git common dir names the state folder; it counts only for the repository it was written for.
"""

# pathlib costs 7 ms, which is most of what `ps` may take.
# ruff: noqa: PTH208, PTH100, PTH111, PTH112, PTH113, PTH116, PTH117, PTH118, PTH120, PTH123

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

RECORD = "swarmctl"
"""Name of the record in the git common dir."""
OWNER = "repository"
"""Name of the same record in the state folder; it decides when a repository was copied."""

Record = tuple[str, str, str]
"""Folder under the state home, `device:inode` of the git common dir, and its path."""


def state_home(environ: Mapping[str, str]) -> str:
    base = environ.get("XDG_STATE_HOME", "")
    if not os.path.isabs(base):
        base = os.path.join(environ.get("HOME") or os.path.expanduser("~"), ".local", "state")
    return os.path.join(base, "swarmctl")


def runtime_dir(environ: Mapping[str, str]) -> str:
    """Where sockets live; short, because a socket's path may have 107 bytes."""
    base = environ.get("XDG_RUNTIME_DIR", "")
    if os.path.isabs(base) and len(base) < 60 and os.path.isdir(base) and os.stat(base).st_uid == os.geteuid():
        return os.path.join(base, "swarmctl")
    base = environ.get("TMPDIR", "")
    if not os.path.isabs(base) or len(base) > 60 or not os.path.isdir(base):
        base = "/tmp"
    return os.path.join(base, f"swarmctl-{os.geteuid()}")


def find_git(cwd: str) -> tuple[str, str] | None:
    """The top of the work tree that holds `cwd`, and its git common dir."""
    folder = os.path.abspath(cwd)
    while True:
        dot_git = os.path.join(folder, ".git")
        if os.path.isdir(dot_git):
            return folder, _common(dot_git)
        if os.path.isfile(dot_git):
            word = _read(dot_git)
            if word.startswith("gitdir:"):
                return folder, _common(os.path.join(folder, word[7:].strip()))
        parent = os.path.dirname(folder)
        if parent == folder:
            return None
        folder = parent


def find(cwd: str, environ: Mapping[str, str] = os.environ) -> str | None:
    """The state directory of the repository around `cwd`; None when it has none yet."""
    git = find_git(cwd)
    if git is None:
        return None
    common = git[1]
    record = read_record(os.path.join(common, RECORD))
    if record is None:
        return None
    state = os.path.join(state_home(environ), record[0])
    owner = read_record(os.path.join(state, OWNER)) or record
    return state if belongs(owner, common) and os.path.isdir(state) else None


def find_all(environ: Mapping[str, str] = os.environ) -> list[str]:
    """The state directories of every repository that still exists."""
    home = state_home(environ)
    try:
        names = sorted(os.listdir(home))
    except OSError:
        return []
    folders = [os.path.join(home, name) for name in names]
    owners = [(folder, read_record(os.path.join(folder, OWNER))) for folder in folders]
    return [folder for folder, owner in owners if owner and os.path.isdir(owner[2])]


def read_record(path: str) -> Record | None:
    return parse_record(_read(path))


def parse_record(text: str) -> Record | None:
    parts = text.rstrip("\n").split("\n", 2)
    if len(parts) != 3 or not parts[0].strip(".") or "/" in parts[0] or "\0" in parts[0]:
        return None
    return parts[0], parts[1], parts[2]


def belongs(record: Record, common: str) -> bool:
    """Same inode, same path, or moved away from a path that is gone; a copy is none of these."""
    _, inode, path = record
    return inode == inode_of(common) or path == common or not os.path.isdir(path)


def inode_of(path: str) -> str:
    status = os.stat(path)
    return f"{status.st_dev}:{status.st_ino}"


def _common(git_dir: str) -> str:
    word = _read(os.path.join(git_dir, "commondir")).strip("\n")
    return os.path.realpath(os.path.join(git_dir, word) if word else git_dir)


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return file.read(8192)
    except OSError:
        return ""
