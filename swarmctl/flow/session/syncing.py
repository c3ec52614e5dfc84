"""The target comes into a session's worktree: without an agent where it merges, with one where it conflicts.

Intent before effect: from `SyncBegun` on all that the session had is committed, so that a killed merge is redone.
"""

from __future__ import annotations

from collections.abc import Iterator

from swarmctl.core.bringing import Brought, Sides, TakenBack
from swarmctl.core.errors import SwarmError
from swarmctl.core.events import Batch, Event, Noticed, SessionEmpty, SessionKept, SessionReady, WorkCommitted
from swarmctl.core.events.onward import SyncBegun, SyncConflicted, Synced, SyncGivenUp
from swarmctl.core.machine import Facts
from swarmctl.core.outcome import Outcome
from swarmctl.core.ports import Desk
from swarmctl.core.session import Session, Sync
from swarmctl.core.task import Task
from swarmctl.flow.session.settle import checkpoint
from swarmctl.flow.session.sides import given_up, half_of, sides_of, unfinished

SHELL = "shell"


def freshest(session: Session, desk: Desk) -> tuple[str, str]:
    """The commit that work lands on next, or one that is further, and what it is called."""
    base, tip = desk.worktrees.base(session.target, fetch=True), desk.integration.tip(session.target)
    return (tip.commit, session.target) if tip.parked else (base.commit, base.name)


def bring_in(session: Session, facts: Facts, desk: Desk) -> Iterator[Event | Batch]:
    """Ends at rest again, or goes on to a start of the agent, which is then told of the conflicts."""
    yield from checkpoint(session, desk, "before the target is brought in")
    sync, half = session.talk.sync or Sync(), half_of(session)
    if half is not None and sync.attempt != session.attempt:
        back = desk.worktrees.take_back(session.worktree, session.branch, half)
        yield Noticed(session.id, _cut_short(session, half, back, facts))
    if half is None or sync.attempt != session.attempt:
        yield from _begin(session, facts.tasks[session.task], desk)
        session = facts.sessions[session.id]
        sync = session.talk.sync or Sync()
        if session.outcome is not None or not sync.ours or sync.conflicts:
            return
    sides = Sides(sync.ours, sync.theirs, sync.name)
    brought = desk.worktrees.bring(session.worktree, session.branch, sides, leave=session.agent != SHELL)
    if brought.stopped:
        yield given_up(session, Outcome.BLOCKED, brought.stopped)
    elif not brought.conflicts:
        yield _merged(session, brought, sides)
    elif session.agent == SHELL:
        words = f"{session.branch} and {sides.name} both change {', '.join(brought.conflicts)}"
        yield given_up(session, Outcome.CONFLICT, f"{words}; a command cannot resolve that")
    else:
        told = _told(session, desk, sides.name, _listed(brought.conflicts), brought.log)
        yield SyncConflicted(session.id, brought.conflicts, told)


def back_out(session: Session, facts: Facts, desk: Desk) -> Iterator[Event]:
    """The attempt that began a merge ends without it: half a merge goes before anybody works in the worktree again.

    Where that fails, the next attempt does it.
    """
    half = half_of(session)
    if half is None:
        return
    try:
        yield from checkpoint(session, desk, "before half a merge is taken back")
        back = desk.worktrees.take_back(session.worktree, session.branch, half)
    except (SwarmError, OSError) as error:
        yield Noticed(session.id, f"{half.name} may be half merged into {session.worktree}: {error}")
        return
    if back.whole:
        yield Synced(session.id, half.theirs, back.whole, half.name)
    else:
        yield SyncGivenUp(session.id, _cut_short(session, half, back, facts))


def as_before(session: Session, facts: Facts) -> Event | None:
    """How it rests where only the target was to come in, and nothing of that is left half done: nobody was started.

    None where that cannot be said.
    """
    sync, now = session.talk.sync, facts.sessions[session.id]
    if sync is None or sync.conflicts or sync.before in ("", Outcome.NO_WORK) or half_of(now) is not None:
        return None
    if sync.before == Outcome.READY:
        return SessionReady(session.id, now.head)
    return SessionKept(session.id, Outcome(sync.before), sync.reason)


def _cut_short(session: Session, half: Sides, back: TakenBack, facts: Facts) -> str:
    kept = facts.sessions[session.id].checkpoint[:10]
    became = f"cut short, and left as it is: {back.left}" if back.left else "cut short and taken back"
    if back.whole:
        became = "cut short when it was all there"
    return f"the merge of {half.name} was {became}; what stood in the worktree is in {kept}"


def _begin(session: Session, task: Task, desk: Desk) -> Iterator[Event | Batch]:
    """All that is there is committed; a merge that was left with conflicts is finished, or given to the agent again."""
    sides = sides_of(session)
    work = desk.worktrees.commit_work(session.worktree, session.branch, session.base, task.words, sides)
    if work.stopped and sides is not None:
        yield SyncConflicted(session.id, (), _told(session, desk, sides.name, f"- {work.stopped}", ""))
        return
    if work.stopped:
        yield given_up(session, Outcome.BLOCKED, work.stopped)
        return
    if work.committed:
        yield WorkCommitted(session.id, work.head, len(work.committed))
    if work.merged and sides is not None:
        yield _merged(session, Brought(work.head, work.changed), sides)
        return
    theirs, name = freshest(session, desk)
    yield SyncBegun(session.id, work.head, theirs, name)


def _merged(session: Session, brought: Brought, sides: Sides) -> Event | Batch:
    """At once with where the session rests, or it would be started for nothing. A command runs anew on the new base."""
    synced = Synced(session.id, sides.theirs, brought.head, sides.name)
    unfinished = session.talk.sync is None or not session.talk.sync.before
    reruns = session.agent == SHELL and brought.head != sides.ours
    if session.talk.message or reruns or unfinished:
        return synced
    return (synced, _rests(session, brought))


def _rests(session: Session, brought: Brought) -> Event:
    before, why = (session.talk.sync or Sync()).before, (session.talk.sync or Sync()).reason
    if before == Outcome.NO_WORK or not brought.changed:
        return SessionEmpty(session.id, why or f"{session.target} holds all of it already")
    return unfinished(session) or SessionReady(session.id, brought.head)


def _listed(conflicts: tuple[str, ...]) -> str:
    return "\n".join(f"- {path}" for path in conflicts)


def _told(session: Session, desk: Desk, target: str, files: str, log: str) -> str:
    fields = {"target": target, "files": files, "log": log or "(see git log)", "message": session.talk.message}
    return desk.prompt("sync", fields)
