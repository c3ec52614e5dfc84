"""Events as rows, each linked to the one before by a hash, so that a changed, missing or added row is found."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from swarmctl.core.codec import from_plain, to_plain
from swarmctl.core.errors import EnvironmentFault
from swarmctl.core.events import EVENTS, Stamped
from swarmctl.core.machine import Facts
from swarmctl.edges.store.faults import damaged
from swarmctl.edges.store.rows import as_json

FIRST = ""
_PAGE = 1000
_NO_WRITER: AbstractContextManager[object] = nullcontext()


def link(before: str, seq: int, at: float, kind: str, body: str) -> str:
    return hashlib.sha256(f"{before}\n{seq}\n{at!r}\n{kind}\n{body}".encode()).hexdigest()


def link_at(connection: sqlite3.Connection, seq: int) -> str:
    row = connection.execute("SELECT link FROM events WHERE seq = ?", (seq,)).fetchone()
    return FIRST if row is None else str(row[0])


def insert(connection: sqlite3.Connection, stamped: Stamped, facts: Facts, before: str) -> str:
    """Write one event behind the link `before`; its own link."""
    kind, body = type(stamped.event).__name__, as_json(to_plain(stamped.event))
    session = getattr(stamped.event, "session", None)
    task = getattr(stamped.event, "task", None)
    if task is None and session is not None and session in facts.sessions:
        task = facts.sessions[session].task
    own = link(before, stamped.seq, stamped.at, kind, body)
    connection.execute(
        "INSERT INTO events (seq, at, kind, session, task, body, link) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (stamped.seq, stamped.at, kind, session, task, body, own),
    )
    return own


def events(
    connection: sqlite3.Connection, after: int = 0, turn: AbstractContextManager[object] = _NO_WRITER
) -> Iterator[Stamped]:
    """In order, in pages, so that a slow reader holds no transaction open; each page is read in a `turn` of its own."""
    while True:
        with turn:
            page = connection.execute(
                "SELECT seq, at, kind, body FROM events WHERE seq > ? ORDER BY seq LIMIT ?", (after, _PAGE)
            ).fetchall()
        for seq, at, kind, body in page:
            yield decode(seq, at, kind, body)
            after = seq
        if len(page) < _PAGE:
            return


def decode(seq: int, at: float, kind: str, body: str) -> Stamped:
    if kind not in EVENTS:
        raise EnvironmentFault(
            f"event {seq} is a {kind}, which this swarmctl does not know",
            hint="upgrade: pip install --upgrade swarmctl",
        )
    return Stamped(seq, at, from_plain(EVENTS[kind], json.loads(body)))


def check(connection: sqlite3.Connection, path: Path, after: int = 0, before: str = FIRST) -> None:
    """Raise when an event behind the link `before` is not the one that was written."""
    expected = after + 1
    rows = connection.execute("SELECT seq, at, kind, body, link FROM events WHERE seq > ? ORDER BY seq", (after,))
    for seq, at, kind, body, own in rows:
        if seq != expected:
            raise damaged(path, f"event {expected} is missing")
        if own != link(before, seq, at, kind, body):
            raise damaged(path, f"event {seq} is not the one that was written")
        before, expected = own, seq + 1
