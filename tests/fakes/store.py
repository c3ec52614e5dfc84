"""A ledger in memory, for tests of what writes to one."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from swarmctl.core.events import Event, Stamped
from swarmctl.core.machine import Facts, ImpossibleEvent, Row, apply
from swarmctl.core.rows import Over


class MemoryLog:
    def __init__(self, now: Callable[[], float] = lambda: 0.0) -> None:
        self._now = now
        self._events: list[Stamped] = []
        self._facts = Facts()

    @property
    def facts(self) -> Facts:
        return self._facts

    def append(self, *events: Event) -> list[Stamped]:
        facts = _copy(self._facts)
        stamped: list[Stamped] = []
        changes: list[Row] = []
        for event in events:
            each = Stamped(facts.seq + 1, max(self._now(), facts.last_at), event)
            try:
                rows = apply(facts, each)
            except KeyError as missing:
                raise ImpossibleEvent(f"{type(event).__name__}: nothing is known of {missing}") from missing
            for row in rows:
                facts.put(row)
            changes += rows
            facts.seq, facts.last_at = each.seq, each.at
            stamped.append(each)
        self._events += stamped
        for row in changes:
            self._facts.put(row)
        self._facts.seq, self._facts.last_at = facts.seq, facts.last_at
        return stamped

    def read(self, after: int = 0) -> Iterator[Stamped]:
        return iter(self._events[after:])

    def close(self) -> None:
        pass


def _copy(facts: Facts) -> Facts:
    return Facts(
        runs=Over(facts.runs),
        tasks=Over(facts.tasks),
        sessions=Over(facts.sessions),
        landings=Over(facts.landings),
        approvals=Over(facts.approvals),
        answers=Over(facts.answers),
        entries=Over(facts.entries),
        purses=Over(facts.purses),
        limits=Over(facts.limits),
        contests=Over(facts.contests),
        rehearsals=Over(facts.rehearsals),
        last_at=facts.last_at,
        seq=facts.seq,
    )
