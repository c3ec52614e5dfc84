"""A session's worktree back where it was: from the trash, from a checkpoint, or from its branch."""

from __future__ import annotations

from swarmctl.core.errors import Refused
from swarmctl.core.events import Event, WorktreeRestored
from swarmctl.core.ports import Desk
from swarmctl.core.session import Session
from swarmctl.flow.session.settle import clear_away


def is_away(session: Session, desk: Desk) -> bool:
    """Its directory was removed, by swarmctl or by somebody else."""
    taken = session.place == "present" and not desk.worktrees.stands(session.worktree)
    return taken or session.place in ("trashed", "deleted")


def regain(session: Session, desk: Desk) -> tuple[Event, ...]:
    """Where it belongs, for whoever goes on in it; the one who worked there before is gone."""
    clear_away(session, desk)
    return (restore(session, desk),) if is_away(session, desk) else ()


def restore(session: Session, desk: Desk) -> Event:
    if session.place == "none":
        raise Refused(f"{session.id} never had a worktree")
    trash, head = desk.places.trash(session.id), session.head or session.base
    desk.worktrees.restore(session.worktree, trash, session.branch, head, session.checkpoint)
    return WorktreeRestored(session.id, session.worktree)
