"""The shape of the file and its version: made when new, brought forward when old, refused when from the future.

Bringing forward copies the file first and then changes everything in one transaction; the projection is built anew from
the events.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from swarmctl.core.errors import EnvironmentFault
from swarmctl.edges.store import chain, rows
from swarmctl.edges.store.replay import replay

Migration = Callable[[sqlite3.Connection], None]


def only_projections(connection: sqlite3.Connection) -> None:
    """Events are as they were; every projection is built anew in any case."""


def _find_runs(connection: sqlite3.Connection) -> None:
    connection.execute(
        "CREATE INDEX events_of_run ON events (json_extract(body, '$.run'), seq) "
        "WHERE kind IN ('RunSubmitted', 'RunLeft', 'RunJoined')"
    )


MIGRATIONS: tuple[Migration, ...] = (only_projections, _find_runs, *[only_projections] * 7)
"""The n-th brings version n to n + 1. Events stay as they were written; what follows from them is rebuilt."""

_FOLDER = Path(__file__).parent


def bring_to_date(connection: sqlite3.Connection, path: Path, migrations: Sequence[Migration] = MIGRATIONS) -> None:
    aim, found = newest(migrations), version(connection)
    if found == aim:
        return
    if found == 0:
        in_one_transaction(connection, lambda: _create(connection, aim))
        return
    _copy(connection, path.with_name(f"{path.name}.v{found}"))
    in_one_transaction(connection, lambda: _migrate(connection, migrations[found - 1 :], aim))


def newest(migrations: Sequence[Migration] = MIGRATIONS) -> int:
    return 1 + len(migrations)


def version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def refuse_the_future(path: Path, found: int, known: int) -> None:
    if found > known:
        raise EnvironmentFault(
            f"{path} was written by a newer swarmctl (format {found}, this one knows {known})",
            hint="upgrade: pip install --upgrade swarmctl",
        )


def rebuild(connection: sqlite3.Connection) -> None:
    """Every projection from the events alone; the caller has a transaction open."""
    for kind, name in connection.execute(
        "SELECT type, name FROM sqlite_master WHERE type IN ('view', 'table') AND name <> 'events' "
        "AND name NOT LIKE 'sqlite_%' ORDER BY type DESC"
    ).fetchall():
        connection.execute(f'DROP {kind} "{name}"')
    for statement in _statements("projections.sql"):
        connection.execute(statement)
    facts = replay(chain.events(connection))
    for table in rows.TABLES:
        for row in getattr(facts, table.name).values():
            rows.write(connection, row)


def _create(connection: sqlite3.Connection, aim: int) -> None:
    for statement in _statements("schema.sql"):
        connection.execute(statement)
    _migrate(connection, (), aim)


def _migrate(connection: sqlite3.Connection, steps: Sequence[Migration], aim: int) -> None:
    for step in steps:
        step(connection)
    rebuild(connection)
    connection.execute(f"PRAGMA user_version = {aim}")


def in_one_transaction(connection: sqlite3.Connection, change: Callable[[], None]) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        change()
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _copy(connection: sqlite3.Connection, to: Path) -> None:
    """A copy under another name, complete before it has that name."""
    half = to.with_name(f"{to.name}.half")
    half.unlink(missing_ok=True)
    connection.execute("VACUUM INTO ?", (str(half),))
    half.chmod(0o600)
    half.rename(to)


def _statements(name: str) -> Iterator[str]:
    statement = ""
    for line in (_FOLDER / name).read_text().splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
