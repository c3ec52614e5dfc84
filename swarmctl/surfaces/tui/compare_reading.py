"""Reads what an attempt changed, for the screen that compares several. In a thread, one question at a time."""

from __future__ import annotations

from dataclasses import dataclass

from swarmctl.app.diffs import Comparison, compare
from swarmctl.app.here import Here
from swarmctl.core.patch import Change
from swarmctl.core.session import Session
from swarmctl.surfaces.tui.diff_model import Opened, opened


@dataclass(frozen=True, slots=True)
class Read:
    session: Session
    path: str
    comparison: Comparison
    opened: Opened | None
    """None where it did not change this file."""


class Reader:
    def __init__(self, place: Here) -> None:
        self._place = place
        self._known: dict[str, tuple[Session, Comparison]] = {}

    def read(self, session: Session, path: str) -> Read:
        comparison = self._comparison(session)
        change = change_of(comparison, path)
        return Read(session, path, comparison, opened(self._place, comparison, change) if change else None)

    def _comparison(self, session: Session) -> Comparison:
        """The same until its work moves."""
        known = self._known.get(session.id)
        if known is None or work_of(known[0]) != work_of(session):
            known = self._known[session.id] = session, compare(self._place, session, since=False)
        return known[1]


def change_of(comparison: Comparison, path: str) -> Change | None:
    return next((change for change in comparison.changes if path in (change.new, change.old)), None)


def work_of(session: Session) -> tuple[str, ...]:
    """What has to move before there is anything new to read."""
    return session.id, session.base, session.head, session.checkpoint, session.place
