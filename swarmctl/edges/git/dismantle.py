"""Taking apart what swarmctl made for itself: parked and integration worktrees, which hold nobody's work."""

from __future__ import annotations

import shutil
from pathlib import Path

from swarmctl.edges.git.registry import entries, forget
from swarmctl.edges.git.repository import Repository


def dismantle(repository: Repository, folders: tuple[Path, ...]) -> None:
    for entry in list(entries(repository)):
        if entry.ours and any(entry.path.is_relative_to(folder.resolve()) for folder in folders):
            shutil.rmtree(entry.path, ignore_errors=True)
            forget(entry)
