"""The control channel's framing, as bytes: `%begin T N F` … `%end T N F`; inside a block every line is data."""

from __future__ import annotations

from dataclasses import dataclass

OURS = b" 1"
"""The flag of blocks that answer this client; tmux opens others of its own accord."""


@dataclass(frozen=True, slots=True)
class Reply:
    ok: bool
    lines: tuple[bytes, ...]


class Broken(Exception):
    """The channel said something that the framing does not allow."""


class Framing:
    def __init__(self) -> None:
        self._data = b""
        self._at = 0
        """What is before it was understood."""
        self._block = b""
        """`T N F` of the open block; `_at` is the line break before its first line."""

    def feed(self, data: bytes) -> list[Reply]:
        """The replies that these bytes complete."""
        self._data, self._at = self._data[self._at :] + data, 0
        replies: list[Reply] = []
        while self._inside(replies) if self._block else self._outside():
            pass
        return replies

    def _inside(self, replies: list[Reply]) -> bool:
        """Lines are data until one closes the block with its own numbers."""
        end = self._data.find(b"\n%end " + self._block + b"\n", self._at)
        error = self._data.find(b"\n%error " + self._block + b"\n", self._at, end if end >= 0 else len(self._data))
        close = error if error >= 0 else end
        if close < 0:
            return False
        if self._block.endswith(OURS):
            lines = self._data[self._at + 1 : close].split(b"\n") if close > self._at else []
            replies.append(Reply(error < 0, tuple(lines)))
        self._at = self._data.index(b"\n", close + 1) + 1
        self._block = b""
        return True

    def _outside(self) -> bool:
        end = self._data.find(b"\n", self._at)
        if end < 0:
            return False
        line = self._data[self._at : end]
        word, _, numbers = line.partition(b" ")
        if word == b"%begin":
            self._block, self._at = numbers, end
            return True
        if not line.startswith(b"%") or word in (b"%end", b"%error"):
            raise Broken(repr(line[:80]))
        self._at = end + 1
        return True
