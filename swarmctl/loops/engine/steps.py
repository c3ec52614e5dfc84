"""From a step to the stage that takes it; every step is a stream of events that may be started again after a crash."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from threading import Lock

from swarmctl.core.contest import Contest, Rehearsal
from swarmctl.core.errors import SwarmError
from swarmctl.core.events import (
    Batch,
    Dequeued,
    Enqueued,
    Event,
    Landed,
    LetIn,
    Noticed,
    SessionEmpty,
    SessionKept,
    SessionLimited,
    SessionPlanned,
    SessionReady,
    SessionResumed,
    TaskFinished,
    TaskReopened,
    WorktreeTrashed,
)
from swarmctl.core.ids import RunId, SessionId, TaskId, branch_for
from swarmctl.core.limits import ANYWAY
from swarmctl.core.machine import Facts
from swarmctl.core.money import entry_id
from swarmctl.core.outcome import Outcome
from swarmctl.core.ports import Base, Desk
from swarmctl.core.session import Session, Stage
from swarmctl.core.task import Task
from swarmctl.flow.merge.build import head_ref
from swarmctl.flow.merge.land import arrived, land, recover, unpin
from swarmctl.flow.session.aside import set_aside
from swarmctl.flow.session.launch import Surround, launch, not_started, reclaim, type_prompt
from swarmctl.flow.session.provision import fire, provision
from swarmctl.flow.session.settle import end, remove, settle
from swarmctl.flow.session.syncing import as_before, back_out, bring_in
from swarmctl.flow.session.takeover import give_back, let_go, take_over
from swarmctl.flow.session.uphold import uphold
from swarmctl.flow.spend.till import Till
from swarmctl.loops.engine.advance import Kind, Step, wants_to_land, why_hopeless
from swarmctl.loops.engine.entries import left_behind
from swarmctl.loops.engine.integrate import Merging, Warmth, integrate
from swarmctl.loops.engine.rehearse import rehearse
from swarmctl.loops.engine.turns import for_who_waits, go_on, hold


@dataclass(slots=True)
class Workshop:
    """What steps need besides the facts: the ports, the callers' environments, and a source of new names."""

    desk: Desk
    till: Till
    surround: Surround
    new_id: Callable[[], str]
    free_ports: Callable[[set[int], int], int]
    cancel_in: Callable[[str], None]
    """End the command that runs in a folder now."""
    envs: dict[RunId, Mapping[str, str]] = field(default_factory=dict)
    environ: Mapping[str, str] = field(default_factory=dict)
    """What gates see a part of when the caller's own is no longer at hand."""
    warmth: Warmth = field(default_factory=Warmth)
    awaited: set[TaskId] = field(default_factory=set)
    """Tasks that somebody waits for without waiting for the rest of their runs."""
    announcing: Lock = field(default_factory=Lock)

    def port_base(self, facts: Facts) -> int:
        """Of the next session: its own ports and one that its agent may answer on, none of a session's at work."""
        ports = self.desk.settings().worktree.ports
        taken = {other.port_base for other in list(facts.live.values()) if other.active}
        return self.free_ports(taken, ports + 1 if ports else 0)

    def asked_in(self, run: RunId) -> str:
        return self.envs.get(run, {}).get("SWARM_SESSION", "")


def take(step: Step, facts: Facts, shop: Workshop) -> Iterator[Event | Batch]:
    if step.kind is Kind.HOLD:
        return hold(step.subject, step.account, facts)
    if step.kind in (Kind.PLAN, Kind.GIVE_UP):
        return _plan(step, facts, shop) if step.kind is Kind.PLAN else _give_up(step, facts)
    session = facts.sessions[SessionId(step.subject)]
    if step.kind is Kind.RESUME:
        return go_on(session, step.account)
    return _TAKERS[step.kind](session, facts, shop)


def _plan(step: Step, facts: Facts, shop: Workshop) -> Iterator[Event | Batch]:
    task = facts.tasks[TaskId(step.subject)]
    desk = shop.desk
    base = _base(task, facts, desk)
    session = SessionId(shop.new_id())
    branch = branch_for(task.title, session)
    planned = SessionPlanned(
        session=session,
        task=task.id,
        run=task.run,
        agent=task.agent,
        branch=branch,
        target=base.target,
        base=base.commit,
        base_name=base.name,
        worktree=desk.places.worktree(branch),
        port_base=shop.port_base(facts),
    )
    events: Batch = (planned,)
    if task.id in shop.awaited:
        events += (for_who_waits(session),)
    if step.account:
        events += (LetIn(session, step.account, "person" if task.waits_for == ANYWAY else "turn"),)
    yield events
    if base.notice:
        yield Noticed(session, base.notice)


