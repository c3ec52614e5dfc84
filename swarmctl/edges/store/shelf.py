"""Rows of a table: those that may change by themselves are at hand in memory, the others are read when asked for.

Whoever writes puts a row here once it is committed, so that what is at hand is never older than what is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from swarmctl.core.machine import Facts, Row
from swarmctl.core.rows import Rows
from swarmctl.edges.store.rows import TABLES, Table, from_columns, stored

Ask = Callable[[str, tuple[Any, ...]], list[tuple[Any, ...]]]
"""A question to the database and its whole answer."""

LIVE = "NOT (place IN ('deleted', 'returned') AND stage IN ('kept', 'empty', 'landed') AND asked_to_land = 0)"
"""`not Session.is_over`, word for word as the index `sessions_live` has it."""
AT_HAND = {
    "runs": "id IN (SELECT id FROM runs WHERE waits UNION SELECT run FROM tasks WHERE outcome IS NULL "
    f"UNION SELECT run FROM sessions WHERE {LIVE})",
    "tasks": f"id IN (SELECT id FROM tasks WHERE outcome IS NULL UNION SELECT task FROM sessions WHERE {LIVE})",
    "sessions": f"id IN (SELECT id FROM sessions WHERE {LIVE})",
    "landings": f"session IN (SELECT id FROM sessions WHERE {LIVE})",
    "approvals": "TRUE",
    "limits": "TRUE",
    "entries": "id IN (SELECT id FROM entries WHERE settled_at IS NULL)",
    "contests": "id IN (SELECT contest FROM tasks WHERE contest <> '' AND (outcome IS NULL "
    f"OR id IN (SELECT task FROM sessions WHERE {LIVE})))",
    "rehearsals": f"session IN (SELECT id FROM sessions WHERE {LIVE})",
}


class Shelf(Rows[Any, Any]):
    def __init__(self, table: Table, ask: Ask) -> None:
        super().__init__()
        self._table = table
        self._ask = ask
        self._count: int | None = None

    def read(self, condition: str, *values: Any, order: str = "rowid") -> list[Row]:
        question = f"SELECT {self._table.names} FROM {self._table.name} WHERE {condition} ORDER BY {order}"
        rows = [from_columns(self._table, each) for each in self._ask(question, tuple(map(stored, values)))]
        return [super(Shelf, self).get(getattr(row, self._table.key), row) for row in rows]

    def __missing__(self, key: Any) -> Row:
        found = self.read(f'"{self._table.key}" = ?', key)
        if not found:
            raise KeyError(key)
        return found[0]

    def get(self, key: Any, default: Any = None) -> Any:
        try:
            return self[key]
        except KeyError:
            return default

    def __contains__(self, key: object) -> bool:
        return self.get(key) is not None

    def __setitem__(self, key: Any, row: Row) -> None:
        if not super().__contains__(key):
            self._count = None
        super().__setitem__(key, row)

    def __len__(self) -> int:
        if self._count is None:
            self._count = int(self._ask(f"SELECT count(*) FROM {self._table.name}", ())[0][0])
        return self._count

    def __iter__(self) -> Iterator[Any]:
        return iter([getattr(row, self._table.key) for row in self.read("TRUE")])

    def keys(self) -> Any:
        return list(self)

    def values(self) -> Any:
        return self.read("TRUE")

    def items(self) -> Any:
        return [(getattr(row, self._table.key), row) for row in self.read("TRUE")]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, dict) and dict(self.items()) == dict(other.items())

    __hash__ = None  # type: ignore[assignment]

    def where(self, field: str, value: Any) -> list[Any]:
        return self.read(f'"{field}" = ?', value)

    def beginning(self, field: str, prefix: str) -> list[Any]:
        return self.read(f'"{field}" >= ? AND "{field}" < ?', prefix, prefix + "\U0010ffff")

    def last(self, field: str, count: int) -> list[Any]:
        newest = f'"{field}" DESC LIMIT {count}'
        return self.read(f'"{field}" IS NOT NULL', order=newest)[::-1]


def shelved(ask: Ask) -> Facts:
    """The facts of a database whose tables hold still, or that only the caller writes to."""
    shelves = {table.name: Shelf(table, ask) for table in TABLES}
    facts = Facts(**shelves)  # type: ignore[arg-type]
    for name, condition in AT_HAND.items():
        for row in shelves[name].read(condition):
            facts.put(row)
    last = ask("SELECT seq, at FROM events ORDER BY seq DESC LIMIT 1", ())
    if last:
        facts.seq, facts.last_at = last[0]
    return facts
