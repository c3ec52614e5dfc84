"""What a person began to write and did not send yet, and what was chosen last: private files in the state folder.

A draft is removed once it was taken. One that cannot be read is as good as none. Cockpits keep a file each:
what one writes the others see once it is gone.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from threading import Lock

from swarmctl.app.here import Here
from swarmctl.core.session import ProcessId
from swarmctl.edges.files.paths import private_dir, unwritable, write_atomically

FOLDER = "drafts"
WRITER = "cockpit"
"""Beside the fields: the process that wrote them."""
LONGEST = 1 << 24
"""Bytes of a draft that is read again."""

Fields = dict[str, str]


def draft(place: Here, name: str) -> Fields:
    """Its fields by name; none when there is none."""
    return _read(_path(place, name))[0]


def _read(path: Path) -> tuple[Fields, str]:
    """And who wrote it."""
    with suppress(OSError, ValueError, RecursionError):
        if path.stat().st_size <= LONGEST:
            found = json.loads(path.read_text(encoding="utf-8", errors="surrogateescape"))
            if isinstance(found, dict):
                fields = {key: value for key, value in found.items() if isinstance(value, str)}
                return fields, fields.pop(WRITER, "")
    return {}, ""


def keep_draft(place: Here, name: str, fields: Mapping[str, str]) -> None:
    """Raises where it cannot be written."""
    path = _path(place, name)
    private_dir(path.parent)
    _write(path, fields)


def _write(path: Path, fields: Mapping[str, str]) -> None:
    try:
        write_atomically(path, json.dumps(dict(fields), ensure_ascii=False))
    except OSError as error:
        raise unwritable(path.parent, error) from error


class Drafts:
    """Those of one cockpit, by repository and dialog: in memory at once, in their files when a thread wrote them down.

    A file is brought to what memory holds, one at a time: however threads overtake each other, the newest is there
    last.
    """

    def __init__(self) -> None:
        self._held: dict[Path, Fields] = {}
        """Without fields: there is none, whatever its file says."""
        self._sent: set[Path] = set()
        self._files: dict[Path, tuple[Path, Fields]] = {}
        """Where each is, and what this cockpit last saw there."""
        self._followed: set[Path] = set()
        self._writes = Lock()

    def find(self, place: Here, name: str) -> Fields:
        """In a thread: the first that no other cockpit holds."""
        first = _path(place, name)
        with self._writes:
            there = ((path, *_read(path)) for path in _all_of(first))
            found = [(path, fields) for path, fields, writer in there if fields and not _is_held(writer)]
            (self._followed.add if found[1:] else self._followed.discard)(first)
            if not found:
                return {}
            self._files[first] = found[0]
            return found[0][1]

    def is_followed(self, place: Here, name: str) -> bool:
        """When it was found, there was another one."""
        return _path(place, name) in self._followed

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
        first = _path(place, name)
        with self._writes:
            fields = self._held.get(first)
            if fields:
                private_dir(first.parent)
                with _alone_in(first.parent):
                    self._keep(first, fields)
            elif fields is not None:
                self._remove(first)
                if self._held.get(first) is fields:
                    del self._held[first]

    def _keep(self, first: Path, fields: Fields) -> None:
        """Where it is, unless another cockpit writes there."""
        path, seen = self._files.get(first, (first, {}))
        if _read(path)[0] not in ({}, seen):
            path = next(each for each in _names(first) if not each.exists())
        _write(path, {**fields, WRITER: _who_writes()})
        self._files[first] = path, fields

    def _remove(self, first: Path) -> None:
        path, seen = self._files.pop(first, (first, {}))
        with suppress(OSError), _alone_in(first.parent):
            if _read(path)[0] in ({}, seen):
                path.unlink()

    def drop(self, place: Here, name: str) -> None:
        """In a thread: it was taken."""
        self.hold(place, name, {})
        self.write_down(place, name)


def _path(place: Here, name: str) -> Path:
    return place.paths.root / FOLDER / f"{re.sub(r'[^A-Za-z0-9_-]', '_', name)}.json"


def _who_writes() -> str:
    from swarmctl.edges.shell import procfs

    return _spoken(procfs.identity(os.getpid()))


def _is_held(writer: str) -> bool:
    """By another cockpit that is still open."""
    from swarmctl.edges.shell import procfs

    pid = writer.split(" ")[0]
    lives = pid.isdecimal() and int(pid) != os.getpid() and _spoken(procfs.identity(int(pid))) == writer
    return bool(lives)


def _spoken(process: ProcessId | None) -> str:
    return f"{process.pid} {process.started} {process.boot}" if process else ""


def _names(first: Path) -> Iterator[Path]:
    yield first
    yield from (first.with_name(f"{first.stem}.{number}.json") for number in count(2))


def _all_of(first: Path) -> list[Path]:
    """The files there are, in the order in which they came to be."""
    numbers = (
        re.fullmatch(rf"{re.escape(first.stem)}\.(\d{{1,9}})\.json", path.name) for path in _files_in(first.parent)
    )
    behind = sorted(int(found[1]) for found in numbers if found)
    return [first, *(first.with_name(f"{first.stem}.{number}.json") for number in behind)]


def _files_in(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """No other cockpit looks or writes there meanwhile."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
