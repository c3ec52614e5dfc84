"""What each submitted command does: a stream of events, and among them `Done`, its decision with its answer.

Refusals are `SwarmError`s. What comes before `Done` may be begun again after a kill; what comes after it is not needed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from swarmctl.app.find import find_session
from swarmctl.app.nesting import refuse_too_deep, told_the_asker
from swarmctl.core import events as e
from swarmctl.core.codec import from_plain
from swarmctl.core.errors import Refused, UsageFault
from swarmctl.core.events.onward import Synced, SyncGivenUp
from swarmctl.core.ids import RunId, TaskId
from swarmctl.core.machine import Facts
from swarmctl.core.outcome import Outcome
from swarmctl.core.ports import Desk, ParkedAt
from swarmctl.core.session import IN_QUEUE, Session, Stage
from swarmctl.core.task import Lands, Run, Task
from swarmctl.flow.merge.land import arrived, unpin
from swarmctl.flow.session.comeback import is_away, regain, restore
from swarmctl.flow.session.confine import reach_of
from swarmctl.flow.session.settle import refuse_at_work, remove
from swarmctl.flow.session.sides import sides_of
from swarmctl.flow.session.takeover import back_to_its_maker
from swarmctl.flow.task.backlog import lands_when_awaited, waiting
from swarmctl.flow.task.intake import Wanted, check_order, title_of
from swarmctl.flow.task.rivals import check_contests
from swarmctl.loops.engine.entries import being_rehearsed, is_rehearsed
from swarmctl.loops.engine.steps import Workshop, another_attempt
from swarmctl.loops.engine.turns import for_who_waits, waiting_for_turns

UNDO = "undo"
"""In place of an agent: work that needs nobody, and is done when it is planned."""

Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Done:
    """What a command decided and its answer, written together or not at all."""

    answer: Answer
    events: e.Batch = ()


@dataclass(frozen=True, slots=True)
class Doubt:
    """What a repeated command is told when a kill leaves open whether its effect, which comes next, took place."""

    answer: Answer
    events: e.Batch = ()


Stream = Iterator[e.Event | e.Batch | Done | Doubt]


@dataclass(frozen=True, slots=True)
class Context:
    facts: Facts
    shop: Workshop

    @property
    def desk(self) -> Desk:
        return self.shop.desk


def run(args: Answer, context: Context) -> Stream:
    run_id = RunId(args["run"])
    if run_id in context.facts.runs:
        raise UsageFault(f"run {run_id} was submitted already", hint="swarmctl ps")
    refuse_too_deep(args["env"], context.facts, context.shop)
    wanted = [from_plain(Wanted, entry) for entry in args["tasks"]]
    check_order(wanted, "the request")
    check_contests(wanted, "the request")
    for task in wanted:
        context.desk.agents.check(task.agent)
        reach_of(task.agent, task.terms.permission, context.desk)
    base = context.desk.worktrees.base(args.get("target", ""), fetch=False)
    uncommitted = list(context.desk.worktrees.uncommitted())
    submitted = e.RunSubmitted(run_id, bool(args["waits"]), _lands(args["lands"], context), base.target)
    added = tuple(_added(run_id, wanted, context))
    tasks = [{"id": task.task, "title": task.title, "contest": task.contest or None} for task in added]
    context.shop.envs[run_id] = args["env"]
    answer = {"run": run_id, "tasks": tasks, "target": base.target, "uncommitted": uncommitted}
    yield Done(answer, (submitted, *added, *told_the_asker(run_id, bool(args["waits"]), context.facts, context.shop)))


def _added(run_id: RunId, wanted: list[Wanted], context: Context) -> Iterator[e.TaskAdded]:
    ids = {task.key: TaskId(context.shop.new_id()) for task in wanted}
    contests = {key: key and context.shop.new_id() for key in dict.fromkeys(task.contest for task in wanted)}
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
            terms=task.terms,
            contest=contests[task.contest],
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
    """Somebody waits again, for a run or for one task of it, and brings an environment for what has not started."""
    known = _known_run(context.facts, args["run"])
    yield Done({"run": known.id, "task": args.get("task", "")}, tuple(joined(known, args, context)))


def joined(run: Run, args: Answer, context: Context) -> Iterator[e.Event]:
    context.shop.envs[run.id] = args["env"]
    only = args.get("task")
    if not only:
        yield e.RunJoined(run.id)
    for task in _tasks_of(context.facts, run.id):
        if only and task.id != only:
            continue
        lost_its_start = task.outcome is Outcome.INTERRUPTED and task.session is None
        was_to_land = task.outcome is Outcome.READY and not task.contest
        if run.lands == "waited" and (was_to_land or lost_its_start):
            yield e.TaskReopened(task.id)
        if only:
            yield from _awaited(task, context)


def _awaited(task: Task, context: Context) -> Iterator[e.Event]:
    """Somebody waits for this task alone: it may land, and what else its run holds may not."""
    if not lands_when_awaited(task, context.facts):
        return
    context.shop.awaited.add(task.id)
    session = context.facts.sessions[task.session] if task.session else None
    if session is not None and (session.active or session.stage is Stage.READY or session.stage in IN_QUEUE):
        yield for_who_waits(session.id)


def let_go(name: str, context: Context) -> Iterator[e.Event]:
    """Nobody waits for the task of this name alone any more."""
    task = context.facts.tasks.get(TaskId(name))
    if task is None:
        return
    context.shop.awaited.discard(task.id)
    session = context.facts.sessions[task.session] if task.session else None
    if session is not None and session.asked_to_land:
        yield e.MergeLeft(session.id, "the caller is gone")


def _known_run(facts: Facts, name: str) -> Run:
    known = facts.runs.get(RunId(name))
    if known is None:
        raise UsageFault(f"no run `{name}`", hint="swarmctl ps")
    return known


def leave(args: Answer, context: Context) -> Stream:
    """The one who waits wants to stop: agents end at a safe point, what was not started does not start."""
    known = _known_run(context.facts, args["run"])
    why = args.get("why", "interrupted")
    gated = being_rehearsed(context.facts)
    stopped, events = stop_all(context.facts, why, known.id)
    yield Done({"run": known.id, "stopped": stopped}, (e.RunLeft(known.id, why), *events))
    _cancel(gated, stopped, context)


def stop(args: Answer, context: Context) -> Stream:
    why, run_id = args.get("why", "stopped"), RunId(args.get("id", ""))
    gated = being_rehearsed(context.facts)
    if args.get("all") or run_id in context.facts.runs:
        stopped, events = stop_all(context.facts, why, None if args.get("all") else run_id)
        yield Done({"stopped": stopped}, events)
        _cancel(gated, stopped, context)
        return
    task = context.facts.tasks.get(TaskId(args["id"]))
    if task is not None and task.session is None and task.outcome is None:
        yield Done({"stopped": [task.id]}, (e.TaskFinished(task.id, Outcome.INTERRUPTED, why),))
        return
    session = find_session(context.facts, args["id"])
    if session.stage is Stage.LANDING:
        raise Refused(f"{session.id} is landing at this moment", hint=f"swarmctl show {session.id}")
    answer = {"stopped": [session.id]}
    if session.stage in IN_QUEUE:
        yield Done(answer, (e.Withdrawn(session.id, "taken out of the merge queue"),))
        if session.stage is Stage.GATING:
            context.shop.cancel_in(context.desk.places.integration(session.target))
    elif session.stage is Stage.LIMITED:
        yield Done(answer, (e.SessionKept(session.id, Outcome.INTERRUPTED, why),))
    elif session.talk.again and session.outcome is not None:
        yield Done(answer, (e.TaskFinished(session.task, session.outcome, session.reason),))
    elif not is_rehearsed(session, context.facts):
        yield Done(answer, (e.RehearsalLeft(session.id, why),))
        _cancel(gated, [session.id], context)
    elif not session.active:
        raise Refused(f"{session.id} is not running ({session.stage.value})", hint=f"swarmctl show {session.id}")
    else:
        yield Done(answer, () if session.stop else (e.StopRequested(session.id, why),))


def stop_all(facts: Facts, why: str, only: RunId | None) -> tuple[list[str], e.Batch]:
    """The sessions that stop, and what says so; what waits does not start, and what a person started goes on."""
    tasks = [task for task in waiting(facts) if only in (None, task.run)]
    sessions = [s for s in list(facts.live.values()) if only in (None, s.run) and s.active and not s.driven]
    limited = [session for session in waiting_for_turns(facts) if only in (None, session.run)]
    again = [s for s in list(facts.live.values()) if only in (None, s.run) and s.talk.again and s.outcome]
    gated = [s for s in list(facts.live.values()) if only in (None, s.run) and not is_rehearsed(s, facts)]
    events: e.Batch = (
        *(e.TaskFinished(task.id, Outcome.INTERRUPTED, why) for task in tasks),
        *(e.StopRequested(session.id, why) for session in sessions if not session.stop),
        *(e.SessionKept(session.id, Outcome.INTERRUPTED, why) for session in limited),
        *(e.TaskFinished(s.task, s.outcome, s.reason) for s in again if s.outcome),
        *(e.RehearsalLeft(session.id, why) for session in gated),
    )
    return [session.id for session in (*sessions, *limited, *again, *gated)], events


def _cancel(gated: Session | None, stopped: list[str], context: Context) -> None:
    """A rehearsal that was under way and is stopped leaves its gate as well."""
    if gated is not None and gated.id in stopped:
        context.shop.cancel_in(context.desk.places.integration(gated.target))


def resume(args: Answer, context: Context) -> Stream:
    """Go on where it stopped: the same worktree, another attempt; or the start it never had."""
    task = context.facts.tasks.get(TaskId(args["id"]))
    if task is not None and task.session is None:
        context.desk.agents.check(task.agent)
        context.shop.envs[task.run] = args["env"]
        reopened = (e.TaskReopened(task.id),) if task.outcome is not None else (e.TaskLetIn(task.id),)
        allowed = tuple(_awaited(task, context)) if args.get("waits") else ()
        yield Done({"run": task.run, "task": task.id}, (*reopened, *allowed))
        return
    session = find_session(context.facts, args["id"])
    if session.stage is Stage.READY:
        raise Refused(f"{session.id} is ready", hint=f"swarmctl merge {session.id} lands it")
    if session.stage not in (Stage.LIMITED, Stage.KEPT, Stage.EMPTY):
        raise Refused(f"{session.id} is {session.stage.value}: nothing to resume", hint=f"swarmctl show {session.id}")
    if session.agent == UNDO:
        yield from merge(args, context)
        return
    context.desk.agents.check(session.agent)
    again = begin_again(session, going_on(session, args.get("message", ""), context), args["env"], context)
    if session.talk.account in context.facts.limits:
        again = (*again, e.LetIn(session.id, session.talk.account, "person"))
    again = (*again, *for_the_caller(session, args, context))
    yield Done({"run": session.run, "task": session.task, "session": session.id}, again)


def for_the_caller(session: Session, args: Answer, context: Context) -> e.Batch:
    """What its next attempt comes to lands, when the caller stays for that."""
    lands = args.get("waits") and lands_when_awaited(context.facts.tasks[session.task], context.facts)
    return (for_who_waits(session.id),) if lands else ()


def going_on(session: Session, message: str, context: Context) -> str:
    """What its agent is told: something, because for a target to be brought in alone it would not be started."""
    return message or (context.desk.prompt("resume", {"message": ""}) if session.talk.sync is not None else "")


def begin_again(session: Session, message: str, env: Mapping[str, str], context: Context) -> e.Batch:
    """Another attempt of a session at rest, in its worktree, which comes back from the trash; `env` starts it."""
    back = regain(session, context.desk)
    return (*back, *next_attempt(session, message, env, context))


def next_attempt(session: Session, message: str, env: Mapping[str, str], context: Context) -> e.Batch:
    """In the worktree as it stands, with what its agent was not told yet."""
    context.shop.envs[session.run] = env
    untold = ((session.talk.message,) if session.stage is Stage.LIMITED else ()) + session.talk.waiting
    return another_attempt(session, context.facts, "\n\n".join(filter(None, (*untold, message))))


def merge(args: Answer, context: Context) -> Stream:
    """Ask for a landing; what is not committed in its worktree is committed first."""
    session = find_session(context.facts, args["id"])
    if session.stage is Stage.PARKED:
        raise Refused(f"{session.id} is parked: {session.reason}", hint="swarmctl land, once the path is free")
    answer = {"session": session.id, "task": session.task, "run": session.run}
    if session.stage in IN_QUEUE:
        yield Done(answer, (e.MergeAsked(session.id, "merge"),))
        return
    if session.stage not in (Stage.READY, Stage.KEPT):
        words = f"{session.id} is {session.stage.value}; only finished work can land"
        raise Refused(words, hint=f"swarmctl show {session.id}")
    refuse_at_work(session, context.desk)
    task, head = context.facts.tasks[session.task], session.head
    if session.place == "present":
        if is_away(session, context.desk):
            yield restore(session, context.desk)
        sides = sides_of(session)
        if sides is None and session.talk.sync is not None and session.talk.sync.ours:
            words = f"{session.id}: {session.talk.sync.name} is half merged into it"
            raise Refused(words, hint=f"swarmctl sync {session.id}")
        work = context.desk.worktrees.commit_work(session.worktree, session.branch, session.base, task.words, sides)
        if work.stopped:
            again = f"swarmctl sync {session.id}, or resolve it in {session.worktree}"
            raise Refused(work.stopped, hint=again if sides else f"look into {session.worktree}")
        if sides is not None and work.merged:
            yield Synced(session.id, sides.theirs, work.head, sides.name)
        elif sides is not None:
            yield SyncGivenUp(session.id, f"the merge of {sides.name} was taken back")
        head = work.head if work.changed else ""
        if head and (work.committed or work.head != session.head):
            yield e.WorkCommitted(session.id, work.head, len(work.committed))
    if not head:
        raise Refused(f"{session.id} has no work to land", hint=f"swarmctl logs {session.id}")
    yield Done(answer, (e.TaskReopened(session.task), e.MergeAsked(session.id, "merge")))


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
        raise Refused(f"nothing is parked for {target}", hint="swarmctl queue shows what waits")
    there = arrived(target, context.facts, context.desk)
    events: list[e.Event] = [e.Landed(session.id, target, commit) for session, commit in there]
    landed = [session.id for session, _ in there]
    for session in parked:
        if session.id not in landed:
            why = f"{target} moved elsewhere; it is merged and gated again"
            events += (e.Unparked(session.id, why), e.TaskReopened(session.task), e.MergeAsked(session.id, "land"))
    yield Done({"target": target, "sessions": [session.id for session in parked]}, tuple(events))
    for session, _ in there:
        unpin(session, context.desk)


def rm(args: Answer, context: Context) -> Stream:
    """Its worktree into the trash; one that a person made stays where it is, and is theirs again."""
    session = find_session(context.facts, args["id"])
    if session.active or session.stage in IN_QUEUE:
        raise Refused(f"{session.id} is {session.stage.value}", hint=f"swarmctl stop {session.id} first")
    if session.place in ("trashed", "deleted"):
        raise Refused(f"{session.id} has no worktree ({session.place})", hint=f"swarmctl undo {session.id}")
    if session.place == "returned":
        hint = f"git worktree remove {session.worktree}"
        raise Refused(f"the worktree of {session.id} is your own again: {session.worktree}", hint=hint)
    if session.stage is Stage.LIMITED and session.place == "none":
        raise Refused(f"{session.id} has no worktree yet", hint=f"swarmctl stop {session.id}")
    if session.stage is Stage.LIMITED:
        yield e.SessionKept(session.id, Outcome.INTERRUPTED, "removed")
    answer = {"session": session.id, "worktree": session.worktree}
    if session.adopted is not None and session.place == "present":
        for given in back_to_its_maker(session, context.desk):
            told = {**answer, "place": "returned", "undo": f"swarmctl adopt {session.worktree}"}
            yield Done(told, given) if isinstance(given, tuple) else given
        return
    for event in remove(session, context.facts, context.desk, "asked for"):
        told = {**answer, "place": "trashed", "undo": f"swarmctl undo {session.id}"}
        yield Done(told, (event,)) if isinstance(event, e.WorktreeTrashed) else event


def approve(args: Answer, context: Context) -> Stream:
    """A person looked: one head of one session, or one content hash of something that came with the repository."""
    if args.get("digest"):
        answer = {"subject": args["subject"], "digest": args["digest"]}
        yield Done(answer, (e.Approved(args["subject"], args["digest"]),))
        return
    session = find_session(context.facts, args["id"])
    if not session.head:
        raise Refused(f"{session.id} has no finished work to approve", hint=f"swarmctl show {session.id}")
    answer = {"subject": session.id, "digest": session.head, "hint": f"swarmctl merge {session.id}"}
    yield Done(answer, (e.Approved(session.id, session.head),))
