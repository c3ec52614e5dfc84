"""Give an agent the repository's instructions under the name that it reads: links beside the files, never committed."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from swarmctl.edges.git.registry import Entry, also_keep_out, entry_at, kept_out
from swarmctl.edges.git.repository import Repository

IGNORED = "swarmctl-ignored"
"""In the worktree's own git directory: what the agent's git ignores there, the user's own patterns first."""


def alias(repository: Repository, entry: Entry, name: str, among: Sequence[str]) -> tuple[str, ...]:
    """A link called `name` in each folder that tracks one of `among` and has no `name`; the first of them counts."""
    patterns = [f":(glob)**/{each}" for each in (name, *among)]
    listed = [os.fsdecode(path) for path in entry.git.run("ls-files", "-z", "--", *patterns).fields]
    folders: dict[str, set[str]] = {}
    for path in listed:
        folder, _, file = path.rpartition("/")
        folders.setdefault(folder, set()).add(file)
    made = []
    for folder, files in sorted(folders.items()):
        source = next((each for each in among if each in files), "")
        if name not in files and source and _linked(entry.path, folder, name, source):
            made.append(f"{folder}/{name}" if folder else name)
    if made:
        also_keep_out(entry, made)
        _ignore(repository, entry, kept_out(entry))
    return tuple(made)


def ignored_in(repository: Repository, worktree: str) -> str:
    """The file of patterns for the agent's git; empty when it needs none."""
    entry = entry_at(repository, Path(worktree))
    place = entry.admin / IGNORED if entry else None
    return str(place) if place is not None and place.exists() else ""


def _linked(top: Path, folder: str, name: str, source: str) -> bool:
    """Whether the link is there; a folder that is a link may lead anywhere, and what the agent put there stays."""
    place = top / folder
    if place.resolve() != (top.resolve() / folder) or not (place / source).is_file():
        return False
    try:
        (place / name).symlink_to(source)
    except FileExistsError:
        return (place / name).is_symlink() and (place / name).readlink() == Path(source)
    return True


def _ignore(repository: Repository, entry: Entry, patterns: Iterable[str]) -> None:
    part = entry.admin / f"{IGNORED}.part"
    part.write_text("".join(f"{line}\n" for line in (*_users_own(repository), *patterns)), errors="surrogateescape")
    part.replace(entry.admin / IGNORED)


def _users_own(repository: Repository) -> list[str]:
    """Patterns that hold in all of the user's repositories, which one of ours would otherwise hide."""
    chosen = repository.config().get("core.excludesfile", ("",))[-1]
    home = os.environ.get("XDG_CONFIG_HOME") or "~/.config"
    place = Path(chosen or f"{home}/git/ignore").expanduser()
    try:
        return place.read_text(errors="surrogateescape").splitlines()
    except OSError:
        return []
