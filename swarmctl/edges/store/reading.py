"""Reading the ledger beside its writer: `mode=ro`, never a lock that the writer would wait for."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

from swarmctl.core.errors import EnvironmentFault
from swarmctl.core.events import Stamped
from swarmctl.core.machine import Facts
from swarmctl.edges.store import chain, rows, shape, verify
from swarmctl.edges.store.fast import uri
from swarmctl.edges.store.faults import faults
from swarmctl.edges.store.shelf import shelved

BUSY_TIMEOUT_S = 5.0


class Looking:
    """A connection of its own for questions, which threads take turns to ask."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._turn = Lock()
        self.connection = sqlite3.connect(
            uri(str(path)), uri=True, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
        )

    def ask(self, question: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        with self._turn, faults(self._path):
            return self.connection.execute(question, values).fetchall()

    def close(self) -> None:
        with self._turn:
            self.connection.close()


class Reader:
    """The ledger as another process sees it."""

    def __init__(self, path: Path, looking: Looking) -> None:
        self._path = path
        self._looking = looking
        self._connection = looking.connection

    def facts(self) -> Facts:
        """All tables as of one moment: this one, or the one that is held."""
        with self._held():
            return rows.load(self._connection)

    def glance(self) -> Facts:
        """The same without reading what nobody asks for; the moment is held until `let_go`, and the file grows."""
        with faults(self._path):
            self._connection.execute("BEGIN")
        return shelved(self._looking.ask)

    def let_go(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("COMMIT")

    def verify(self) -> int:
        """Raise unless all of the ledger is what was written; how many events that are."""
        with self._held():
            verify.whole(self._connection, self._path)
            return int(self._connection.execute("SELECT coalesce(max(seq), 0) FROM events").fetchone()[0])

    @contextmanager
    def _held(self) -> Iterator[None]:
        with faults(self._path):
            if self._connection.in_transaction:
                yield
                return
            self._connection.execute("BEGIN")
            try:
                yield
            finally:
                self._connection.execute("COMMIT")

    def about(self, run: str, task: str, session: str) -> Iterator[Stamped]:
        """Events that name one of the three, and perhaps others of the same task, in order."""
        with faults(self._path):
            found = self._connection.execute(_ABOUT, (task, session, run)).fetchall()
        for seq, at, kind, body in found:
            yield chain.decode(seq, at, kind, body)

    def page(self, limit: int, *, after: int = 0, before: int = 0, task: str = "") -> list[Stamped]:
        """The first events after one, or the last before one, of everything or of a task; in order."""
        which = " AND task = ?" if task else ""
        values = (before or after, *([task] if task else []), limit)
        side, way = ("<", "DESC") if before else (">", "ASC")
        question = f"SELECT seq, at, kind, body FROM events WHERE seq {side} ?{which} ORDER BY seq {way} LIMIT ?"
        found = self._looking.ask(question, values)
        return [chain.decode(*row) for row in (found[::-1] if before else found)]

    def sift(
        self, first: int, behind: int, parts: Sequence[tuple[str, Sequence[str]]], *, task: str = "", newest: int = 0
    ) -> list[Stamped]:
        """Those from `first` up to before `behind` that have every part, in order; the `newest` so many, if not all.

        A part is letters and digits of the record, or kinds that have it anyway; so has what is not plain ASCII.
        """
        which = ["seq >= ? AND seq < ?"]
        values: list[str | int] = [first, behind]
        which += ["task = ?"] if task else []
        values += [task] if task else []
        for run, kinds in parts:
            which.append(f"({_HAS} OR kind IN ({', '.join('?' * len(kinds))}))")
            values += [f"%{run}%", *kinds]
        question = f"SELECT seq, at, kind, body FROM events WHERE {' AND '.join(which)} ORDER BY seq DESC LIMIT ?"
        found = self._looking.ask(question, (*values, newest or -1))
        return [chain.decode(*row) for row in found[::-1]]

    def names(self) -> list[str]:
        """Of all agents that sessions have, and of their targets."""
        return [
            name for (name,) in self._looking.ask("SELECT agent FROM sessions UNION SELECT target FROM sessions", ())
        ]

    def lately(self, session: str, count: int) -> list[Stamped]:
        """The last so many events of a session, and before them all that its gates said; in order."""
        return [chain.decode(*row) for row in self._looking.ask(_LATELY, (session, session, count))]

    def events(self, after: int = 0) -> Iterator[Stamped]:
        with faults(self._path):
            yield from chain.events(self._connection, after)

    def data_version(self) -> int:
        """Changes whenever the writer committed something."""
        with faults(self._path):
            return int(self._connection.execute("PRAGMA data_version").fetchone()[0])

    def close(self) -> None:
        self._looking.close()


_HAS = "body LIKE ? OR length(body) <> length(CAST(body AS BLOB)) OR instr(body, '\\u')"
_LATELY = """
SELECT seq, at, kind, body FROM events WHERE session = ? AND (
    kind IN ('MergeStaged', 'GateFinished')
    OR seq >= (SELECT min(seq) FROM (SELECT seq FROM events WHERE session = ? ORDER BY seq DESC LIMIT ?))
) ORDER BY seq
"""
_ABOUT = """
SELECT seq, at, kind, body FROM events WHERE seq IN (
    SELECT seq FROM events WHERE task = ?
    UNION SELECT seq FROM events WHERE session = ?
    UNION SELECT seq FROM events
          WHERE kind IN ('RunSubmitted', 'RunLeft', 'RunJoined') AND json_extract(body, '$.run') = ?
) ORDER BY seq
"""


def open_readonly(path: Path | str) -> Reader:
    path = Path(path)
    if not path.exists():
        raise EnvironmentFault(f"there is no {path}", hint="nothing ran here yet: swarmctl run 'TASK'")
    with faults(path):
        looking = Looking(path)
        try:
            shape.refuse_the_future(path, shape.version(looking.connection), shape.newest())
        except BaseException:
            looking.close()
            raise
    return Reader(path, looking)
