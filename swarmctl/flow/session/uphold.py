"""Checkpoints and branches of others that went while a session ran come back; what is gone altogether is made anew.

Whoever runs outside of the sandbox can delete any ref of the repository, and prune what it held. What was gone before
it began, and a branch whose worktree is gone as well, somebody may have deleted on purpose: that stays away.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from swarmctl.core.errors import SwarmError
from swarmctl.core.events import Event, Noticed, WorkCommitted
from swarmctl.core.machine import Facts
from swarmctl.core.ports import Desk
from swarmctl.core.session import RESTING, Session, Stage
from swarmctl.flow.session.settle import checkpoint, checkpoint_ref, trash_ref

Refs = dict[str, tuple[Session, str]]
"""Whose each ref is, and the commit that it should stand at."""


def uphold(session: Session, facts: Facts, desk: Desk) -> Iterator[Event]:
    """After a session has ended: of all the others at rest. What it came to does not depend on this."""
    try:
        yield from _uphold(session, facts, desk)
    except SwarmError as error:
        yield Noticed(session.id, f"the checkpoints of others could not be looked after: {error.message}")


def refs_of_others(session: Session, facts: Facts) -> dict[str, str]:
    """What should be there when a session begins, and where it stands."""
    return _commits(_checkpoints(session, facts) | _branches(session, facts))


def _uphold(session: Session, facts: Facts, desk: Desk) -> Iterator[Event]:
    lacked = desk.outskirts.lacked(desk.places.run_dir(session.id, session.attempt))
    if lacked is None:
        return  # Inside of a fence it could delete none.
    at_stake = {ref: each for ref, each in _branches(session, facts).items() if lacked.get(ref) != each[1]}
    standing = {ref: each for ref, each in at_stake.items() if desk.worktrees.stands(each[0].worktree)}
    yield from _uphold_branches(session, standing, facts, desk)
    kept = {ref: each for ref, each in _checkpoints(session, facts).items() if lacked.get(ref) != each[1]}
    yield from _uphold_checkpoints(session, kept, desk)


def _uphold_checkpoints(session: Session, kept: Refs, desk: Desk) -> Iterator[Event]:
    back, gone = desk.worktrees.uphold(_commits(kept))
    if back:
        words = f"checkpoints lost their refs while it ran, and have them back: {_names(kept, back)}"
        yield Noticed(session.id, words)
    others = [kept[ref][0] for ref in gone]
    anew = [other for other in others if other.place == "present" and desk.worktrees.stands(other.worktree)]
    for other in anew:
        yield from checkpoint(other, desk, "the one before was deleted")
    if gone:
        words = f"checkpoints were deleted while it ran: {_names(kept, gone)}"
        made = f"; made anew: {', '.join(other.id for other in anew)}" if anew else ""
        yield Noticed(session.id, f"{words}{made}")


def _uphold_branches(session: Session, mine: Refs, facts: Facts, desk: Desk) -> Iterator[Event]:
    """One whose commits are gone begins anew at its base: its files are in the worktree, and are committed there."""
    back, gone = desk.worktrees.uphold(_commits(mine))
    if back:
        yield Noticed(session.id, f"branches were deleted while it ran, and are back: {_names(mine, back)}")
    if gone:
        desk.worktrees.uphold({ref: mine[ref][0].base for ref in gone})
        for ref in gone:
            yield from _anew(mine[ref][0], facts, desk)
        words = "branches were deleted with their commits while it ran, and begin at their base again"
        yield Noticed(session.id, f"{words}: {_names(mine, gone)}")


def _anew(other: Session, facts: Facts, desk: Desk) -> Iterator[Event]:
    """What was committed for it is so again: nothing may name a commit that is gone. A merge is left to its person."""
    if not other.head:
        return
    head, files = other.base, 0
    with suppress(SwarmError):
        if other.talk.sync is None:
            words = facts.tasks[other.task].words
            work = desk.worktrees.commit_work(other.worktree, other.branch, other.base, words)
            head, files = work.head, len(work.committed)
    yield WorkCommitted(other.id, head, files)


def _checkpoints(session: Session, facts: Facts) -> Refs:
    others = [o for o in _at_rest(session, facts) if o.checkpoint and o.place in ("present", "trashed")]
    return {trash_ref(o) if o.place == "trashed" else checkpoint_ref(o): (o, o.checkpoint) for o in others}


def _branches(session: Session, facts: Facts) -> Refs:
    others = [o for o in _at_rest(session, facts) if o.stage in (Stage.READY, Stage.KEPT)]
    ours = [other for other in others if other.place == "present" and other.adopted is None]
    return {f"refs/heads/{other.branch}": (other, other.head or other.base) for other in ours}


def _at_rest(session: Session, facts: Facts) -> list[Session]:
    return [other for other in list(facts.live.values()) if other.id != session.id and other.stage in RESTING]


def _commits(refs: Refs) -> dict[str, str]:
    return {ref: commit for ref, (_, commit) in refs.items()}


def _names(refs: Refs, which: tuple[str, ...]) -> str:
    return ", ".join(refs[ref][0].id for ref in which)
