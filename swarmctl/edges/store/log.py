"""The writer of the ledger: an event and the rows that follow from it are one durable transaction, or nothing happened.

There is one writer per file, the supervisor that holds the lock of the state directory.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path
from threading import Lock

from swarmctl.core.errors import EnvironmentFault
from swarmctl.core.events import Event, Stamped
from swarmctl.core.machine import Facts, Row
from swarmctl.edges.store import chain, rows, shape, verify
from swarmctl.edges.store.faults import damaged, faults, moved_away
from swarmctl.edges.store.reading import Looking
from swarmctl.edges.store.remembered import EVERY, Memory, Point, recall, write
from swarmctl.edges.store.replay import advance, scratch
from swarmctl.edges.store.shelf import shelved

BUSY_TIMEOUT_S = 5.0
SHORT = 1_000
"""Events that are verified whole at every start, because it takes no time."""


class SqliteLog:
    def __init__(
        self,
        path: Path | str,
        now: Callable[[], float] = time.time,
        migrations: Sequence[shape.Migration] = shape.MIGRATIONS,
    ) -> None:
        self._path = Path(path)
        self._now = now
        self._lock = Lock()
        self._looking: Looking | None = None
        with faults(self._path):
            if not self._path.exists():
                _make(self._path, migrations)
            self._connection = _connect(self._path)
            self._file = _file_of(self._path)
        try:
            with faults(self._path):
                shape.refuse_the_future(self._path, shape.version(self._connection), shape.newest(migrations))
                _durable(self._connection, self._path)
                shape.bring_to_date(self._connection, self._path, migrations)
                self._looking = Looking(self._path)
                self._facts = self._at_hand(self._looking)
                self._link = chain.link_at(self._connection, self._facts.seq)
                self._memory = self._verified()
        except BaseException:
            self._close()
            raise

    @property
    def facts(self) -> Facts:
        return self._facts

    def append(self, *events: Event) -> list[Stamped]:
        with self._lock:
            if _file_of(self._path) != self._file:
                raise moved_away(self._path)
            stamped, changes, facts = self._prepare(events)
            self._link = self._write(stamped, changes, facts)
            for rows_of_event in changes:
                for row in rows_of_event:
                    self._facts.put(row)
            self._facts.seq, self._facts.last_at = facts.seq, facts.last_at
            return stamped

    def read(self, after: int = 0) -> Iterator[Stamped]:
        with faults(self._path):
            yield from chain.events(self._connection, after, self._lock)

    def close(self) -> None:
        with self._lock, faults(self._path):
            if self._memory.point.seq < self._facts.seq:
                with suppress(sqlite3.Error):
                    self._remember()
            self._close()

    def _close(self) -> None:
        if self._looking is not None:
            self._looking.close()
        self._connection.close()

    def _at_hand(self, looking: Looking) -> Facts:
        try:
            return shelved(looking.ask)
        except (ValueError, TypeError) as error:
            raise damaged(self._path, f"a row cannot be read ({error})") from error

    def _verified(self) -> Memory:
        """A short history is verified whole; of a long one what came after the remembered point, if that holds."""
        point = recall(self._connection)
        long = self._facts.seq > SHORT
        if long and point is not None and verify.since(self._connection, self._path, point, self._facts):
            return Memory(self._connection, point)
        verify.whole(self._connection, self._path)
        point = Point(self._facts.seq, self._link, rows.counts(self._connection))
        shape.in_one_transaction(self._connection, lambda: write(self._connection, point))
        return Memory(self._connection, point)

    def _remember(self) -> None:
        seq, link = self._facts.seq, self._link
        shape.in_one_transaction(self._connection, lambda: self._memory.take(seq, link))
        self._memory.keep()

    def _prepare(self, events: Sequence[Event]) -> tuple[list[Stamped], list[list[Row]], Facts]:
        """What would be written, worked out on a copy: an impossible event raises before the file is touched."""
        facts = scratch(self._facts)
        stamped: list[Stamped] = []
        changes: list[list[Row]] = []
        for event in events:
            each = Stamped(facts.seq + 1, max(self._now(), facts.last_at), event)
            changes.append(advance(facts, each))
            stamped.append(each)
        return stamped, changes, facts

    def _write(self, stamped: list[Stamped], changes: list[list[Row]], facts: Facts) -> str:
        link = self._link
        with faults(self._path):
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                for each, rows_of_event in zip(stamped, changes, strict=True):
                    link = chain.insert(self._connection, each, facts, link)
                    for row in rows_of_event:
                        rows.write(self._connection, row)
                self._memory.note((row for changed in changes for row in changed), self._facts)
                if facts.seq - self._memory.point.seq >= EVERY:
                    self._memory.take(facts.seq, link)
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
        self._memory.keep()
        return link


def _make(path: Path, migrations: Sequence[shape.Migration]) -> None:
    """Whole before it has its name: whoever reads meanwhile finds all of its tables, or no file."""
    half = path.with_name(f"{path.name}.half")
    for left in (half, half.with_name(f"{half.name}-journal")):
        left.unlink(missing_ok=True)
    with closing(_connect(half)) as connection:
        shape.bring_to_date(connection, half, migrations)
    half.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _file_of(path: Path) -> tuple[int, int] | None:
    """What was moved or deleted can be written to, but nobody would ever read it."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _connect(path: Path) -> sqlite3.Connection:
    path.touch(mode=0o600)
    return sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)


def _durable(connection: sqlite3.Connection, path: Path) -> None:
    mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
    if mode != "wal":
        raise EnvironmentFault(
            f"the file system of {path} cannot hold a SQLite write-ahead log",
            hint="put the state on a local disk: export XDG_STATE_HOME=/path/on/a/local/disk",
        )
    connection.execute("PRAGMA synchronous = FULL")
