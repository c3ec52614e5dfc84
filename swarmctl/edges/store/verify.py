"""Is the ledger what was written? All of it, or what came after the point that was remembered."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from swarmctl.core.errors import EnvironmentFault
from swarmctl.core.machine import Facts, ImpossibleEvent, Row
from swarmctl.core.rows import Over, Rows
from swarmctl.edges.store import chain, rows
from swarmctl.edges.store.faults import damaged
from swarmctl.edges.store.remembered import Point, recall_rows
from swarmctl.edges.store.replay import advance, replay
from swarmctl.edges.store.rows import BY_KIND, TABLES, Key


def whole(connection: sqlite3.Connection, path: Path) -> None:
    """Raise unless the pages hold together, the events are as written, and the tables are what they add up to."""
    found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise damaged(path, found.splitlines()[-1])
    chain.check(connection, path)
    try:
        agree = rows.load(connection) == replay(chain.events(connection))
    except (ValueError, TypeError, KeyError) as error:
        raise damaged(path, f"a row cannot be read ({error})") from error
    if not agree:
        raise damaged(path, "its tables do not follow from its events")


def since(connection: sqlite3.Connection, path: Path, point: Point, facts: Facts) -> bool:
    """Whether all that came after `point` is as it was written; what is not is for `whole` to name."""
    try:
        if chain.link_at(connection, point.seq) != point.link:
            return False
        chain.check(connection, path, point.seq, point.link)
        return _follows(connection, point, facts)
    except (EnvironmentFault, ImpossibleEvent, ValueError, TypeError, KeyError):
        return False


def _follows(connection: sqlite3.Connection, point: Point, facts: Facts) -> bool:
    """A replay from the rows as they were ends with the rows as they are, and no table has a row more or less."""
    noted = recall_rows(connection)
    then = _as_it_was(facts, noted)
    changed: dict[Key, Row] = {}
    for stamped in chain.events(connection, point.seq):
        for row in advance(then, stamped):
            table = BY_KIND[type(row)]
            changed[table.name, getattr(row, table.key)] = row
    counts = dict(point.counts)
    for (name, _), before in noted.items():
        counts[name] += before is None
    return (
        changed.keys() == noted.keys()
        and all(getattr(facts, name)[key] == row for (name, key), row in changed.items())
        and counts == rows.counts(connection)
    )


class _Then(Over[str, Row]):
    """Rows as they were before some of them changed or came to be."""

    def __init__(self, under: Rows[str, Row], absent: set[str]) -> None:
        super().__init__(under)
        self._absent = absent

    def __missing__(self, key: str) -> Row:
        if key in self._absent:
            raise KeyError(key)
        return super().__missing__(key)

    def __contains__(self, key: object) -> bool:
        return self.get(str(key)) is not None


def _as_it_was(facts: Facts, noted: dict[Key, Row | None]) -> Facts:
    tables = {}
    for table in TABLES:
        absent = {key for (name, key), row in noted.items() if name == table.name and row is None}
        tables[table.name] = _Then(getattr(facts, table.name), absent)
        tables[table.name].update({key: row for (name, key), row in noted.items() if name == table.name and row})
    return Facts(**tables)  # type: ignore[arg-type]
