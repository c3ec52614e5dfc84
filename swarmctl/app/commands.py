"""What each submitted command does: a stream of events, and an answer at its end. Refusals are `SwarmError`s.

A command is carried out at most once: its id and answer are in the log.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import Any

from swarmctl.app.find import find_session
from swarmctl.core import events as e
from swarmctl.core.errors import Refused, UsageFault
from swarmctl.core.ids import RunId, SessionId, TaskId
from swarmctl.core.machine import Facts
from swarmctl.core.outcome import Outcome
from swarmctl.core.ports import Conflict, Desk, ParkedAt
from swarmctl.core.session import IN_QUEUE, Session, Stage
from swarmctl.core.task import Lands, Run, Task
from swarmctl.flow.merge.land import arrived
from swarmctl.flow.session.provision import fire
from swarmctl.flow.session.settle import remove
from swarmctl.flow.task.backlog import waiting
from swarmctl.flow.task.intake import Wanted, check_order, title_of
from swarmctl.loops.engine.steps import Workshop

Answer = dict[str, Any]
Stream = Generator[e.Event | e.Batch, None, Answer]


@dataclass(frozen=True, slots=True)
class Context:
    facts: Facts
    shop: Workshop

    @property
    def desk(self) -> Desk:
        return self.shop.desk


def run(args: Answer, context: Context) -> Stream:
    run_id = RunId(args["run"])
    wanted = [Wanted(**{**entry, "after": tuple(entry.get("after", ()))}) for entry in args["tasks"]]
    check_order(wanted, "the request")
    for task in wanted:
        context.desk.agents.check(task.agent)
    base = context.desk.worktrees.base(args.get("target", ""), fetch=False)
    context.shop.envs[run_id] = args["env"]
    if run_id not in context.facts.runs:
        submitted = e.RunSubmitted(run_id, bool(args["waits"]), _lands(args["lands"], context), base.target)
        yield (submitted, *_added(run_id, wanted, context))
    elif args["waits"]:
        yield from join(args, context)
    tasks = [{"id": task.id, "title": task.title} for task in _tasks_of(context.facts, run_id)]
    return {
        "run": run_id,
        "tasks": tasks,
        "target": base.target,
        "uncommitted": list(context.desk.worktrees.uncommitted()),
    }


def _added(run_id: RunId, wanted: list[Wanted], context: Context) -> Iterator[e.TaskAdded]:
    ids = {task.key: TaskId(context.shop.new_id()) for task in wanted}
    for number, task in enumerate(wanted, start=1):
        yield e.TaskAdded(
            task=ids[task.key],
            run=run_id,
            number=number,
            title=title_of(task.title or task.prompt or task.command),
            prompt=task.prompt or task.command,
            agent=task.agent,
            command=task.command,
            check=task.check,
            after=tuple(ids[name] for name in task.after),
        )


def _lands(asked: str, context: Context) -> Lands:
    """`no`, `waited`, or `if_auto`: nobody will wait, so that only `[merge] auto` lands it."""
    if asked == "no":
        return "no"
    if context.desk.settings().merge.auto:
        return "auto"
    return "waited" if asked == "waited" else "no"


def _tasks_of(facts: Facts, run_id: RunId) -> list[Task]:
    return sorted(facts.tasks.where("run", run_id), key=lambda task: task.number)


def join(args: Answer, context: Context) -> Stream:
    """Somebody waits for a run again, and brings an environment for what has not started."""
    known = _known_run(context.facts, args["run"])
    context.shop.envs[known.id] = args["env"]
    yield e.RunJoined(known.id)
    for task in _tasks_of(context.facts, known.id):
        lost_its_start = task.outcome is Outcome.INTERRUPTED and task.session is None
        if known.lands == "waited" and (task.outcome is Outcome.READY or lost_its_start):
            yield e.TaskReopened(task.id)
    return {"run": known.id}


def _known_run(facts: Facts, name: str) -> Run:
    known = facts.runs.get(RunId(name))
    if known is None:
        raise UsageFault(f"no run `{name}`")
    return known


def leave(args: Answer, context: Context) -> Stream:
    """The one who waits wants to stop: agents end at a safe point, what was not started does not start."""
    known = _known_run(context.facts, args["run"])
    yield e.RunLeft(known.id, args.get("why", "interrupted"))
    stopped = yield from _stop_all(context, args.get("why", "interrupted"), known.id)
    return {"run": known.id, "stopped": stopped}


def stop(args: Answer, context: Context) -> Stream:
    if args.get("all"):
        stopped = yield from _stop_all(context, args.get("why", "stopped"), None)
        return {"stopped": stopped}
    session = find_session(context.facts, args["id"])
    if session.stage is Stage.LANDING:
        raise Refused(f"{session.id} is landing at this moment", hint=f"swarmctl show {session.id}")
    if session.stage in IN_QUEUE:
        yield e.SessionKept(session.id, Outcome.READY, "taken out of the merge queue")
        if session.stage is Stage.GATING:
            context.shop.cancel_in(context.desk.places.integration(session.target))
    elif not session.active:
        raise Refused(f"{session.id} is not running ({session.stage.value})", hint=f"swarmctl show {session.id}")
    elif not session.stop:
        yield e.StopRequested(session.id, args.get("why", "stopped"))
    return {"stopped": [session.id]}


def _stop_all(context: Context, why: str, only: RunId | None) -> Generator[e.Event, None, list[str]]:
    stopped: list[str] = []
    for task in waiting(context.facts):
        if only in (None, task.run):
            yield e.TaskFinished(task.id, Outcome.INTERRUPTED, why)
    for session in list(context.facts.live.values()):
        if only in (None, session.run) and session.active:
            if not session.stop:
                yield e.StopRequested(session.id, why)
            stopped.append(session.id)
    return stopped


def resume(args: Answer, context: Context) -> Stream:
    """Go on where it stopped: the same worktree, another attempt; or the start it never had."""
    task = context.facts.tasks.get(TaskId(args["id"]))
    if task is not None and task.session is None:
        yield from _take_up(task.run, args, context)
        if task.outcome is not None:
            yield e.TaskReopened(task.id)
        return {"run": task.run, "task": task.id}
    session = find_session(context.facts, args["id"])
    if session.stage is Stage.READY:
        raise Refused(f"{session.id} is ready", hint=f"swarmctl merge {session.id} lands it")
    if session.stage not in (Stage.KEPT, Stage.EMPTY):
        raise Refused(f"{session.id} is {session.stage.value}; there is nothing to resume")
    yield from _leave_ready(session, context)
    yield from _take_up(session.run, args, context)
    if session.place in ("trashed", "deleted"):
        yield _restore(session, context)
    yield (e.TaskReopened(session.task), e.SessionResumed(session.id, session.attempt + 1))
    return {"run": session.run, "task": session.task, "session": session.id}


def _leave_ready(session: Session, context: Context) -> Iterator[e.Event]:
    """Whoever waits for one session does not wait for others of its run that stopped at `ready`."""
    for other in list(context.facts.live.values()):
        if other.run == session.run and other.id != session.id and other.stage is Stage.READY:
            yield e.SessionKept(other.id, Outcome.READY, "nobody waited for it")


def _take_up(run_id: RunId, args: Answer, context: Context) -> Iterator[e.Event]:
    context.shop.envs[run_id] = args["env"]
    if args.get("waits"):
        yield e.RunJoined(run_id)


def merge(args: Answer, context: Context) -> Stream:
    """Ask for a landing; what is not committed in its worktree is committed first."""
    session = find_session(context.facts, args["id"])
    if session.stage is Stage.PARKED:
        raise Refused(f"{session.id} is parked: {session.reason}", hint="swarmctl land, once the path is free")
    if session.stage in IN_QUEUE:
        yield e.MergeAsked(session.id, "merge")
        return {"session": session.id, "task": session.task, "run": session.run}
    if session.stage not in (Stage.READY, Stage.KEPT):
        raise Refused(f"{session.id} is {session.stage.value}; only finished work can land")
    task = context.facts.tasks[session.task]
    head = session.head
    if session.place == "present":
        work = context.desk.worktrees.commit_work(session.worktree, session.branch, session.base, task.words)
        if work.stopped:
            raise Refused(work.stopped, hint=f"look into {session.worktree}")
        head = work.head if work.changed else ""
        if head and (work.committed or work.head != session.head):
            yield e.WorkCommitted(session.id, work.head, len(work.committed))
    if not head:
        raise Refused(f"{session.id} has no work to land")
    yield (e.TaskReopened(session.task), e.MergeAsked(session.id, "merge"))
    return {"session": session.id, "task": session.task, "run": session.run}


def land(args: Answer, context: Context) -> Stream:
    """Bring a parked target to its landing ref; when it went elsewhere meanwhile, build and gate the entries anew."""
    target = context.desk.worktrees.base(args.get("target", ""), fetch=False).target
    parked = [s for s in list(context.facts.live.values()) if s.stage is Stage.PARKED and s.target == target]
    parked.sort(key=lambda s: context.facts.landings[s.id].intended_at)
    moved = context.desk.integration.unpark(target)
    if isinstance(moved, ParkedAt):
        hint = "commit or move that path, then swarmctl land"
        raise Refused(f"{target} still cannot follow: {moved.blocking}", hint=hint)
    if moved is None and not parked:
        raise Refused(f"nothing is parked for {target}")
    yield from arrived(target, context.facts, context.desk)
    for session in parked:
        now = context.facts.sessions[session.id]
        if now.stage is Stage.LANDED:
            yield from fire("post_merge", now, context.facts, context.desk)
        else:
            why = f"{target} moved elsewhere; it is merged and gated again"
            yield (e.Unparked(session.id, why), e.TaskReopened(session.task), e.MergeAsked(session.id, "land"))
    return {"target": target, "sessions": [session.id for session in parked]}


def rm(args: Answer, context: Context) -> Stream:
    session = find_session(context.facts, args["id"])
    if session.active or session.stage in IN_QUEUE:
        raise Refused(f"{session.id} is {session.stage.value}", hint=f"swarmctl stop {session.id} first")
    if session.place in ("trashed", "deleted"):
        raise Refused(f"{session.id} has no worktree ({session.place})", hint=f"swarmctl undo {session.id}")
    yield from remove(session, context.facts, context.desk, "asked for")
    return {"session": session.id, "undo": f"swarmctl undo {session.id}"}


def undo(args: Answer, context: Context) -> Stream:
    """A session's work, branch and directory back; or the last landing taken back by a gated new commit."""
    if args.get("id"):
        session = find_session(context.facts, args["id"])
        if session.place == "present":
            raise Refused(f"{session.id} has its worktree: {session.worktree}")
        yield _restore(session, context)
        return {"restored": session.id, "worktree": session.worktree, "branch": session.branch}
    return (yield from _undo_landing(args, context))


