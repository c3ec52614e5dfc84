"""From a pinned head to a merge that exists as a commit: built in the object store, beside every checkout."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from swarmctl.core.config import Strategy
from swarmctl.core.events import Event, MergeStaged, SessionKept
from swarmctl.core.gate import Staged
from swarmctl.core.outcome import Outcome
from swarmctl.core.ports import Conflict, Desk
from swarmctl.core.session import Session
from swarmctl.core.task import Task
from swarmctl.flow.merge.message import message_of


def queue_ref(session: Session) -> str:
    return f"refs/swarm/queue/{session.id}"


def head_ref(session: Session) -> str:
    """Pins what was enqueued, whatever happens to the branch afterwards."""
    return f"refs/swarm/queue/{session.id}-head"


def rehearsal_ref(session: Session) -> str:
    """Pins what is gated without a landing, while it is."""
    return f"refs/swarm/queue/{session.id}-rehearsal"


def build(session: Session, task: Task, desk: Desk, tip: str, strategy: Strategy) -> Iterator[Event]:
    """Stops with a conflict that names the files, or with nothing to land; otherwise the merge is staged and pinned."""
    at = session.queued_at or session.created_at
    staged = desk.integration.stage(tip, session.head, strategy, message_of(session, task), at)
    if isinstance(staged, Conflict):
        yield SessionKept(session.id, Outcome.CONFLICT, conflict_words(staged, session))
    elif not desk.integration.changed(tip, staged.commit):
        yield SessionKept(session.id, Outcome.NO_WORK, f"{session.target} holds all of it already")
    else:
        desk.integration.pin(queue_ref(session), staged.commit)
        yield MergeStaged(session.id, staged)


def conflict_words(conflict: Conflict, session: Session) -> str:
    """Files and both sides, in one line."""
    files = ", ".join(
        f"{path.path} ({path.kind.removeprefix('CONFLICT ').strip('()') or path.kind})" for path in conflict.paths
    )
    return f"{session.target} at {conflict.base[:10]} and {session.branch} at {conflict.head[:10]} both change {files}"


def pin_and_seal(session: Session, staged: Staged, trailers: Mapping[str, str], desk: Desk) -> Staged:
    """The commit that will land: the gated tree, its message closed with the evidence."""
    sealed = desk.integration.seal(staged, trailers, session.queued_at or session.created_at)
    desk.integration.pin(queue_ref(session), sealed.commit)
    return sealed
