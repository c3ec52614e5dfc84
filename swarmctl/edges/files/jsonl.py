"""A file of JSON lines that somebody else appends to, read from where the last look ended. Only whole lines count."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from typing import Any

LONGEST_LINE = 16 << 20
CHUNK = 1 << 20


def read_lines(path: str, offset: int) -> Iterator[tuple[dict[str, Any], int]]:
    """Each object with where its line ends; nothing of what is no regular file. A file that shrank is read anew."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except (OSError, ValueError):
        return
    found = os.fstat(fd)
    if not stat.S_ISREG(found.st_mode):
        os.close(fd)
        return
    with open(fd, "rb") as stream:  # noqa: PTH123
        end = offset if offset <= found.st_size else 0
        stream.seek(end)
        rest = b""
        while chunk := stream.read(CHUNK):
            *whole, rest = (rest + chunk).split(b"\n")
            for raw in whole:
                end += len(raw) + 1
                value = _parsed(raw)
                if value is not None:
                    yield value, end
            if len(rest) > LONGEST_LINE:
                end += len(rest)
                rest = b""


def _parsed(raw: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
