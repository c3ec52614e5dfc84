"""A directory goes elsewhere whole or not at all, to another disk as well; what a kill cut short is brought to its end.

Across disks the copy is compared with what it came from before that is let go: under another name first, so that at
every moment either the old place or the new one, or the copy beside the new one, is known to be whole.
"""

from __future__ import annotations

import errno
import filecmp
import os
import shutil
import stat
from pathlib import Path

from swarmctl.core.errors import EnvironmentFault


def move(path: Path, to: Path) -> None:
    finish_move(path, to)
    if not _renamed(path, to):
        _copy(path, _part(to))
        path.rename(_doomed(path))
        finish_move(path, to)


def finish_move(path: Path, to: Path) -> None:
    """Once the old place has its other name, the copy was compared and counts."""
    doomed, part = _doomed(path), _part(to)
    if not os.path.lexists(doomed):
        return
    if part.exists():
        if os.path.lexists(to):
            raise EnvironmentFault(f"{to} is in the way of {part}", hint=f"move {to} elsewhere, then try again")
        part.rename(to)
    shutil.rmtree(doomed, ignore_errors=True)


def move_or_copy(path: Path, to: Path, part: Path) -> None:
    """`path` may still be there afterwards; `part` is on the disk of `to`, where nobody takes it for the whole."""
    if not _renamed(path, to):
        _copy(path, part)
        part.rename(to)


def _renamed(path: Path, to: Path) -> bool:
    """False when it is on another disk."""
    try:
        path.rename(to)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        return False
    return True


def _part(to: Path) -> Path:
    return to.with_name(f"{to.name}.part")


def _doomed(path: Path) -> Path:
    return path.with_name(f".{path.name}.copied")


def _copy(path: Path, part: Path) -> None:
    """On the disk for good when this returns."""
    shutil.rmtree(part, ignore_errors=True)
    try:
        shutil.copytree(path, part, symlinks=True, ignore=_special)
    except shutil.Error as error:
        source, _, why = error.args[0][0]
        raise EnvironmentFault(f"{source} could not be copied: {why}", hint="swarmctl doctor") from error
    _compare(path, part)
    os.sync()


def _special(folder: str, names: list[str]) -> set[str]:
    """Sockets, pipes and devices hold no bytes."""
    modes = {name: Path(folder, name).lstat().st_mode for name in names}
    return {
        name for name, mode in modes.items() if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode) or stat.S_ISLNK(mode))
    }


def _compare(path: Path, copy: Path) -> None:
    for folder, folders, names in os.walk(path):
        there = copy / Path(folder).relative_to(path)
        for name in {*folders, *names} - _special(folder, [*folders, *names]):
            if not _alike(Path(folder, name), there / name):
                raise EnvironmentFault(f"{folder}/{name} changed while it was copied", hint="try again")


def _alike(one: Path, other: Path) -> bool:
    if not os.path.lexists(other):
        return False
    mode = one.lstat().st_mode
    if mode != other.lstat().st_mode:
        return False
    if stat.S_ISLNK(mode):
        return one.readlink() == other.readlink()
    return stat.S_ISDIR(mode) or filecmp.cmp(one, other, shallow=False)
