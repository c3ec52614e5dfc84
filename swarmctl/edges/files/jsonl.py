"""A file of JSON lines that somebody else appends to, read from where the last look ended. Only whole lines count."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from typing import Any, BinaryIO

from swarmctl.core.fields import fields_of, look_up

LONGEST_LINE = 16 << 20
LONGEST_DOCUMENT = 64 << 20
CHUNK = 1 << 20


def read_document(path: str, place: str, offset: int) -> Iterator[tuple[dict[str, Any], int]]:
    """The objects of the list in the field `place` of one JSON document, from the one with this number on."""
    stream = opened(path)
    if stream is None:
        return
    with stream:
        found = look_up(fields_of(stream.read(LONGEST_DOCUMENT)), place)
    for number, value in enumerate(found if isinstance(found, list) else [], start=1):
        if number > offset and isinstance(value, dict):
            yield value, number


def opened(path: str) -> BinaryIO | None:
    """Nothing where no regular file is; no link is followed, and no pipe waited for."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except (OSError, ValueError):
        return None
    if stat.S_ISREG(os.fstat(fd).st_mode):
        return open(fd, "rb")  # noqa: PTH123
    os.close(fd)
    return None


def read_lines(path: str, offset: int) -> Iterator[tuple[dict[str, Any], int]]:
    """Each object with where its line ends; nothing of what is no regular file. A file that shrank is read anew."""
    stream = opened(path)
    if stream is None:
        return
    with stream:
        end = offset if offset <= os.fstat(stream.fileno()).st_size else 0
        stream.seek(end)
        rest = b""
        while chunk := stream.read(CHUNK):
            *whole, rest = (rest + chunk).split(b"\n")
            for raw in whole:
                end += len(raw) + 1
                if value := fields_of(raw):
                    yield value, end
            if len(rest) > LONGEST_LINE:
                end += len(rest)
                rest = b""
