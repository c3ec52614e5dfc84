"""Which trashed worktrees may go: those older than the limit, then the oldest while the trash is too large."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from swarmctl.core.config import TrashSettings
from swarmctl.core.ids import SessionId

DAY_S = 86400.0
GB = 1e9
DOOMED = ".doomed"


def expired(trashed: Mapping[SessionId, Path], limits: TrashSettings, now: float) -> list[SessionId]:
    """Oldest first. A folder that is gone already counts as expired."""
    thrown_at = {session: _since(folder) for session, folder in trashed.items()}
    oldest_first = sorted(trashed, key=lambda session: thrown_at[session])
    gone = [session for session in oldest_first if now - thrown_at[session] > limits.days * DAY_S]
    kept = [session for session in oldest_first if session not in gone]
    sizes = {session: size_of(trashed[session]) for session in kept}
    while kept and sum(sizes[session] for session in kept) > limits.max_gb * GB:
        gone.append(kept.pop(0))
    return gone


def _since(folder: Path) -> float:
    try:
        return folder.lstat().st_ctime
    except OSError:
        return 0.0


def discard(folder: Path) -> None:
    """Out of the trash in one step, then away: nobody takes a half-deleted folder for what was thrown there.

    A rename needs no space, so that a full disk can be freed.
    """
    with suppress(FileNotFoundError):
        folder.rename(folder.with_name(f"{DOOMED}{folder.name}-{secrets.token_hex(4)}"))
    for doomed in folder.parent.glob(f"{DOOMED}*"):
        shutil.rmtree(doomed, ignore_errors=True)


def forgotten(aside: Path, limits: TrashSettings, now: float) -> list[Path]:
    """What was moved out of the way of a worktree, and is older than the limit."""
    if not aside.is_dir():
        return []
    return [folder for folder in sorted(aside.iterdir()) if now - _since(folder) > limits.days * DAY_S]


def size_of(folder: Path) -> int:
    """Bytes on disk of a file, or below a folder; links are not followed."""
    total = folder.stat().st_size if folder.is_file() else 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                total += (Path(place) / name).lstat().st_blocks * 512
            except OSError:
                continue
    return total
