"""Reading the ledger beside its writer: `mode=ro`, never a lock that the writer would wait for."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from swarmctl.core.errors import EnvironmentFault
from swarmctl.core.events import Stamped
from swarmctl.core.machine import Facts
from swarmctl.edges.store import chain, rows, shape
from swarmctl.edges.store.fast import uri
from swarmctl.edges.store.faults import faults

BUSY_TIMEOUT_S = 5.0


class Reader:
    """The ledger as another process sees it."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self._path = path
        self._connection = connection

    def facts(self) -> Facts:
        """All tables as of one moment."""
        with faults(self._path):
            self._connection.execute("BEGIN")
            try:
                return rows.load(self._connection)
            finally:
                self._connection.execute("COMMIT")

    def events(self, after: int = 0) -> Iterator[Stamped]:
        with faults(self._path):
            yield from chain.events(self._connection, after)

    def data_version(self) -> int:
        """Changes whenever the writer committed something."""
        with faults(self._path):
            return int(self._connection.execute("PRAGMA data_version").fetchone()[0])

    def close(self) -> None:
        self._connection.close()


def open_readonly(path: Path | str) -> Reader:
    path = Path(path)
    if not path.exists():
        raise EnvironmentFault(f"there is no {path}", hint="nothing ran here yet: swarmctl run 'TASK'")
    with faults(path):
        connection = sqlite3.connect(uri(str(path)), uri=True, timeout=BUSY_TIMEOUT_S, isolation_level=None)
        try:
            shape.refuse_the_future(path, shape.version(connection), shape.newest())
        except BaseException:
            connection.close()
            raise
    return Reader(path, connection)
