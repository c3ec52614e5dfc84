"""The wire between surfaces and the supervisor: one JSON object a line over a private unix socket.

A request is `{"v":1, "id", "kind", "args"}`, a reply `{"id", "answer"}` or `{"id", "error"}`; `{"bell": seq}` follows
an append.
"""

from __future__ import annotations

import json
from typing import Any

from swarmctl.core.errors import FAULTS, SwarmError

VERSION = 1
MAX_LINE = 4 * 1024 * 1024


def pack(message: dict[str, Any]) -> bytes:
    return json.dumps(message, separators=(",", ":")).encode() + b"\n"


def unpack(line: bytes) -> dict[str, Any]:
    """The message, or `{}` for a line that is not one."""
    try:
        message = json.loads(line)
    except ValueError:
        return {}
    return message if isinstance(message, dict) else {}


def fault_to_plain(error: SwarmError) -> dict[str, str]:
    return {"kind": type(error).__name__, "message": error.message, "hint": error.hint}


def fault_from_plain(plain: dict[str, str]) -> SwarmError:
    kind = FAULTS.get(plain.get("kind", ""), SwarmError)
    return kind(plain.get("message", "refused"), hint=plain.get("hint", ""))


class Lines:
    """Cuts a byte stream into lines; a line over MAX_LINE is an error, not memory."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[bytes]:
        *lines, self._rest = (self._rest + data).split(b"\n")
        if any(len(line) > MAX_LINE for line in (*lines, self._rest)):
            raise SwarmError("a message on the supervisor's socket is too long")
        return [line for line in lines if line]
