"""A worktree, and perhaps an agent, from a person's hands and back. What a person started is never killed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from swarmctl.core.errors import Refused
from swarmctl.core.events import (
    Adopted,
    Batch,
    Checkpointed,
    ConversationKnown,
    Event,
    SessionEnded,
    SessionKept,
    WorktreeReady,
    WorktreeReturned,
)
from swarmctl.core.machine import Facts
from swarmctl.core.outcome import Outcome
from swarmctl.core.ports import Desk
from swarmctl.core.session import ProcessId, Session, Stage
from swarmctl.flow.session.provision import fire
from swarmctl.flow.session.settle import UNSEEN, checkpoint, checkpoint_ref, clear_away

ASK_S = 4.0
"""How long each way of asking an agent to end may take."""


def take_over(session: Session, facts: Facts, desk: Desk) -> Iterator[Event | Batch]:
    """Everything in it is in a checkpoint before anything else is said of it."""
    owner = _owner(session, facts)
    if owner.id != session.id:
        why = f"{session.worktree} is the worktree of session {owner.id}"
        yield SessionKept(session.id, Outcome.FAILED, why)
        return
    try:
        desk.worktrees.hold(session.worktree, session.branch)
    except Refused as error:
        yield SessionKept(session.id, Outcome.FAILED, error.message)
        return
    try:
        taken = _taken(session, desk)
    except Exception:
        desk.worktrees.give_back(session.worktree)
        raise
    yield taken
    yield from fire("session_created", facts.sessions[session.id], facts, desk)


def _taken(session: Session, desk: Desk) -> Batch:
    why = f"checkpoint of {session.id}: taken over"
    commit = desk.worktrees.checkpoint(session.worktree, checkpoint_ref(session), why)
    kept = Checkpointed(session.id, commit, "taken over")
    runs = session.adopted is not None and session.adopted.process is not None
    last = Adopted(session.id) if runs else _at_rest(session, commit, desk)
    return (WorktreeReady(session.id, False), kept, last)


def _owner(session: Session, facts: Facts) -> Session:
    """Of two that were asked for at once the first."""
    return next(
        other
        for other in list(facts.live.values())
        if other.worktree == session.worktree and (other.active or other.place == "present")
    )


def _at_rest(session: Session, commit: str, desk: Desk) -> SessionKept:
    """Nothing is committed for a person who did not ask for it: `merge` does that."""
    tip = desk.integration.tip(session.target).commit
    if not desk.integration.changed(session.base, commit) or not desk.integration.changed(tip, commit):
        why = f"taken over; there is nothing in it that {session.target} does not have"
        return SessionKept(session.id, Outcome.NO_WORK, why)
    loose = len(desk.integration.changed(session.head, commit))
    files = f"; {loose} file{'' if loose == 1 else 's'} not committed yet" if loose else ""
    return SessionKept(session.id, Outcome.READY, f"taken over as it is{files}")


def let_go(session: Session, facts: Facts, desk: Desk, environ: Mapping[str, str]) -> Iterator[Event]:
    """Its agent ended by itself; or a person asked for its end, and then it is asked, not killed."""
    process = session.process
    left = desk.processes.ask(process, ASK_S) if session.stop and process is not None else ()
    if process is not None and process in left:
        why = f"process {process.pid} was asked to end and lives on; end it in its own terminal. Its work is kept"
        if desk.worktrees.stands(session.worktree):
            yield from checkpoint(session, desk, "still at work")
        yield SessionKept(session.id, Outcome.UNKNOWN, why)
        return
    found = desk.agents.conversation(session.agent, session.worktree, environ)
    if found and found.id != session.talk.conversation and is_free(found.id, facts):
        yield ConversationKnown(session.id, found.id)
    yield SessionEnded(session.id, UNSEEN, f"the agent that a person started is gone{_named(left)}")


def _named(left: tuple[ProcessId, ...]) -> str:
    pids = ", ".join(str(process.pid) for process in left)
    return f"; what it started lives on as process {pids}" if left else ""


def is_free(conversation: str, facts: Facts) -> bool:
    """No other session goes on with it: two in one conversation would undo each other's words."""
    return not any(other.talk.conversation == conversation for other in list(facts.live.values()))


def give_back(session: Session, desk: Desk) -> Iterator[Event]:
    """Its work landed: worktree and branch are a person's own, and stay."""
    desk.worktrees.give_back(session.worktree)
    yield WorktreeReturned(session.id)


def back_to_its_maker(session: Session, desk: Desk) -> Iterator[Event | Batch]:
    """A person wants no session of it any more: a checkpoint holds what is in it, and nothing there is touched.

    An agent that they started themselves goes on.
    """
    if not session.by_hand:
        clear_away(session, desk)
    if desk.worktrees.stands(session.worktree):
        yield from checkpoint(session, desk, "before it is given back")
    desk.worktrees.give_back(session.worktree)
    rests = session.outcome or Outcome.INTERRUPTED
    over = SessionKept(session.id, rests, "given back to you") if session.stage is Stage.READY else None
    yield (WorktreeReturned(session.id), *((over,) if over else ()))
