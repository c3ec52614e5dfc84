"""What a pane prints, handed to whoever follows: `pipe-pane` starts it, the last follower or the pane's end ends it.

It reads as fast as the pane prints and keeps a bounded part for each follower, so that nobody makes the agent wait.
Frames both ways: four bytes of length, then as many; an empty one from here says that something was left out.
"""

from __future__ import annotations

import os
import select
import socket
import sys
import time

LIMIT = 1 << 20
HISTORY_LIMIT = 8 << 20
CHUNK = 1 << 16
HEAD = 4
HERE = b"+"
"""The first byte to a follower: one who connects while a tap dies gets none."""
FIRST_S = 10.0
"""How long it waits for the one who had it started."""
LAST_S = 30.0
"""How long a slow follower may take for what is left after the end."""


def frame(data: bytes) -> bytes:
    return len(data).to_bytes(HEAD, "big") + data


class Newest:
    """What was not sent yet, the oldest given up when there is too much."""

    def __init__(self, data: bytes = b"", cut: bool = False) -> None:
        self.data = bytearray(data)
        self.cut = cut

    def add(self, data: bytes) -> None:
        self.data += data
        if len(self.data) > LIMIT:
            del self.data[: len(self.data) - LIMIT // 2]
            self.cut = True

    def frames(self) -> bytes:
        found = (frame(b"") if self.cut else b"") + (frame(bytes(self.data)) if self.data else b"")
        self.data.clear()
        self.cut = False
        return found


class Follower:
    def __init__(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        self.connection = connection
        self.asked = bytearray()
        self.sending = b""
        self.newest = Newest()
        self.greeted = False

    def hear(self) -> bool:
        """False when it left. It says one thing, the history of the pane when it knows it."""
        try:
            data = self.connection.recv(CHUNK)
        except BlockingIOError:
            return True
        except OSError:
            return False
        if not self.greeted:
            self.asked += data
        return bool(data) and len(self.asked) <= HISTORY_LIMIT

    def said(self) -> bytes | None:
        size = int.from_bytes(self.asked[:HEAD], "big")
        whole = len(self.asked) >= HEAD + size and len(self.asked) >= HEAD
        return bytes(self.asked[HEAD : HEAD + size]) if whole else None

    def send(self) -> bool:
        if not self.sending:
            self.sending = self.newest.frames()
        try:
            self.sending = self.sending[self.connection.send(self.sending) :]
        except BlockingIOError:
            return True
        except OSError:
            return False
        return True

    @property
    def waits(self) -> bool:
        return self.greeted and bool(self.sending or self.newest.data or self.newest.cut)


class Tap:
    def __init__(self, pane: int, listener: socket.socket) -> None:
        self.pane = pane
        self.listener = listener
        self.history = b""
        self.since = Newest()
        self.followers: dict[int, Follower] = {}
        self.ended = False
        self.until = time.monotonic() + FIRST_S

    def run(self) -> None:
        while self.wanted():
            for fd, mask in self.poll():
                if fd == self.pane:
                    self.read()
                elif fd == self.listener.fileno():
                    follower = Follower(self.listener.accept()[0])
                    self.followers[follower.connection.fileno()] = follower
                    self.until = 0.0
                else:
                    self.serve(self.followers[fd], mask)

    def wanted(self) -> bool:
        if self.ended:
            waiting = any(follower.waits or not follower.greeted for follower in self.followers.values())
            return waiting and time.monotonic() < self.until
        return bool(self.followers) or time.monotonic() < self.until

    def poll(self) -> list[tuple[int, int]]:
        poll = select.poll()
        for fd, follower in self.followers.items():
            poll.register(fd, select.POLLIN | (select.POLLOUT if follower.waits else 0))
        if not self.ended:
            poll.register(self.pane, select.POLLIN)
            poll.register(self.listener, select.POLLIN)
        left = (self.until - time.monotonic()) * 1000
        return poll.poll(max(0.0, left) if self.until else None)

    def read(self) -> None:
        data = os.read(self.pane, CHUNK)
        if not data:
            self.ended, self.until = True, time.monotonic() + LAST_S
            return
        self.since.add(data)
        for follower in self.followers.values():
            if follower.greeted:
                follower.newest.add(data)

    def serve(self, follower: Follower, mask: int) -> None:
        stays = not mask & select.POLLOUT or follower.send()
        if stays and mask & ~select.POLLOUT:
            stays = follower.hear()
            self.greet(follower)
        if not stays:
            self.followers.pop(follower.connection.fileno()).connection.close()

    def greet(self, follower: Follower) -> None:
        """The pane's history up to the moment when the pipe was opened, and what came since."""
        said = None if follower.greeted else follower.said()
        if said is not None:
            self.history = self.history or said
            follower.sending = HERE + (frame(self.history) if self.history else b"")
            follower.newest = Newest(bytes(self.since.data), self.since.cut)
            follower.greeted = True


def main(path: str) -> None:
    os.umask(0o177)
    if os.path.lexists(path):
        os.unlink(path)  # noqa: PTH108
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(path)
        listener.listen(16)
        try:
            Tap(0, listener).run()
        finally:
            os.unlink(path)  # noqa: PTH108


if __name__ == "__main__":
    main(sys.argv[1])
