"""The control channel's framing, as bytes: `%begin T N F` … `%end T N F`; inside a block every line is data."""

from __future__ import annotations

from typing import NamedTuple

BEGIN = b"%begin "
OURS = b" 1"
"""The flag of blocks that answer this client; tmux opens others of its own accord."""


class Reply(NamedTuple):
    ok: bool
    text: bytes | None
    """Without the last line break; None when there is not even an empty line."""

    @property
    def lines(self) -> tuple[bytes, ...]:
        return () if self.text is None else tuple(self.text.split(b"\n"))


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
        data, at, numbers = self._data, self._at, b" " + self._block + b"\n"
        close = data.find(numbers, at)
        while close >= 0:
            ok = data.endswith(b"\n%end", at, close)
            if ok or data.endswith(b"\n%error", at, close):
                break
            close = data.find(numbers, close + 1)
        else:
            return False
        if self._block.endswith(OURS):
            end = close - (len(b"\n%end") if ok else len(b"\n%error"))
            replies.append(Reply(ok, data[at + 1 : end] if end > at else None))
        self._at = close + len(numbers)
        self._block = b""
        return True

    def _outside(self) -> bool:
        end = self._data.find(b"\n", self._at)
        if end < 0:
            return False
        line = self._data[self._at : end]
        if line.startswith(BEGIN):
            self._block, self._at = line[len(BEGIN) :], end
            return True
        if not line.startswith(b"%") or line.startswith((b"%end ", b"%error ")):
            raise Broken(repr(line[:80]))
        self._at = end + 1
        return True
