"""Which terminals printed: each is told once until it is awaited anew, or always. No process, no polling."""

from __future__ import annotations

import os
import struct
from contextlib import suppress

from inotify_simple import INotify, flags  # type: ignore[import-untyped]

ONCE = flags.MODIFY | flags.ONESHOT
ALWAYS = flags.MODIFY
LOST_COUNT = int(flags.Q_OVERFLOW)
OVER = int(flags.IGNORED)
"""The watch is no more: it was for once, or the terminal is gone."""
WORD = struct.Struct("iIII")
"""Of the kernel's about a file that is watched itself: which watch, what, and two that are zero here."""
AT_ONCE = WORD.size * 4096


class Terminals:
    """For one thread."""

    def __init__(self) -> None:
        self._inotify = INotify(nonblocking=True)
        self._watched: dict[int, str] = {}
        self._always: dict[str, int] = {}

    def fileno(self) -> int:
        """Readable when one printed."""
        return int(self._inotify.fileno())

    def await_word(self, terminal: str, always: bool = False) -> bool:
        """False when there is no such terminal."""
        if terminal in self._always:
            return True
        try:
            watch = self._inotify.add_watch(terminal, ALWAYS if always else ONCE)
        except OSError:
            return False
        self._watched[watch] = terminal
        if always:
            self._always[terminal] = watch
        return True

    def leave(self, terminal: str) -> None:
        """It is not told of any more, if it was always."""
        watch = self._always.pop(terminal, -1)
        if self._watched.pop(watch, ""):
            with suppress(OSError):
                self._inotify.rm_watch(watch)

    def printed(self) -> set[str]:
        """Of those that were awaited; all of them when the kernel lost count. One that is gone may be among them."""
        found = set()
        for watch, mask, _, _ in WORD.iter_unpack(self._read()):
            if mask & LOST_COUNT:
                self._always.clear()
                return set(self._watched.values())
            terminal = self._watched.get(watch)
            if terminal is not None:
                found.add(terminal)
                if mask & OVER or terminal not in self._always:
                    del self._watched[watch]
                    self._always.pop(terminal, None)
        return found

    def _read(self) -> bytes:
        try:
            return os.read(self.fileno(), AT_ONCE)
        except BlockingIOError:
            return b""

    def close(self) -> None:
        self._inotify.close()
