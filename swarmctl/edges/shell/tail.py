"""Follows a capped log while its wrapper writes it: head first, then the newest part, however fast that is replaced."""

from __future__ import annotations

import os
import time
from pathlib import Path

from swarmctl.edges.shell.launches import OUTPUT
from swarmctl.edges.shell.offer import EXIT

CHUNK = 1 << 16
LOOK_EVERY_S = 0.05
GAP = b""


class LogFeed:
    """`over` once the wrapper noted the agent's exit, which it does when all output is written."""

    def __init__(self, run_dir: str, *, anew: bool = True) -> None:
        self._exit = Path(run_dir) / EXIT
        self._head = Path(run_dir) / OUTPUT
        self._fd = self._opened(self._head) if anew else self._newest()
        if self._fd >= 0 and not anew:
            os.lseek(self._fd, 0, os.SEEK_END)
        self.over = False

    def read(self, seconds: float) -> list[bytes]:
        """What came, waiting up to `seconds` for it; an empty part stands for output that was left out."""
        end = time.monotonic() + seconds
        while True:
            ended = self._exit.exists()
            found = self._read()
            if found:
                return found
            if ended:
                self.over = True
                return []
            if time.monotonic() >= end:
                return []
            time.sleep(LOOK_EVERY_S)

    def close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _read(self) -> list[bytes]:
        if self._fd < 0:
            self._fd = self._opened(self._head)
        data = os.read(self._fd, CHUNK) if self._fd >= 0 else b""
        if data:
            return [data]
        after = self._successor() if self._fd >= 0 else None
        if after is None:
            return []
        rest = self._rest()
        self.close()
        self._fd, gap = after
        found = [*rest, *([GAP] if gap else [])]
        return found or self._read()

    def _rest(self) -> list[bytes]:
        """A part that has a successor is whole."""
        parts = []
        while data := os.read(self._fd, CHUNK):
            parts.append(data)
        return parts

    def _successor(self) -> tuple[int, bool] | None:
        """The part after the one that is read, and whether others came between; None while there is none."""
        new, old = self._opened(self._part("new")), self._opened(self._part("old"))
        mine = os.fstat(self._fd).st_ino
        inodes = [os.fstat(fd).st_ino if fd >= 0 else 0 for fd in (old, new)]
        if new < 0 or mine == inodes[1]:
            self._close(old, new)
            return None
        if old < 0 or mine == inodes[0]:
            self._close(old)
            return new, False
        self._close(new)
        return old, True

    def _newest(self) -> int:
        new = self._opened(self._part("new"))
        return new if new >= 0 else self._opened(self._head)

    def _part(self, name: str) -> Path:
        return self._head.with_name(f"{OUTPUT}.{name}")

    @staticmethod
    def _opened(path: Path) -> int:
        try:
            return os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        except OSError:
            return -1

    @staticmethod
    def _close(*fds: int) -> None:
        for fd in fds:
            if fd >= 0:
                os.close(fd)
