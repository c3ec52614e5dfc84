"""The writer of the ledger: an event and the rows that follow from it are one durable transaction, or nothing happened.

There is one writer per file, the supervisor that holds the lock of the state directory.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from threading import Lock

from swarmctl.core.errors import EnvironmentFault
from swarmctl.core.events import Event, Stamped
from swarmctl.core.machine import Facts, Row
from swarmctl.edges.store import chain, rows, shape
from swarmctl.edges.store.faults import damaged, faults
from swarmctl.edges.store.replay import advance, replay, scratch

BUSY_TIMEOUT_S = 5.0


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
        with faults(self._path):
            self._connection = _connect(self._path)
        try:
            with faults(self._path):
                _check(self._connection, self._path, shape.newest(migrations))
                _durable(self._connection, self._path)
                shape.bring_to_date(self._connection, self._path, migrations)
                self._facts, self._link = _agreed(self._connection, self._path)
        except BaseException:
            self._connection.close()
            raise

    @property
    def facts(self) -> Facts:
        return self._facts

    def append(self, *events: Event) -> list[Stamped]:
        with self._lock:
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
            self._connection.close()

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
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
        return link


def _connect(path: Path) -> sqlite3.Connection:
    path.touch(mode=0o600)
    return sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)


def _check(connection: sqlite3.Connection, path: Path, newest: int) -> None:
    """Before anything is written: the format is known and the pages hold together."""
    shape.refuse_the_future(path, shape.version(connection), newest)
    found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise damaged(path, found)


def _durable(connection: sqlite3.Connection, path: Path) -> None:
    mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
    if mode != "wal":
        raise EnvironmentFault(
            f"the file system of {path} cannot hold a SQLite write-ahead log",
            hint="put the state on a local disk: export XDG_STATE_HOME=/path/on/a/local/disk",
        )
    connection.execute("PRAGMA synchronous = FULL")


def _agreed(connection: sqlite3.Connection, path: Path) -> tuple[Facts, str]:
    """The facts, when the events are as they were written and the tables are what they add up to."""
    chain.check(connection, path)
    facts = rows.load(connection)
    if facts != replay(chain.events(connection)):
        raise damaged(path, "its tables do not follow from its events")
    return facts, chain.last_link(connection)
