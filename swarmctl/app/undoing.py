"""The command `undo`: what was removed comes back, what landed is taken back by a new commit that is gated like any."""

from __future__ import annotations

import threading

from swarmctl.app.commands import UNDO, Answer, Context, Done, Stream, merge
from swarmctl.app.find import find_session
from swarmctl.core import events as e
from swarmctl.core.errors import Refused
from swarmctl.core.ids import RunId, SessionId, TaskId
from swarmctl.core.landing import Landing
from swarmctl.core.machine import Facts
from swarmctl.core.ports import Conflict
from swarmctl.core.session import IN_QUEUE, Session, Stage
from swarmctl.flow.session.comeback import is_away, restore

ONE_AT_A_TIME = threading.Lock()
"""From the look at what is on its way to the moment that the next one is written down: the second joins the first."""


def undo(args: Answer, context: Context) -> Stream:
    """A session's work, branch and directory back; or the last landing taken back by a gated new commit.

    `landing`: the commit that a person was shown as the last one.
    """
    if args.get("id"):
        session = find_session(context.facts, args["id"])
        if session.place == "returned" or (session.place == "present" and not is_away(session, context.desk)):
            raise Refused(f"{session.id} has its worktree: {session.worktree}", hint=f"swarmctl show {session.id}")
        answer = {"restored": session.id, "worktree": session.worktree, "branch": session.branch}
        yield Done(answer, (restore(session, context.desk),))
        return
    with ONE_AT_A_TIME:
        last = _last_landing(context.facts)
        if args.get("landing", last.commit) != last.commit:
            raise Refused(
                "something else landed since, and only the last landing can be taken back", hint="swarmctl ps"
            )
        pending = _pending(last, context.facts)
        if pending is None:
            yield _take_back(last, args, context)
            return
    for step in merge({"id": pending.id}, context):
        yield Done({**step.answer, "undoes": last.commit}, step.events) if isinstance(step, Done) else step


def _last_landing(facts: Facts) -> Landing:
    landed = facts.landings.last("landed_at", 1)
    if not landed:
        raise Refused("nothing has landed yet", hint="swarmctl undo ID restores a removed session")
    return landed[0]


def _pending(last: Landing, facts: Facts) -> Session | None:
    """What takes this very landing back already."""
    for session in list(facts.live.values()):
        on_its_way = session.stage in (Stage.READY, Stage.PARKED) or session.stage in IN_QUEUE
        same = session.agent == UNDO and session.target == last.target and session.created_at >= (last.landed_at or 0)
        if on_its_way and same:
            return session
    return None


def _take_back(last: Landing, args: Answer, context: Context) -> Done:
    facts, desk = context.facts, context.desk
    session = facts.sessions[last.session]
    task = facts.tasks[session.task]
    now = desk.clock.now()
    title = f"Undo: {task.title}"
    tip = desk.integration.tip(last.target)
    words = f"{title}\n\nTakes back {last.commit}.\n"
    undone = desk.integration.revert(last.old, last.commit, tip.commit, words, now)
    if isinstance(undone, Conflict):
        raise Refused(f"{last.target} changed since in the same places", hint=f"git show {last.commit[:12]}")
    run_id, task_id = RunId(context.shop.new_id()), TaskId(context.shop.new_id())
    session_id = SessionId(context.shop.new_id())
    branch = f"swarm/undo-{session_id}"
    desk.integration.pin(f"refs/swarm/queue/{session_id}-head", undone.commit)
    events = (
        e.RunSubmitted(run_id, bool(args.get("waits")), "no", last.target),
        e.TaskAdded(task_id, run_id, 1, title, title, UNDO),
        e.SessionPlanned(
            session=session_id,
            task=task_id,
            run=run_id,
            agent=UNDO,
            branch=branch,
            target=last.target,
            base=tip.commit,
            base_name=last.target,
            worktree=desk.places.worktree(branch),
            port_base=0,
        ),
        e.SessionReady(session_id, undone.commit),
        e.MergeAsked(session_id, "undo"),
    )
    return Done({"run": run_id, "task": task_id, "session": session_id, "undoes": last.commit}, events)
