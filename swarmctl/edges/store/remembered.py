"""The point up to which the ledger was verified, so that opening verifies only what came after.

It is written in the transaction of an append, or in one of its own, so that a kill leaves the old one or the new one.
Rows that change after it are kept as they were then: a replay starts from them and must end with the tables.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable

from swarmctl.core.codec import from_plain, to_plain
from swarmctl.core.machine import Facts, Row
from swarmctl.core.values import dataclass
from swarmctl.edges.store import rows
from swarmctl.edges.store.rows import BY_KIND, BY_NAME, Key

EVERY = 1_000
"""Events between two points, and so the most that a start after a kill has to replay."""


@dataclass(frozen=True, slots=True)
class Point:
    seq: int
    link: str
    counts: dict[str, int]
    """How many rows each table had."""

    @property
    def digest(self) -> str:
        plain = rows.as_json([self.seq, self.link, self.counts])
        return hashlib.sha256(plain.encode()).hexdigest()


def recall(connection: sqlite3.Connection) -> Point | None:
    """None when there is none, or when it is not the one that was written."""
    found = connection.execute("SELECT seq, link, counts, digest FROM remembered").fetchall()
    try:
        ((seq, link, counts, digest),) = found
        point = Point(seq, link, json.loads(counts))
    except (ValueError, TypeError):
        return None
    return point if point.digest == digest else None


def recall_rows(connection: sqlite3.Connection) -> dict[Key, Row | None]:
    """Rows that changed since the point, as they were at it; None where there was none."""
    found = connection.execute('SELECT "table", key, row FROM remembered_rows')
    return {
        (name, rows.read_back(key)): None if row is None else from_plain(BY_NAME[name].kind, json.loads(row))
        for name, key, row in found
    }


class Memory:
    """The writer's side; what it writes holds once `keep` was called after the commit."""

    def __init__(self, connection: sqlite3.Connection, point: Point) -> None:
        self._connection = connection
        self.point = point
        self._noted = {key: row is None for key, row in recall_rows(connection).items()}
        self._fresh: dict[Key, bool] = {}
        self._next: Point | None = None

    def note(self, changed: Iterable[Row], facts: Facts) -> None:
        """Keep what `facts` still hold of the rows that are about to change."""
        self._fresh, self._next = {}, None
        for row in changed:
            table = BY_KIND[type(row)]
            key = (table.name, getattr(row, table.key))
            if key in self._noted or key in self._fresh:
                continue
            before = getattr(facts, table.name).get(key[1])
            self._fresh[key] = before is None
            body = None if before is None else rows.as_json(to_plain(before))
            self._connection.execute("INSERT INTO remembered_rows VALUES (?, ?, ?)", (*map(rows.stored, key), body))

    def take(self, seq: int, link: str) -> None:
        counts = dict(self.point.counts)
        for (name, _), new in (self._noted | self._fresh).items():
            counts[name] += new
        self._next = Point(seq, link, counts)
        write(self._connection, self._next)

    def keep(self) -> None:
        self._noted |= self._fresh
        if self._next is not None:
            self.point, self._noted = self._next, {}
        self._fresh, self._next = {}, None


def write(connection: sqlite3.Connection, point: Point) -> None:
    connection.execute("DELETE FROM remembered")
    connection.execute("DELETE FROM remembered_rows")
    counts = rows.as_json(point.counts)
    connection.execute("INSERT INTO remembered VALUES (?, ?, ?, ?)", (point.seq, point.link, counts, point.digest))
