"""What SQLite can say, in one line for a person: which file, what is wrong, what to type."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from swarmctl.core.errors import EnvironmentFault

_WORDS: dict[int, tuple[str, str]] = {
    sqlite3.SQLITE_FULL: ("no space left for {path}", "free some disk space (`swarmctl gc`), then try again"),
    sqlite3.SQLITE_READONLY: ("{path} cannot be written", "check the owner and the mount: ls -ld {folder}"),
    sqlite3.SQLITE_PERM: ("{path} cannot be written", "check the owner and the mount: ls -ld {folder}"),
    sqlite3.SQLITE_CANTOPEN: ("{path} cannot be opened", "check the owner and the mount: ls -ld {folder}"),
    sqlite3.SQLITE_BUSY: ("{path} is locked by another program", "see which one: fuser -v {path}"),
    sqlite3.SQLITE_LOCKED: ("{path} is locked by another program", "see which one: fuser -v {path}"),
    sqlite3.SQLITE_IOERR: ("reading or writing {path} failed", "check the disk: df -h {folder} and dmesg"),
    sqlite3.SQLITE_CORRUPT: ("{path} is damaged", "{aside}"),
    sqlite3.SQLITE_NOTADB: ("{path} is not a swarmctl database", "{aside}"),
}
_ASIDE = "keep it aside and start a new one, branches and checkpoints stay: mv {path} {path}.damaged"
_UNKNOWN = ("the database {path} failed", "look at it: sqlite3 -readonly {path} 'PRAGMA integrity_check'")


def damaged(path: Path, what: str) -> EnvironmentFault:
    return EnvironmentFault(f"{path} is damaged: {what}", hint=_ASIDE.format(path=path))


def moved_away(path: Path) -> EnvironmentFault:
    """Said by its writer."""
    hint = f"bring it back, and all goes on; or give it up: kill {os.getpid()}"
    return EnvironmentFault(f"{path} is gone: it was moved or deleted while swarmctl ran", hint=hint)


def fault_of(path: Path, error: sqlite3.Error) -> EnvironmentFault:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    message, hint = _WORDS.get(code, _UNKNOWN)
    aside = _ASIDE.format(path=path)
    places = {"path": path, "folder": path.parent, "aside": aside}
    return EnvironmentFault(f"{message.format(**places)} ({error})", hint=hint.format(**places))


@contextmanager
def faults(path: Path) -> Iterator[None]:
    """Inside, whatever SQLite or the file system refuses is an `EnvironmentFault`."""
    try:
        yield
    except sqlite3.Error as error:
        raise fault_of(path, error) from error
    except OSError as error:
        raise EnvironmentFault(f"{path} cannot be opened: {error.strerror}", hint=f"ls -ld {path.parent}") from error