def _base(task: Task, facts: Facts, desk: Desk) -> Base:
    """The entries of a contest all begin where the first one did, wherever the target is by now."""
    contest: Contest | None = facts.contests.get(task.contest) if task.contest else None
    target = facts.runs[task.run].target
    if contest is not None and contest.base:
        return Base(contest.base, target, contest.base_name)
    return desk.worktrees.base(target, fetch=True)


def _give_up(step: Step, facts: Facts) -> Iterator[Event]:
    task = facts.tasks[TaskId(step.subject)]
    outcome, why = why_hopeless(task, facts)
    yield TaskFinished(task.id, outcome, why)


def _launch(session: Session, facts: Facts, shop: Workshop) -> Iterator[Event | Batch]:
    """The money first: what cannot be paid for is kept, and nothing starts."""
    if session.stage is Stage.PROVISIONED:
        yield from shop.till.reserve(session, facts)
        if facts.sessions[session.id].stage is not Stage.PROVISIONED:
            return
    yield from launch(session, facts, shop.desk, shop.envs[session.run], shop.surround)


def _settle(session: Session, facts: Facts, shop: Workshop) -> Iterator[Event | Batch]:
    """The money first as well: where a cap is reached nothing goes on by itself, and the work is kept."""
    yield from shop.till.close(session, facts)
    over = shop.till.over(session, facts)
    for event in settle(session, facts, shop.desk):
        goes_on = isinstance(event, SessionReady | SessionEmpty | SessionLimited)
        yield SessionKept(session.id, Outcome.BUDGET, over) if over and goes_on else event
    yield from uphold(session, facts, shop.desk)


def _abandon(session: Session, facts: Facts, shop: Workshop) -> Iterator[Event]:
    yield from back_out(session, facts, shop.desk)
    yield as_before(session, facts) or not_started(session)


def _end(session: Session, facts: Facts, shop: Workshop) -> Iterator[Event]:
    if session.by_hand:
        yield from let_go(session, facts, shop.desk, shop.envs.get(session.run, shop.environ))
    else:
        yield from end(session, shop.desk)


def _continue(session: Session, facts: Facts, shop: Workshop) -> Iterator[Event | Batch]:
    """What waited is told by another attempt in the same conversation, whatever the last one came to."""
    yield another_attempt(session, facts, "\n\n".join(session.talk.waiting))


def another_attempt(session: Session, facts: Facts, message: str) -> Batch:
    """Of a session at rest; `message` is what its agent is told. A number that nobody had is given again."""
    reopened = (TaskReopened(session.task),) if facts.tasks[session.task].outcome is not None else ()
    is_used = session.talk.sync is not None or entry_id(session.id, session.attempt) in facts.entries
    number = (session.attempt if is_used else session.attempts) + 1
    return (*reopened, SessionResumed(session.id, number, message))


def _enqueue(session: Session, facts: Facts, shop: Workshop) -> Iterator[Event]:
    """Whoever waits for its task waits for the landing now, not for what the task came to before."""
    shop.desk.integration.pin(head_ref(session), session.head)
    if facts.tasks[session.task].outcome is not None:
        yield TaskReopened(session.task)
    yield Enqueued(session.id, session.head)


def _integrate(session: Session, facts: Facts, shop: Workshop) -> Iterator[Event]:
    return integrate(_merging(session, facts, shop, lambda: _is_the_same_entry(session, facts)))


def _rehearse(session: Session, facts: Facts, shop: Workshop) -> Iterator[Event | Batch]:
    before = facts.rehearsals.get(session.id)
    return rehearse(_merging(session, facts, shop, lambda: _is_the_same_rehearsal(session, before, facts)))


def _merging(session: Session, facts: Facts, shop: Workshop, still_wanted: Callable[[], bool]) -> Merging:
    return Merging(
        session=session,
        task=facts.tasks[session.task],
        facts=facts,
        desk=shop.desk,
        environ=shop.envs.get(session.run, shop.environ),
        still_wanted=still_wanted,
        warmth=shop.warmth,
    )


