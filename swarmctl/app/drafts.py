"""What a person began to write and did not send yet, and what was chosen last: private files in the state folder.

A draft is removed once it was taken. One that cannot be read is as good as none.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from threading import Lock

from swarmctl.app.here import Here
from swarmctl.edges.files.paths import private_dir, unwritable, write_atomically

FOLDER = "drafts"
LONGEST = 1 << 24
"""Bytes of a draft that is read again."""

Fields = dict[str, str]


def draft(place: Here, name: str) -> Fields:
    """Its fields by name; none when there is none."""
    with suppress(OSError, ValueError, RecursionError):
        path = _path(place, name)
        if path.stat().st_size <= LONGEST:
            found = json.loads(path.read_text(encoding="utf-8", errors="surrogateescape"))
            if isinstance(found, dict):
                return {key: value for key, value in found.items() if isinstance(value, str)}
    return {}


def keep_draft(place: Here, name: str, fields: Mapping[str, str]) -> None:
    """Raises where it cannot be written."""
    path = _path(place, name)
    try:
        private_dir(path.parent)
        write_atomically(path, json.dumps(dict(fields), ensure_ascii=False))
    except OSError as error:
        raise unwritable(path.parent, error) from error


def drop_draft(place: Here, name: str) -> None:
    with suppress(OSError):
        _path(place, name).unlink()


class Drafts:
    """Those of one cockpit, by repository and dialog: in memory at once, in their files when a thread wrote them down.

    A file is brought to what memory holds, one at a time: however threads overtake each other, the newest is there
    last.
    """

    def __init__(self) -> None:
        self._held: dict[Path, Fields] = {}
        """Without fields: there is none, whatever its file says."""
        self._sent: set[Path] = set()
        self._writes = Lock()

    def held(self, place: Here, name: str) -> Fields | None:
        """None: only its file knows."""
        return self._held.get(_path(place, name))

    def hold(self, place: Here, name: str, fields: Fields) -> None:
        self._held[_path(place, name)] = fields

    def is_sent(self, place: Here, name: str) -> bool:
        """Somebody was asked to take it, and did not answer yet."""
        return _path(place, name) in self._sent

    def send(self, place: Here, name: str, sent: bool) -> None:
        """Asked for, or answered."""
        (self._sent.add if sent else self._sent.discard)(_path(place, name))

    def write_down(self, place: Here, name: str) -> None:
        """In a thread; raises where it cannot be written."""
        with self._writes:
            fields = self._held.get(_path(place, name))
            if fields:
                keep_draft(place, name, fields)
            elif fields is not None:
                drop_draft(place, name)

    def drop(self, place: Here, name: str) -> None:
        """In a thread: it was taken."""
        self.hold(place, name, {})
        self.write_down(place, name)


def _path(place: Here, name: str) -> Path:
    return place.paths.root / FOLDER / f"{re.sub(r'[^A-Za-z0-9_-]', '_', name)}.json"