def _restore(session: Session, context: Context) -> e.Event:
    if session.place == "none" or not session.checkpoint:
        raise Refused(f"{session.id} never had a worktree")
    context.desk.worktrees.restore(
        session.worktree,
        context.desk.places.trash(session.id),
        session.branch,
        session.head or session.base,
        session.checkpoint,
    )
    return e.WorktreeRestored(session.id, session.worktree)


def _undo_landing(args: Answer, context: Context) -> Stream:
    facts, desk = context.facts, context.desk
    landed = facts.landings.last("landed_at", 1)
    if not landed:
        raise Refused("nothing has landed yet", hint="swarmctl undo ID restores a removed session")
    last = landed[0]
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
    yield (
        e.RunSubmitted(run_id, bool(args.get("waits")), "no", last.target),
        e.TaskAdded(task_id, run_id, 1, title, title, "undo"),
        e.SessionPlanned(
            session=session_id,
            task=task_id,
            run=run_id,
            agent="undo",
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
    return {"run": run_id, "task": task_id, "session": session_id, "undoes": last.commit}


def approve(args: Answer, context: Context) -> Stream:
    """A person looked: one head of one session, or one content hash of something that came with the repository."""
    if args.get("digest"):
        yield e.Approved(args["subject"], args["digest"])
        return {"subject": args["subject"], "digest": args["digest"]}
    session = find_session(context.facts, args["id"])
    if not session.head:
        raise Refused(f"{session.id} has no finished work to approve")
    yield e.Approved(session.id, session.head)
    return {"subject": session.id, "digest": session.head, "hint": f"swarmctl merge {session.id}"}


def send(args: Answer, context: Context) -> Stream:
    session = find_session(context.facts, args["id"])
    if session.stage is not Stage.RUNNING:
        raise Refused(f"{session.id} is {session.stage.value}; nobody is there to read")
    context.desk.host.send(session.pane, session.id, args["text"])
    yield e.Noticed(session.id, f"sent {len(args['text'])} characters")
    return {"session": session.id}


HANDLERS: dict[str, Callable[[Answer, Context], Stream]] = {
    "run": run,
    "join": join,
    "leave": leave,
    "stop": stop,
    "resume": resume,
    "merge": merge,
    "land": land,
    "rm": rm,
    "undo": undo,
    "approve": approve,
    "send": send,
}
