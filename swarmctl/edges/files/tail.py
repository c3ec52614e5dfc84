"""Files of JSON lines that somebody else appends to, followed: each new whole line once, and no more read than is new.

Of a file that is met for the first time, or that grew by much at once, only the end is read. Torn, foreign and
oversized lines are passed over; a file that was replaced or cut is met anew.
"""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from inotify_simple import INotify, flags  # type: ignore[import-untyped]

from swarmctl.core.fields import fields_of
from swarmctl.edges.files.jsonl import opened

MOST = 256 << 10
"""So much of the end of a file is read at once at the most; a longer line says nothing."""
LONGEST_PATH = 4096
GROWS = flags.MODIFY | flags.DELETE_SELF | flags.MOVE_SELF
APPEARS = flags.CREATE | flags.MOVED_TO | flags.DELETE_SELF | flags.MOVE_SELF | flags.ONLYDIR


class Tail:
    """One file and how far it was read."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._file: tuple[int, int] | None = None
        self._end = 0
        self._torn = False
        """What follows is the rest of a line of which the beginning was not read."""

    def lines(self) -> list[dict[str, Any]]:
        """What was appended since the last call."""
        stream = opened(self.path)
        if stream is None:
            return []
        with stream, suppress(OSError):
            return self._read(stream.fileno())
        return []

    def _read(self, fd: int) -> list[dict[str, Any]]:
        found = os.fstat(fd)
        if self._file != (found.st_dev, found.st_ino) or found.st_size < self._end:
            self._file, self._end, self._torn = (found.st_dev, found.st_ino), 0, False
        begin = max(self._end, found.st_size - MOST)
        self._torn = self._torn or begin > self._end
        data = os.pread(fd, found.st_size - begin, begin)
        whole = data.rfind(b"\n") + 1
        lines = data[:whole].split(b"\n")[self._torn : -1]
        gives_up = not whole and len(data) >= MOST
        self._torn = gives_up or (self._torn and not whole)
        self._end = begin + (len(data) if gives_up else whole)
        return [value for raw in lines if (value := fields_of(raw.decode(errors="replace")))]


def newest(patterns: Iterable[str], name: str) -> str:
    """The file that was written last of those that match, with `{id}` for its name; empty when none does."""
    found = [path for each in patterns for path in glob.glob(each.replace("{id}", glob.escape(name)))]  # noqa: PTH207
    return max(found, key=_written, default="")


def lies_below(path: str, patterns: Iterable[str]) -> bool:
    """Whether it is in one of the folders that hold what the patterns find, wherever links lead."""
    if not path.startswith("/") or len(path) > LONGEST_PATH:
        return False
    try:
        real = Path(os.path.realpath(path))
        return any(real.is_relative_to(os.path.realpath(_root(each))) for each in patterns)
    except (OSError, ValueError):
        return False


def _root(pattern: str) -> Path:
    """What all that it finds has in common."""
    folders = Path(pattern).parts[:-1]
    fixed = next((at for at, part in enumerate(folders) if re.search(r"[*?\[{]", part)), len(folders))
    return Path(*folders[:fixed])


def _written(path: str) -> float:
    with suppress(OSError):
        return Path(path).stat().st_mtime
    return 0.0


class TailWatch:
    """Says which of the followed files grew; its descriptor fits into any select loop. No polling.

    A file that is not there yet is awaited in the nearest folder that is. What cannot be watched, and what no watch is
    left for, is not followed until it is asked for again.
    """

    def __init__(self) -> None:
        self._inotify = INotify(nonblocking=True)
        self._places: dict[int, set[str]] = {}
        """Which files each watch is for."""
        self._of: dict[str, int] = {}

    def fileno(self) -> int:
        return int(self._inotify.fileno())

    def follow(self, paths: Iterable[str]) -> None:
        """These and no others."""
        wanted = set(paths)
        for path in self._of.keys() - wanted:
            self._leave(path)
        for path in wanted - self._of.keys():
            self._await(path)

    def changed(self) -> set[str]:
        """Files that grew, appeared or may have done either since the last call."""
        events = self._inotify.read(timeout=0)
        if any(event.mask & flags.Q_OVERFLOW for event in events):
            return set(self._of)
        found: set[str] = set()
        for watch, mask in {(event.wd, event.mask & ~flags.MODIFY) for event in events}:
            paths = set(self._places.get(watch, ()))
            found |= paths
            if mask:
                for path in paths:
                    self._await(path)
        return found

    def close(self) -> None:
        self._inotify.close()

    def _await(self, path: str) -> None:
        """Once more when it came while its folder was not watched yet."""
        if not self._watched(path) and not self._watched(path):
            self._leave(path)

    def _watched(self, path: str) -> bool:
        """Where it is, or where it will come."""
        self._leave(path)
        below = ""
        for place in (path, *map(str, Path(path).parents)):
            with suppress(OSError, ValueError):
                watch = self._inotify.add_watch(place, APPEARS if below else GROWS)
                self._places.setdefault(watch, set()).add(path)
                self._of[path] = watch
                break
            below = place
        return not (below and os.path.lexists(below))

    def _leave(self, path: str) -> None:
        watch = self._of.pop(path, None)
        others = self._places.get(watch, set()) if watch is not None else set()
        others.discard(path)
        if watch is not None and not others and self._places.pop(watch, None) is not None:
            with suppress(OSError):
                self._inotify.rm_watch(watch)
