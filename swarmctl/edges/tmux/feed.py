"""A follower's end of a tap: what a pane showed, then what it prints, as bytes, while the follower is there.

Needs no supervisor. The pane's pipe is open only while somebody follows, and a killed follower has left.
"""

from __future__ import annotations

import fcntl
import os
import select
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from swarmctl.core.errors import EnvironmentFault
from swarmctl.core.ids import SessionId
from swarmctl.edges.tmux.quoting import shell_word
from swarmctl.edges.tmux.server import fork, marked
from swarmctl.edges.tmux.tap import CHUNK, HEAD, HERE, frame

TAP = str(Path(__file__).with_name("tap.py"))
CONNECT_S = 10.0
HISTORY = 4 << 20


class PaneFeed:
    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._data = bytearray()
        self._left = 0
        """Of the frame that is read."""
        self.over = False
        """Nothing more will come."""

    def read(self, seconds: float) -> list[bytes]:
        """What came, waiting up to `seconds` for it; an empty part stands for output that was left out."""
        end = time.monotonic() + seconds
        while not self.over and select.select([self._connection], [], [], max(0.0, end - time.monotonic()))[0]:
            try:
                data = self._connection.recv(CHUNK)
            except OSError:
                data = b""
            self.over = not data
            self._data += data
            if parts := list(self._parts()):
                return parts
        return []

    def _parts(self) -> Iterator[bytes]:
        while self._data:
            if not self._left and len(self._data) < HEAD:
                return
            if not self._left:
                self._left = int.from_bytes(self._data[:HEAD], "big")
                del self._data[:HEAD]
                if not self._left:
                    yield b""
                continue
            part = bytes(self._data[: self._left])
            del self._data[: len(part)]
            self._left -= len(part)
            yield part

    def close(self) -> None:
        self._connection.close()


def follow(server: str, pane: str, session: SessionId, *, anew: bool = True) -> PaneFeed:
    """`anew`: with what the pane showed so far. Raises `EnvironmentFault` when the session has no pane there."""
    path = f"{server}.{session}.tap"
    with _alone(Path(server).parent):
        connection = _connected(path, b"")
        if connection is None:
            history = _open(server, pane, session, path)
            connection = _awaited(path, history if anew else b"")
    return PaneFeed(connection)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Two who open the same pane's pipe at once would close each other's."""
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        raise EnvironmentFault("the tmux server of this repository is not running", hint="swarmctl up") from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _open(server: str, pane: str, session: SessionId, path: str) -> bytes:
    """One message to the server, so that not a byte is printed between the history and the pipe's beginning."""
    if not marked(server, pane, session):
        raise EnvironmentFault(f"session {session} has no terminal any more", hint=f"swarmctl show {session}")
    command = f"exec {shell_word(sys.executable)} -I -S {shell_word(TAP)} {shell_word(path)}"
    reply = fork(
        server,
        ("display-message", "-p", "-t", pane, "#{cursor_x}#{?alternate_on,screen,}"),
        ("pipe-pane", "-O", "-t", pane, command),
        ("capture-pane", "-p", "-J", "-S", "-", "-t", pane),
    )
    if not reply.ok:
        words = b" ".join(reply.lines).decode(errors="replace")
        raise EnvironmentFault(f"tmux: {words}", hint=f"swarmctl show {session}")
    return history(reply.lines)


def history(lines: tuple[bytes, ...]) -> bytes:
    """As the agent printed it: where the cursor stands in a line, that line is not ended."""
    cursor, shown = lines[0], list(lines[1:])
    while shown and not shown[-1].strip():
        shown.pop()
    if not shown:
        return b""
    is_open = cursor.isdigit() and cursor != b"0"
    last = shown.pop()
    ended = [line.rstrip() + b"\r\n" for line in shown]
    return b"".join([*ended, last if is_open else last.rstrip() + b"\r\n"])[-HISTORY:]


def _awaited(path: str, history: bytes) -> socket.socket:
    end = time.monotonic() + CONNECT_S
    while time.monotonic() < end:
        connection = _connected(path, history)
        if connection is not None:
            return connection
        time.sleep(0.01)
    raise EnvironmentFault("the session's output cannot be followed", hint="swarmctl attach shows it")


def _connected(path: str, history: bytes) -> socket.socket | None:
    """To a tap that says that it is there; the history is for a tap that has none yet."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(CONNECT_S)
    with suppress(OSError):
        connection.connect(path)
        connection.sendall(frame(history))
        if connection.recv(len(HERE)) == HERE:
            return connection
    connection.close()
    return None
