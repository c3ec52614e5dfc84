"""What was not picked is put away: nothing of it runs, its head is kept under a ref, its worktree is in the trash.

Every step can be repeated; the last word comes when all is done, and after that it is left alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from swarmctl.core.events import Event, SetAside, StopRequested, WorktreeTrashed
from swarmctl.core.ids import SessionId
from swarmctl.core.machine import Facts
from swarmctl.core.ports import Desk
from swarmctl.core.session import Session
from swarmctl.flow.session.settle import remove


def kept_ref(session: Session) -> str:
    return f"refs/swarm/kept/{session.id}"


def set_aside(session: Session, winner: SessionId, facts: Facts, desk: Desk) -> Iterator[Event]:
    why = f"{winner} was picked"
    if session.active:
        yield StopRequested(session.id, why)
        return
    if session.head:
        desk.integration.pin(kept_ref(session), session.head)
    if session.place == "present":
        for event in remove(session, facts, desk, why):
            if isinstance(event, WorktreeTrashed):
                desk.worktrees.delete_branch(session.branch, session.head or session.base)
            yield event
    yield SetAside(session.id, kept_ref(session) if session.head else "", why)
