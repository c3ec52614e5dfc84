"""Which terminals printed: each is told once, and again only after it was awaited anew. No process, no polling."""

from __future__ import annotations

import os
import struct

from inotify_simple import INotify, flags  # type: ignore[import-untyped]

ONCE = flags.MODIFY | flags.ONESHOT
LOST_COUNT = int(flags.Q_OVERFLOW)
WORD = struct.Struct("iIII")
"""Of the kernel's about a file that is watched itself: which watch, what, and two that are zero here."""
AT_ONCE = WORD.size * 4096


class Terminals:
    """For one thread."""

    def __init__(self) -> None:
        self._inotify = INotify(nonblocking=True)
        self._watched: dict[int, str] = {}

    def fileno(self) -> int:
        """Readable when one printed."""
        return int(self._inotify.fileno())

    def await_word(self, terminal: str) -> bool:
        """False when there is no such terminal."""
        try:
            self._watched[self._inotify.add_watch(terminal, ONCE)] = terminal
        except OSError:
            return False
        return True

    def printed(self) -> set[str]:
        """Of those that were awaited; all of them when the kernel lost count."""
        found = set()
        for watch, mask, _, _ in WORD.iter_unpack(self._read()):
            if mask & LOST_COUNT:
                return set(self._watched.values())
            if terminal := self._watched.pop(watch, ""):
                found.add(terminal)
        return found

    def _read(self) -> bytes:
        try:
            return os.read(self.fileno(), AT_ONCE)
        except BlockingIOError:
            return b""

    def close(self) -> None:
        self._inotify.close()
