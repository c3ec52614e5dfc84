"""Rows of the projection as dataclasses and as table columns: one column per field, nested values as JSON text."""

from __future__ import annotations

import dataclasses
import json
import sqlite3
import typing
from collections.abc import Iterator
from typing import Any

from swarmctl.core.codec import from_plain, to_plain
from swarmctl.core.contest import Contest, Rehearsal
from swarmctl.core.landing import Answer, Approval, Landing
from swarmctl.core.limits import Limit
from swarmctl.core.machine import Facts, Row
from swarmctl.core.money import Entry, Purse
from swarmctl.core.session import Session
from swarmctl.core.task import Run, Task
from swarmctl.core.values import dataclass


@dataclass(frozen=True, slots=True)
class Table:
    name: str
    kind: type[Row]
    key: str
    columns: tuple[str, ...]
    nested: frozenset[str]
    flags: frozenset[str]

    @property
    def names(self) -> str:
        return ", ".join(f'"{column}"' for column in self.columns)

    @property
    def upsert(self) -> str:
        marks = ", ".join("?" * len(self.columns))
        changes = ", ".join(f'"{column}" = excluded."{column}"' for column in self.columns if column != self.key)
        insert = f"INSERT INTO {self.name} ({self.names}) VALUES ({marks})"
        return f'{insert} ON CONFLICT ("{self.key}") DO UPDATE SET {changes}'


def _table(name: str, kind: type[Row], key: str) -> Table:
    hints = typing.get_type_hints(kind)
    columns = tuple(field.name for field in dataclasses.fields(kind))
    nested = frozenset(column for column in columns if _is_nested(hints[column]))
    flags = frozenset(column for column in columns if hints[column] is bool)
    return Table(name, kind, key, columns, nested, flags)


def _is_nested(hint: Any) -> bool:
    options = typing.get_args(hint) if typing.get_origin(hint) is not tuple else ()
    return (
        typing.get_origin(hint) is tuple or dataclasses.is_dataclass(hint) or any(_is_nested(each) for each in options)
    )


TABLES = (
    _table("runs", Run, "id"),
    _table("tasks", Task, "id"),
    _table("sessions", Session, "id"),
    _table("landings", Landing, "session"),
    _table("approvals", Approval, "digest"),
    _table("answers", Answer, "command"),
    _table("entries", Entry, "id"),
    _table("purses", Purse, "scope"),
    _table("limits", Limit, "account"),
    _table("contests", Contest, "id"),
    _table("rehearsals", Rehearsal, "session"),
)
UPSERTS: dict[type[Row], tuple[Table, str]] = {table.kind: (table, table.upsert) for table in TABLES}
BY_NAME = {table.name: table for table in TABLES}
BY_KIND: dict[type[Row], Table] = {table.kind: table for table in TABLES}

Key = tuple[str, str]
"""The name of a table and the key of a row in it."""


def as_json(plain: Any) -> str:
    """Readable where the text can be stored as UTF-8, escaped where it holds a lone surrogate (a non-UTF-8 path)."""
    text = json.dumps(plain, ensure_ascii=False)
    return text if _storable(text) else json.dumps(plain)


def _storable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def to_columns(table: Table, row: Row) -> list[Any]:
    return [_to_column(table, column, getattr(row, column)) for column in table.columns]


def _to_column(table: Table, column: str, value: Any) -> Any:
    plain = to_plain(value)
    if column in table.nested:
        return None if plain is None else as_json(plain)
    return stored(plain)


def stored(plain: Any) -> Any:
    """As the database can hold it: text with a lone surrogate is kept as bytes."""
    return plain.encode("utf-8", "surrogatepass") if isinstance(plain, str) and not _storable(plain) else plain


def read_back(value: Any) -> Any:
    return value.decode("utf-8", "surrogatepass") if isinstance(value, bytes) else value


def from_columns(table: Table, values: tuple[Any, ...]) -> Row:
    plain = {column: _from_column(table, column, value) for column, value in zip(table.columns, values, strict=True)}
    return from_plain(table.kind, plain)


def _from_column(table: Table, column: str, value: Any) -> Any:
    if isinstance(value, bytes):
        return read_back(value)
    if value is not None and column in table.nested:
        return json.loads(value)
    return bool(value) if column in table.flags else value


def write(connection: sqlite3.Connection, row: Row) -> None:
    table, upsert = UPSERTS[type(row)]
    connection.execute(upsert, to_columns(table, row))


def every(connection: sqlite3.Connection) -> Iterator[Row]:
    """All rows, each table in the order its rows first appeared."""
    for table in TABLES:
        for values in connection.execute(f"SELECT {table.names} FROM {table.name} ORDER BY rowid"):
            yield from_columns(table, values)


def load(connection: sqlite3.Connection) -> Facts:
    """The facts as the tables hold them; the caller has a transaction open."""
    facts = Facts()
    for row in every(connection):
        facts.put(row)
    last = connection.execute("SELECT seq, at FROM events ORDER BY seq DESC LIMIT 1").fetchone()
    if last is not None:
        facts.seq, facts.last_at = last
    return facts


def counts(connection: sqlite3.Connection) -> dict[str, int]:
    return {table.name: connection.execute(f"SELECT count(*) FROM {table.name}").fetchone()[0] for table in TABLES}
