"""Checkpoints that an agent took the refs from get them back; those that are gone altogether are made anew.

Whoever runs outside of the sandbox can delete any ref of the repository, and prune what it held.
"""

from __future__ import annotations

from collections.abc import Iterator

from swarmctl.core.errors import SwarmError
from swarmctl.core.events import Event, Noticed
from swarmctl.core.machine import Facts
from swarmctl.core.ports import Desk
from swarmctl.core.session import RESTING, Session, Stage
from swarmctl.flow.session.settle import checkpoint, checkpoint_ref, trash_ref


def uphold(session: Session, facts: Facts, desk: Desk) -> Iterator[Event]:
    """After a session has ended: of all the others at rest. What it came to does not depend on this."""
    try:
        yield from _uphold(session, facts, desk)
    except SwarmError as error:
        yield Noticed(session.id, f"the checkpoints of others could not be looked after: {error.message}")


def _uphold(session: Session, facts: Facts, desk: Desk) -> Iterator[Event]:
    others = [other for other in list(facts.live.values()) if other.id != session.id and other.stage in RESTING]
    yield from _branches(session, others, desk)
    kept = {_ref(other): other for other in others if other.checkpoint and other.place in ("present", "trashed")}
    back, gone = desk.worktrees.uphold({ref: other.checkpoint for ref, other in kept.items()})
    if back:
        words = f"checkpoints lost their refs while it ran, and have them back: {_names(kept, back)}"
        yield Noticed(session.id, words)
    anew = [kept[ref] for ref in gone if kept[ref].place == "present" and desk.worktrees.stands(kept[ref].worktree)]
    for other in anew:
        yield from checkpoint(other, desk, "the one before was deleted")
    if gone:
        words = f"checkpoints were deleted while it ran: {_names(kept, gone)}"
        made = f"; made anew: {', '.join(other.id for other in anew)}" if anew else ""
        yield Noticed(session.id, f"{words}{made}")


def _branches(session: Session, others: list[Session], desk: Desk) -> Iterator[Event]:
    """One whose commits are gone begins anew at its base: its files are in the worktree, and are committed there."""
    ours = [o for o in others if o.stage in (Stage.READY, Stage.KEPT) and o.place == "present" and o.adopted is None]
    mine = {f"refs/heads/{other.branch}": other for other in ours}
    back, gone = desk.worktrees.uphold({ref: other.head or other.base for ref, other in mine.items()})
    if back:
        yield Noticed(session.id, f"branches were deleted while it ran, and are back: {_names(mine, back)}")
    if gone:
        desk.worktrees.uphold({ref: mine[ref].base for ref in gone})
        words = "branches were deleted with their commits while it ran, and begin at their base again"
        yield Noticed(session.id, f"{words}: {_names(mine, gone)}")


def _ref(session: Session) -> str:
    return trash_ref(session) if session.place == "trashed" else checkpoint_ref(session)


def _names(kept: dict[str, Session], refs: tuple[str, ...]) -> str:
    return ", ".join(kept[ref].id for ref in refs)
