"""What becomes of the entries of a contest: which one goes to the gates next, and which were left behind. Pure."""

from __future__ import annotations

from swarmctl.core.contest import Contest
from swarmctl.core.ids import SessionId
from swarmctl.core.machine import Facts
from swarmctl.core.session import IN_QUEUE, Session, Stage
from swarmctl.core.task import Task

AT_REST = (Stage.LIMITED, Stage.READY, Stage.KEPT, Stage.EMPTY)


def decided_of(task: Task | None, facts: Facts) -> Contest | None:
    """The contest of a task, once what was picked there landed."""
    contest: Contest | None = facts.contests.get(task.contest) if task is not None and task.contest else None
    return contest if contest is not None and contest.decided_at is not None else None


def left_behind(session: Session, facts: Facts) -> SessionId | None:
    """The session that was picked instead of this one, which is to be put away, or to be stopped before that."""
    contest = decided_of(facts.tasks.get(session.task), facts)
    if contest is None or session.id == contest.picked or session.id in contest.aside:
        return None
    open_still = session.stage in AT_REST or (session.active and not session.stop)
    return contest.picked if open_still and session.adopted is None else None


def is_rehearsed(session: Session, facts: Facts) -> bool:
    """False while its outcome has to wait for what the gates say."""
    if session.stage not in (Stage.READY, Stage.KEPT):
        return True
    known = facts.gated.get(session.id)
    if known is not None and known.is_due:
        return False
    if session.stage is not Stage.READY or not facts.tasks[session.task].contest:
        return True
    return known is not None and known.head == session.head and (known.is_green or known.stage == "left")


def being_rehearsed(facts: Facts) -> Session | None:
    """Whose gates run now, or did when the supervisor died."""
    session = next_to_rehearse(facts)
    known = facts.gated.get(session.id) if session is not None else None
    return session if known is not None and known.stage == "begun" else None


def next_to_rehearse(facts: Facts) -> Session | None:
    """One at a time, the oldest first; whoever wants to land goes before all of them."""
    live = list(facts.live.values())
    if any(session.stage in IN_QUEUE for session in live):
        return None
    waiting = [session for session in live if not session.asked_to_land and not is_rehearsed(session, facts)]
    return min(waiting, key=lambda session: (session.created_at, session.id), default=None)
