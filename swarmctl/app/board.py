"""All that a surface ever reads: the facts as of now, and every event since. Starts nothing, writes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Self

from swarmctl.core.events import Stamped
from swarmctl.core.ids import SessionId
from swarmctl.core.machine import apply
from swarmctl.core.task import Task
from swarmctl.edges.store.reading import open_readonly


class Board:
    def __init__(self, database: Path, *, glances: bool = False) -> None:
        """One that glances reads what is over when it is asked for, which it is until the board is closed."""
        self._reader = open_readonly(database)
        self._glances = glances
        self.facts = self._reader.glance() if glances else self._reader.facts()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._reader.close()

    def news(self) -> Iterator[Stamped]:
        """Events since the last look, in order; `facts` is as of the event just given."""
        if self._glances:
            self.facts, self._glances = self._reader.facts(), False
            self._reader.let_go()
        for stamped in self._reader.events(self.facts.seq):
            for row in apply(self.facts, stamped):
                self.facts.put(row)
            self.facts.seq, self.facts.last_at = stamped.seq, stamped.at
            yield stamped

    def history(self) -> Iterator[Stamped]:
        """Every event from the beginning."""
        return self._reader.events(0)

    def page(self, limit: int, *, after: int = 0, before: int = 0, task: str = "") -> list[Stamped]:
        """The first events after one, or the last before one, of everything or of a task; in order."""
        return self._reader.page(limit, after=after, before=before, task=task)

    def sift(
        self, first: int, behind: int, parts: Sequence[tuple[str, Sequence[str]]], *, task: str = "", newest: int = 0
    ) -> list[Stamped]:
        """Those among the events from `first` up to before `behind` that may have all these parts; in order."""
        return self._reader.sift(first, behind, parts, task=task, newest=newest)

    def names(self) -> list[str]:
        """Of all agents that sessions have, and of their targets."""
        return self._reader.names()

    def lately(self, session: SessionId, count: int) -> list[Stamped]:
        """The last so many events of a session, and before them all that its gates said; in order."""
        return self._reader.lately(session, count)

    def verify(self) -> int:
        """Raise unless the whole ledger is what was written; how many events it holds."""
        return self._reader.verify()

    def about(self, task: Task) -> Iterator[Stamped]:
        """Every event of a task, of its sessions and of its run, from the beginning."""
        return self._reader.about(task.run, task.id, task.session or "")
