"""The supervisor's listening socket: accepts this user's clients only, reads requests, writes replies and bells.

Never blocks: a client that does not read is dropped when its backlog is full.
"""

from __future__ import annotations

import selectors
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from swarmctl.app.line import Lines, pack, unpack
from swarmctl.core.errors import SwarmError

MAX_BACKLOG = 1024 * 1024


@dataclass(eq=False, slots=True)
class Client:
    socket: socket.socket
    lines: Lines = field(default_factory=Lines)
    backlog: bytes = b""
    waits_for: str = ""
    """The run that this client stays for."""
    told: frozenset[str] = frozenset()
    """The tasks or else the runs that it was last answered of, and may follow without being waited for."""
    listens: bool = False
    """It wants a bell after every append."""


Request = Callable[[Client, dict[str, Any]], None]
Gone = Callable[[Client], None]


class Door:
    def __init__(self, path: Path, selector: selectors.BaseSelector, on_request: Request, on_gone: Gone) -> None:
        self._path = path
        self._selector = selector
        self._on_request = on_request
        self._on_gone = on_gone
        self.clients: set[Client] = set()
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        path.unlink(missing_ok=True)
        self._listener.bind(str(path))
        path.chmod(0o600)
        self._listener.listen(64)
        self._listener.setblocking(False)
        selector.register(self._listener, selectors.EVENT_READ, self._accept)

    def _accept(self, _mask: int) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError:
            return
        raw = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        if struct.unpack("3i", raw)[1] != self._path.stat().st_uid:
            connection.close()
            return
        connection.setblocking(False)
        client = Client(connection)
        self.clients.add(client)
        self._selector.register(connection, selectors.EVENT_READ, lambda mask: self._serve(client, mask))

    def _serve(self, client: Client, mask: int) -> None:
        if mask & selectors.EVENT_WRITE:
            self._flush(client)
        if mask & selectors.EVENT_READ and client in self.clients:
            self._read(client)

    def _read(self, client: Client) -> None:
        try:
            data = client.socket.recv(65536)
            requests = [unpack(line) for line in client.lines.feed(data)]
        except BlockingIOError:
            return
        except (OSError, SwarmError):
            data, requests = b"", []
        for request in requests:
            self._on_request(client, request)
        if not data:
            self.drop(client)

    def say(self, client: Client, message: dict[str, Any]) -> None:
        if client in self.clients:
            client.backlog += pack(message)
            self._flush(client)

    def ring(self, seq: int) -> None:
        for client in list(self.clients):
            if client.listens:
                self.say(client, {"bell": seq})

    def _flush(self, client: Client) -> None:
        try:
            sent = client.socket.send(client.backlog) if client.backlog else 0
        except BlockingIOError:
            sent = 0
        except OSError:
            self.drop(client)
            return
        client.backlog = client.backlog[sent:]
        if len(client.backlog) > MAX_BACKLOG:
            self.drop(client)
            return
        mask = selectors.EVENT_READ | (selectors.EVENT_WRITE if client.backlog else 0)
        self._selector.modify(client.socket, mask, lambda mask: self._serve(client, mask))

    def drop(self, client: Client) -> None:
        if client not in self.clients:
            return
        self.clients.discard(client)
        self._selector.unregister(client.socket)
        client.socket.close()
        self._on_gone(client)

    def close(self) -> None:
        for client in list(self.clients):
            self.clients.discard(client)
            client.socket.close()
        self._listener.close()
        self._path.unlink(missing_ok=True)
