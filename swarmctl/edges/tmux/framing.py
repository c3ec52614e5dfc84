"""The control channel's framing, as bytes: `%begin T N F` … `%end T N F`; inside a block every line is data."""

from __future__ import annotations

from dataclasses import dataclass

OURS = b"1"
"""The flag of blocks that answer this client; tmux opens others of its own accord."""


@dataclass(frozen=True, slots=True)
class Reply:
    ok: bool
    lines: tuple[bytes, ...]


class Broken(Exception):
    """The channel said something that the framing does not allow."""


class Framing:
    def __init__(self) -> None:
        self._rest = b""
        self._block: bytes | None = None
        """`T N F` of the open block."""
        self._lines: list[bytes] = []

    def feed(self, data: bytes) -> list[Reply]:
        """The replies that these bytes complete."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        replies = (self._line(line) for line in lines)
        return [reply for reply in replies if reply is not None]

    def _line(self, line: bytes) -> Reply | None:
        if self._block is None:
            self._outside(line)
            return None
        word, _, numbers = line.partition(b" ") if line.startswith(b"%") else (b"", b"", b"")
        if numbers != self._block or word not in (b"%end", b"%error"):
            self._lines.append(line)
            return None
        ours = self._block.rpartition(b" ")[2] == OURS
        reply = Reply(word == b"%end", tuple(self._lines))
        self._block, self._lines = None, []
        return reply if ours else None

    def _outside(self, line: bytes) -> None:
        word, _, numbers = line.partition(b" ")
        if word == b"%begin":
            self._block = numbers
        elif not line.startswith(b"%") or word in (b"%end", b"%error"):
            raise Broken(repr(line[:80]))
