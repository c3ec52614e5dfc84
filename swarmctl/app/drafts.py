"""What a person began to write and did not send yet, and what was chosen last: private files in the state folder.

A draft is removed once it was taken. One that cannot be read is as good as none.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from swarmctl.app.here import Here
from swarmctl.edges.files.paths import private_dir, unwritable, write_atomically

FOLDER = "drafts"
LONGEST = 1 << 20
"""Bytes of a draft that is read again."""


def draft(place: Here, name: str) -> dict[str, str]:
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


def _path(place: Here, name: str) -> Path:
    return place.paths.root / FOLDER / f"{re.sub(r'[^A-Za-z0-9_-]', '_', name)}.json"
