"""Read what agents' hooks say: lines of JSON that carry the session's token. A line is a claim, never a command.

Torn, foreign, forged and oversized lines are passed over; a line is returned once, whole. A file that is not the one
that was read before, because it is shorter or differs before the offset, starts anew.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import math
import os
import stat
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from inotify_simple import INotify, flags  # type: ignore[import-untyped]

from swarmctl.core.session import SpoolPlace
from swarmctl.core.values import dataclass

LONGEST_LINE = 1 << 20
LONGEST_TEXT = 1 << 16
CHUNK = 1 << 18
MARKED = 1024
"""So much before the offset tells a file from another one."""
NEWEST = 1000
"""So many lines are returned at once; of a flood, only the newest count."""


@dataclass(frozen=True, slots=True)
class SpoolLine:
    event: str
    text: str
    payload: str
    """What the agent's CLI gave the hook on stdin, as text."""
    at: float
    ask: str = ""
    """The name of the question, when the hook waits for an answer."""


def read_spool(
    path: str | Path, heard: SpoolPlace, token: str, only: frozenset[str] | None = None
) -> tuple[list[SpoolLine], SpoolPlace, int]:
    """(lines since `heard`, what to go on from, how many carried another token); all of those events when named."""
    lines: deque[SpoolLine] = deque(maxlen=NEWEST if only is None else None)
    forged = 0
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return [], SpoolPlace(), forged
    except OSError:
        return [], heard, forged
    found = os.fstat(fd)
    if not stat.S_ISREG(found.st_mode):
        os.close(fd)
        return [], heard, forged
    with open(fd, "rb") as stream:  # noqa: PTH123
        end = heard.offset if is_the_same(stream, heard, found.st_size) else 0
        for raw, end in _lines(stream, end, found.st_size):  # noqa: B007, B020
            line = _parse(raw)
            if line is None or (only is not None and _text(line.get("event")) not in only):
                continue
            if hmac.compare_digest(_text(line.get("token")).encode(), token.encode()):
                lines.append(_line(line))
            else:
                forged += 1
        return list(lines), SpoolPlace(end, mark_of(stream, end)), forged


def is_the_same(stream: BinaryIO, heard: SpoolPlace, size: int) -> bool:
    return heard.offset <= size and mark_of(stream, heard.offset) == heard.mark


def mark_of(stream: BinaryIO, offset: int) -> str:
    if offset <= 0:
        return ""
    begin = max(0, offset - MARKED)
    return hashlib.blake2s(os.pread(stream.fileno(), offset - begin, begin), digest_size=8).hexdigest()


def _lines(stream: BinaryIO, start: int, end: int) -> Iterator[tuple[bytes, int]]:
    """Whole lines and where each one ends; of an oversized one nothing, but where it was given up."""
    stream.seek(start)
    rest, left = b"", end - start
    while left > 0 and (chunk := stream.read(min(CHUNK, left))):
        left -= len(chunk)
        *whole, rest = (rest + chunk).split(b"\n")
        for raw in whole:
            start += len(raw) + 1
            yield raw, start
        if len(rest) > LONGEST_LINE:
            start += len(rest)
            rest = b""
            yield b"", start


def _parse(raw: bytes) -> dict[str, Any] | None:
    if not raw or len(raw) > LONGEST_LINE:
        return None
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _line(value: dict[str, Any]) -> SpoolLine:
    return SpoolLine(
        event=_text(value.get("event")),
        text=_text(value.get("text")),
        payload=_text(value.get("payload")),
        at=_time(value.get("at")),
        ask=_text(value.get("ask")),
    )


def _text(value: Any) -> str:
    return value[:LONGEST_TEXT].encode("utf-8", "replace").decode() if isinstance(value, str) else ""


def _time(value: Any) -> float:
    return value if isinstance(value, float) and math.isfinite(value) else 0.0


class SpoolWatch:
    """Says which files of the spool folder changed; its descriptor fits into any select loop."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._inotify = INotify(nonblocking=True)
        self._inotify.add_watch(str(folder), flags.MODIFY | flags.CREATE | flags.MOVED_TO | flags.CLOSE_WRITE)

    def fileno(self) -> int:
        return int(self._inotify.fileno())

    def changed(self, timeout_s: float = 0.0) -> set[str]:
        """Names of files that changed since the last call; all of them when the kernel lost count."""
        events = self._inotify.read(timeout=int(timeout_s * 1000))
        if any(event.mask & flags.Q_OVERFLOW for event in events):
            return {path.name for path in self._folder.iterdir()}
        return {event.name for event in events if event.name}

    def close(self) -> None:
        self._inotify.close()