def _is_the_same_entry(began: Session, facts: Facts) -> bool:
    """It did not leave the queue meanwhile, perhaps to stand in it anew with other work."""
    now = facts.sessions[began.id]
    same = now.stage in (Stage.QUEUED, Stage.GATING) and now.queued_at == began.queued_at
    return same and wants_to_land(now, facts)


def _is_the_same_rehearsal(began: Session, before: Rehearsal | None, facts: Facts) -> bool:
    """Nobody gave it up meanwhile, and its session rests as it did."""
    now, known = facts.sessions[began.id], facts.rehearsals.get(began.id)
    rests = now.stage is began.stage and now.head == began.head and not now.asked_to_land
    return rests and (known == before or (known is not None and known.stage == "begun"))


def _set_aside(session: Session, facts: Facts, shop: Workshop) -> Iterator[Event]:
    winner = left_behind(session, facts)
    if winner is not None:
        yield from set_aside(session, winner, facts, shop.desk)


def _dequeue(session: Session, facts: Facts, shop: Workshop) -> Iterator[Event]:
    """What runs among the gates belongs to the entry that is being gated, which is not always this one."""
    yield Dequeued(session.id, "nobody waits for it any more")
    if session.stage is Stage.GATING:
        shop.cancel_in(shop.desk.places.integration(session.target))


def _land(session: Session, facts: Facts, shop: Workshop) -> Iterator[Event]:
    yield from land(session, facts.landings[session.id], shop.desk)
    if facts.sessions[session.id].outcome is Outcome.LANDED:
        for other, commit in arrived(session.target, facts, shop.desk):
            yield Landed(other.id, session.target, commit)
            unpin(other, shop.desk)


def _finish(session: Session, facts: Facts, shop: Workshop) -> Iterator[Event]:
    if session.outcome is None:
        raise SwarmError(f"{session.id} has no outcome yet")
    if session.stage is Stage.LANDED:
        yield from _announce(session, facts, shop)
    yield TaskFinished(session.task, session.outcome, session.reason)
    yield from fire("task_finished", session, facts, shop.desk)


def _announce(session: Session, facts: Facts, shop: Workshop) -> Iterator[Event]:
    """However it came to land, and one landing after the other. Killed in the middle, the hooks run once more."""
    if not shop.desk.hooks.any_for("post_merge"):
        return
    yield Noticed(session.id, "its post_merge hooks run")
    try:
        with shop.announcing:
            told = list(fire("post_merge", session, facts, shop.desk))
    except SwarmError as error:
        told = [Noticed(session.id, f"its post_merge hooks could not run: {error.message}")]
    yield from told


def _tidy(session: Session, facts: Facts, shop: Workshop) -> Iterator[Event]:
    """The checkpoint that the removal leaves holds the branch's commits, and `undo` brings both back: it may come as
    soon as the removal is told, so the branch goes before."""
    for event in remove(session, facts, shop.desk, session.outcome.value if session.outcome else "done"):
        if isinstance(event, WorktreeTrashed):
            shop.desk.worktrees.delete_branch(session.branch, session.head or session.base)
        yield event


_TAKERS: dict[Kind, Callable[[Session, Facts, Workshop], Iterator[Event | Batch]]] = {
    Kind.PROVISION: lambda session, facts, shop: provision(session, facts, shop.desk),
    Kind.TAKE_OVER: lambda session, facts, shop: take_over(session, facts, shop.desk),
    Kind.LAUNCH: _launch,
    Kind.RECLAIM: lambda session, facts, shop: reclaim(session, shop.desk),
    Kind.ABANDON: _abandon,
    Kind.TYPE: lambda session, facts, shop: type_prompt(session, facts, shop.desk),
    Kind.END: _end,
    Kind.SYNC: lambda session, facts, shop: bring_in(session, facts, shop.desk),
    Kind.CONTINUE: _continue,
    Kind.SETTLE: _settle,
    Kind.ENQUEUE: _enqueue,
    Kind.INTEGRATE: _integrate,
    Kind.REHEARSE: _rehearse,
    Kind.SET_ASIDE: _set_aside,
    Kind.LAND: _land,
    Kind.RECOVER: lambda session, facts, shop: recover(session, facts.landings[session.id], shop.desk),
    Kind.DEQUEUE: _dequeue,
    Kind.FINISH: _finish,
    Kind.GIVE_BACK: lambda session, facts, shop: give_back(session, shop.desk),
    Kind.TIDY: _tidy,
}
