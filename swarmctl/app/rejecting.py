"""The command `reject`: what a person does not want of a session's work goes by a new commit on its branch."""

from __future__ import annotations

from swarmctl.app.commands import UNDO, Answer, Context, Done, Stream
from swarmctl.app.find import find_session
from swarmctl.core import events as e
from swarmctl.core.codec import from_plain
from swarmctl.core.errors import Refused
from swarmctl.core.rejection import Rejection
from swarmctl.core.session import IN_QUEUE, Session, Stage
from swarmctl.flow.session.comeback import regain
from swarmctl.flow.session.settle import checkpoint


def reject(args: Answer, context: Context) -> Stream:
    """Begun again after a kill it finds the files as it left them, and goes on from there."""
    session, desk = find_session(context.facts, args["id"]), context.desk
    what = from_plain(Rejection, args["what"])
    _refuse(session)
    yield from regain(session, desk)
    yield from checkpoint(session, desk, "before a part of it is rejected")
    yield e.RejectionIntended(session.id, what.name, what.lines)
    words = context.facts.tasks[session.task].words
    before = desk.worktrees.commit_work(session.worktree, session.branch, session.base, words)
    if before.stopped:
        raise Refused(before.stopped, hint=f"look into {session.worktree}")
    if before.head != session.head:
        yield e.WorkCommitted(session.id, before.head, len(before.committed))
    _refuse(context.facts.sessions[session.id])
    why = desk.worktrees.reject(session.worktree, what)
    if why:
        raise Refused(f"{session.id}: nothing was rejected: {why}", hint="look at its diff again")
    message = f"Reject a part of {what.name}\n" if what.run else f"Reject what was done to {what.name}\n"
    after = desk.worktrees.commit_work(session.worktree, session.branch, session.base, message)
    if after.stopped:
        raise Refused(after.stopped, hint=f"look into {session.worktree}")
    answer = {"session": session.id, "head": after.head, "undo": f"git -C {session.worktree} revert {after.head}"}
    yield Done(answer, (e.WorkRejected(session.id, what.name, what.lines, after.head),))


def _refuse(session: Session) -> None:
    """Under an agent that works, or on its way to the target, nothing changes."""
    if session.active:
        hint = f"swarmctl send {session.id} 'TEXT', or swarmctl stop {session.id} first"
        raise Refused(f"{session.id} is {session.stage.value}: its files are its agent's", hint=hint)
    if session.stage in IN_QUEUE or session.asked_to_land:
        raise Refused(
            f"{session.id} is on its way to {session.target}", hint=f"swarmctl stop {session.id} takes it out"
        )
    if session.stage not in (Stage.READY, Stage.KEPT) or session.agent == UNDO:
        raise Refused(f"{session.id} is {session.stage.value}", hint=f"swarmctl show {session.id}")
    if session.talk.sync is not None and session.talk.sync.ours:
        words = f"{session.id}: {session.talk.sync.name} is half merged into it"
        raise Refused(words, hint=f"swarmctl sync {session.id}")
