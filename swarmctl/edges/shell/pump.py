"""Moves an agent's output into capped files and what people send into the agent; never makes the agent wait.

A log keeps its head in `PATH` and its newest part in `PATH.old` and `PATH.new`. Built-in modules only.
"""

# ruff: noqa: PTH105
import fcntl
import os
import select
import struct
import termios

CHUNK = 1 << 16
ROWS, COLUMNS = 50, 200
INPUT_LIMIT = 1 << 20


def open_terminal() -> tuple[int, int]:
    outer, inner = os.openpty()
    fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    return outer, inner


class CappedLog:
    """At most `head` + `tail` bytes on disk, whatever is written; a full disk loses output, not the agent."""

    def __init__(self, path: str, head: int, tail: int) -> None:
        self.path = path
        self.room = head
        self.half = max(1, tail // 2)
        self.rotated = False
        self.fd = self.open(path)

    def open(self, path: str) -> int:
        flags = os.O_CREAT | os.O_WRONLY | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
        return os.open(path, flags, 0o600)

    def write(self, data: bytes) -> None:
        try:
            while data:
                if self.room == 0:
                    self.rotate()
                data = data[self.put(data) :]
        except OSError:
            return

    def put(self, data: bytes) -> int:
        count = os.write(self.fd, data[: self.room])
        self.room -= count
        return count

    def rotate(self) -> None:
        os.close(self.fd)
        if self.rotated:
            os.replace(f"{self.path}.new", f"{self.path}.old")
        self.rotated = True
        self.fd = self.open(f"{self.path}.new")
        self.room = self.half


class Pump:
    def __init__(self, outer: int, log: CappedLog, fifo: str) -> None:
        self.outer = outer
        self.log = log
        self.open = True
        self.pending = b""
        self.fifo = -1
        os.set_blocking(outer, False)
        if fifo:
            os.mkfifo(fifo, 0o600)
            self.fifo = os.open(fifo, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)

    def wants(self) -> list[tuple[int, int]]:
        found = []
        if self.open:
            found.append((self.outer, select.POLLIN | (select.POLLOUT if self.pending else 0)))
        if self.fifo >= 0 and len(self.pending) < INPUT_LIMIT:
            found.append((self.fifo, select.POLLIN))
        return found

    def work(self, fd: int) -> None:
        if fd == self.fifo:
            self.pending += os.read(fd, CHUNK)
        else:
            self.feed()
            self.read()

    def feed(self) -> None:
        if not self.pending:
            return
        try:
            self.pending = self.pending[os.write(self.outer, self.pending) :]
        except OSError:
            return

    def read(self) -> bool:
        """False at the end, or when there is nothing to read now."""
        try:
            data = os.read(self.outer, CHUNK)
        except BlockingIOError:
            return False
        except OSError:
            data = b""
        if not data:
            self.open = False
            return False
        self.log.write(data)
        return True

    def drain(self) -> None:
        while self.open and self.read():
            pass
