"""A merge of the target that lies in a session's worktree: its two sides, and its end without a merge."""

from __future__ import annotations

from swarmctl.core.bringing import Sides
from swarmctl.core.events import Batch, SessionKept
from swarmctl.core.events.onward import SyncGivenUp
from swarmctl.core.outcome import Outcome
from swarmctl.core.session import Session


def sides_of(session: Session) -> Sides | None:
    """None where nothing was left with conflicts."""
    sync = session.talk.sync
    return Sides(sync.ours, sync.theirs, sync.name) if sync is not None and sync.conflicts else None


def given_up(session: Session, outcome: Outcome, why: str) -> Batch:
    return (SyncGivenUp(session.id, why), SessionKept(session.id, outcome, why))
