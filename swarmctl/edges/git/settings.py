"""git's settings as they are now, read again only when a file that they come from has changed."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from swarmctl.edges.git.command import Git, decode

Config = dict[str, tuple[str, ...]]
Signature = tuple[int, int, int, int] | None
REMEMBERED = 256
"""Worktrees come and go; one that is forgotten is read again."""


@dataclass(frozen=True)
class _Read:
    config: Config
    files: dict[Path, Signature]


class Settings:
    """Keys are in lower case up to the subsection; what our own command lines say is left out."""

    def __init__(self) -> None:
        self._read: dict[Path, _Read] = {}

    def of(self, git: Git) -> Config:
        known = self._read.get(git.git_dir)
        if known is None or any(signature(file) != seen for file, seen in known.files.items()):
            known = _fresh(git)
            self._read = dict([*self._read.items(), (git.git_dir, known)][-REMEMBERED:])
        return known.config


def _fresh(git: Git) -> _Read:
    before = {file: signature(file) for file in _places(git)}
    config: Config = {}
    listing = iter(Git(git.git_dir).run("config", "--list", "-z", "--show-origin").out.split(b"\0"))
    for origin, entry in zip(listing, listing, strict=False):
        kind, _, place = origin.partition(b":")
        if kind != b"file":
            continue
        file = git.git_dir / os.fsdecode(place)
        before.setdefault(file, signature(file))
        raw_key, _, raw_value = entry.partition(b"\n")
        key = decode(raw_key)
        config[key] = (*config.get(key, ()), decode(raw_value))
    return _Read(config, before)


def _places(git: Git) -> list[Path]:
    """Files that git would read if they were there."""
    home = Path.home()
    common = git.git_dir.parent.parent if git.git_dir.parent.name == "worktrees" else git.git_dir
    return [
        common / "config",
        common / "config.worktree",
        git.git_dir / "config.worktree",
        Path(os.environ.get("GIT_CONFIG_GLOBAL") or home / ".gitconfig"),
        Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config") / "git" / "config",
    ]


def signature(file: Path) -> Signature:
    try:
        facts = file.stat()
    except OSError:
        return None
    return (facts.st_mtime_ns, facts.st_ctime_ns, facts.st_ino, facts.st_size)
