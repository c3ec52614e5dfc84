"""Read what agents' hooks say: lines of JSON that carry the session's token. A line is a claim, never a command.

Torn, foreign, forged and oversized lines are passed over; a line is returned once, whole.
"""

from __future__ import annotations

import hmac
import json
import math
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inotify_simple import INotify, flags  # type: ignore[import-untyped]

LONGEST_LINE = 1 << 20
LONGEST_TEXT = 1 << 16
CHUNK = 1 << 18
NEWEST = 1000
"""So many lines are returned at once; of a flood, only the newest count."""


@dataclass(frozen=True, slots=True)
class SpoolLine:
    event: str
    text: str
    payload: str
    """What the agent's CLI gave the hook on stdin, as text."""
    at: float


def read_spool(path: str | Path, offset: int, token: str) -> tuple[list[SpoolLine], int, int]:
    """(lines since `offset`, the offset to go on from, how many carried another token). A shorter file starts anew."""
    lines: deque[SpoolLine] = deque(maxlen=NEWEST)
    forged = 0
    try:
        stream = Path(path).open("rb")  # noqa: SIM115
    except OSError:
        return [], 0, forged
    with stream:
        size = stream.seek(0, 2)
        start = offset if 0 <= offset <= size else 0
        stream.seek(start)
        rest = b""
        while chunk := stream.read(CHUNK):
            *whole, rest = (rest + chunk).split(b"\n")
            for raw in whole:
                start += len(raw) + 1
                line = _parse(raw)
                if line is None:
                    continue
                if hmac.compare_digest(str(line.get("token", "")).encode(), token.encode()):
                    lines.append(_line(line))
                else:
                    forged += 1
            if len(rest) > LONGEST_LINE:
                start += len(rest)
                rest = b""
    return list(lines), start, forged


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
