"""`council.db`: every question that was asked, what was said, and what a replay needs. Its own file, many writers.

Each write is one short transaction; the newest `KEPT` questions stay. What comes in has its secrets masked.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any

from swarmctl.core.errors import EnvironmentFault
from swarmctl.edges.store.fast import uri

NAME = "council.db"
FORMAT = 1
KEPT = 10_000
PRUNED_EVERY = 64
_BUSY_S = 5.0

_SHAPE = """
CREATE TABLE IF NOT EXISTS asks (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, at REAL NOT NULL, zone TEXT NOT NULL,
  root TEXT NOT NULL, head TEXT NOT NULL, question TEXT NOT NULL, read_as TEXT NOT NULL, whole INTEGER NOT NULL,
  before TEXT NOT NULL, kind TEXT NOT NULL, risk TEXT NOT NULL, tiers TEXT NOT NULL, reasons TEXT NOT NULL,
  status TEXT NOT NULL, tier TEXT NOT NULL, confidence REAL NOT NULL, answer TEXT NOT NULL, proof TEXT NOT NULL,
  reads TEXT NOT NULL, steps TEXT NOT NULL, rules TEXT NOT NULL, tools TEXT NOT NULL,
  latency_us INTEGER NOT NULL, cost_micro INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS rules (digest TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID;
"""
COLUMNS = (
    "id", "at", "zone", "root", "head", "question", "read_as", "whole", "before", "kind", "risk", "tiers", "reasons",
    "status", "tier", "confidence", "answer", "proof", "reads", "steps", "rules", "tools", "latency_us", "cost_micro",
)  # fmt: skip
_LISTS = ("before", "tiers", "reasons", "reads", "steps")
_INSERT = f"INSERT INTO asks ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"

Row = Mapping[str, Any]


def record(folder: str, row: Row, rules: str) -> None:
    """Durable when it returns. `rules` is the text that the row's digest of them stands for."""
    path = os.path.join(folder, NAME)  # noqa: PTH118 - pathlib costs 7 ms
    values = [json.dumps(row[name]) if name in _LISTS else row[name] for name in COLUMNS]
    with _faults(path), closing(_opened(path)) as connection, connection:
        connection.execute("BEGIN IMMEDIATE")
        if not connection.execute("SELECT 1 FROM rules WHERE digest = ?", (row["rules"],)).fetchone():
            connection.execute("INSERT INTO rules VALUES (?, ?)", (row["rules"], rules))
        seq = connection.execute(_INSERT, values).lastrowid or 0
        if seq % PRUNED_EVERY == 0:
            _prune(connection, seq - KEPT)


def find(folder: str, name: str) -> dict[str, Any] | None:
    """By its id; `name` empty is the newest."""
    condition, values = ("WHERE id = ?", (name,)) if name else ("ORDER BY seq DESC LIMIT 1", ())
    found = _read(folder, f"SELECT {', '.join(COLUMNS)} FROM asks {condition}", values)
    if not found:
        return None
    row = dict(zip(COLUMNS, found[0], strict=True))
    return row | {name: json.loads(row[name]) for name in _LISTS}


def rules_of(folder: str, digest: str) -> str:
    found = _read(folder, "SELECT text FROM rules WHERE digest = ?", (digest,))
    return str(found[0][0]) if found else ""


def figures(folder: str) -> list[tuple[Any, ...]]:
    """(at, kind, status, tier, latency in microseconds, cost in millionths, steps) of every question that is kept."""
    return _read(folder, "SELECT at, kind, status, tier, latency_us, cost_micro, steps FROM asks ORDER BY seq", ())


def _prune(connection: sqlite3.Connection, up_to: int) -> None:
    connection.execute("DELETE FROM asks WHERE seq <= ?", (up_to,))
    connection.execute("DELETE FROM rules WHERE digest NOT IN (SELECT rules FROM asks)")


def _read(folder: str, question: str, values: tuple[str, ...]) -> list[tuple[Any, ...]]:
    path = os.path.join(folder, NAME)  # noqa: PTH118
    if not os.path.exists(path):  # noqa: PTH110
        return []
    with _faults(path), closing(sqlite3.connect(uri(path), uri=True, timeout=_BUSY_S)) as connection:
        return connection.execute(question, values).fetchall()


def _opened(path: str) -> sqlite3.Connection:
    """Made when it is missing, readable by its owner alone."""
    if not os.path.exists(path):  # noqa: PTH110
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600))
    connection = sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None)
    try:
        known = connection.execute("PRAGMA user_version").fetchone()[0]
        if known > FORMAT:
            raise EnvironmentFault(f"{path} is of a newer swarmctl", hint="update swarmctl, or move the file aside")
        if known < FORMAT:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(f"BEGIN IMMEDIATE;{_SHAPE}PRAGMA user_version = {FORMAT};COMMIT;")
        connection.execute("PRAGMA synchronous = NORMAL")
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def _faults(path: str) -> Iterator[None]:
    """The words for what SQLite says are loaded when it says something."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        from pathlib import Path

        from swarmctl.edges.store.faults import faults

        with faults(Path(path)):
            raise error
