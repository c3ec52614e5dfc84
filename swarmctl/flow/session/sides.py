"""A merge of the target that lies in a session's worktree: its two sides, and its end without a merge."""

from __future__ import annotations

from swarmctl.core.bringing import Sides
from swarmctl.core.events import Batch, SessionKept
from swarmctl.core.events.onward import SyncGivenUp
from swarmctl.core.outcome import Outcome
from swarmctl.core.session import Session

GOOD_AGAIN = (Outcome.READY, Outcome.CONFLICT, Outcome.REFUSED)
"""What a session rested with that the target in it may mend: the gates decide anew."""


def sides_of(session: Session) -> Sides | None:
    """None where nothing was left with conflicts."""
    sync = session.talk.sync
    return Sides(sync.ours, sync.theirs, sync.name) if sync is not None and sync.conflicts else None


def half_of(session: Session) -> Sides | None:
    """What was begun, and may be half in its worktree without a word of how it ended."""
    sync = session.talk.sync
    begun = sync is not None and sync.ours and not sync.conflicts
    return Sides(sync.ours, sync.theirs, sync.name) if sync is not None and begun else None


def unfinished(session: Session) -> SessionKept | None:
    """How it rests again where work that was not done got the target and nothing else."""
    sync = session.talk.sync
    if sync is None or sync.before in ("", Outcome.NO_WORK, *GOOD_AGAIN):
        return None
    return SessionKept(session.id, Outcome(sync.before), sync.reason)


def given_up(session: Session, outcome: Outcome, why: str) -> Batch:
    return (SyncGivenUp(session.id, why), SessionKept(session.id, outcome, why))
