"""The rows that change when a session goes on otherwise."""

from __future__ import annotations

from dataclasses import replace

from swarmctl.core.events.onward import (
    HandedOver,
    ResumeAsked,
    SyncAsked,
    SyncBegun,
    SyncConflicted,
    Synced,
    SyncGivenUp,
)
from swarmctl.core.facts import Facts, Row
from swarmctl.core.machine.transitions import Handlers, session_of
from swarmctl.core.outcome import Outcome
from swarmctl.core.session import Session, Sync, Talk


def _with_sync(session: Session, sync: Sync | None) -> Session:
    return replace(session, talk=replace(session.talk, sync=sync))


def _asked(facts: Facts, event: SyncAsked, at: float) -> list[Row]:
    session = session_of(facts, event)
    return [_with_sync(session, replace(session.talk.sync or Sync(), asked=True))]


def taken_up(session: Session, message: str) -> Sync | None:
    """What was asked is done by the next attempt, which remembers how the work rested: to resolve is not to go on."""
    if session.talk.sync is None:
        return None
    sync = replace(session.talk.sync, asked=False, due=True)
    untold = session.talk.message if session.outcome is None else ""
    if message not in ("", untold):
        return replace(sync, before="", reason="")
    if session.outcome is None or (sync.conflicts and sync.before):
        return sync
    return replace(sync, before=session.outcome.value, reason=session.reason)


def _begun(facts: Facts, event: SyncBegun, at: float) -> list[Row]:
    session = session_of(facts, event)
    sync = replace(session.talk.sync or Sync(), ours=event.ours, theirs=event.theirs, name=event.name, conflicts=False)
    return [_with_sync(replace(session, head=event.ours), replace(sync, attempt=session.attempt))]


def _conflicted(facts: Facts, event: SyncConflicted, at: float) -> list[Row]:
    session = session_of(facts, event)
    sync = replace(session.talk.sync or Sync(), due=False, conflicts=True)
    return [replace(session, talk=replace(session.talk, sync=sync, message=event.message))]


def _synced(facts: Facts, event: Synced, at: float) -> list[Row]:
    """The directory of a session without work, which a person wanted to be fresh, stays."""
    session = session_of(facts, event)
    sync = session.talk.sync or Sync()
    stays = session.restored or sync.before == Outcome.NO_WORK
    moved = replace(session, base=event.base, base_name=event.name, head=event.head, restored=stays, reason="")
    return [_with_sync(moved, Sync(asked=True) if sync.asked else None)]


def _given_up(facts: Facts, event: SyncGivenUp, at: float) -> list[Row]:
    return [_with_sync(session_of(facts, event), None)]


def _handed_over(facts: Facts, event: HandedOver, at: float) -> list[Row]:
    """Nothing that was said to the one before is said to the next; what he left in the worktree stays."""
    session = session_of(facts, event)
    task = facts.tasks[session.task]
    terms = replace(task.terms, model=event.model, effort="", why=f"handed over by {event.before}")
    talk = Talk(sync=session.talk.sync)
    return [replace(session, agent=event.agent, talk=talk), replace(task, agent=event.agent, terms=terms)]


def _resume_asked(facts: Facts, event: ResumeAsked, at: float) -> list[Row]:
    session = session_of(facts, event)
    waiting = (*session.talk.waiting, event.message) if event.message else session.talk.waiting
    return [replace(session, talk=replace(session.talk, again=True, waiting=waiting))]


def stays(session: Session) -> Session:
    """It rests where it is and does not go on by itself any more."""
    return replace(session, talk=replace(session.talk, again=False))


HANDLERS: Handlers = {
    SyncAsked: _asked,
    SyncBegun: _begun,
    SyncConflicted: _conflicted,
    Synced: _synced,
    SyncGivenUp: _given_up,
    HandedOver: _handed_over,
    ResumeAsked: _resume_asked,
}
