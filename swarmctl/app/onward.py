"""Commands by which a session at rest goes on otherwise: with the target in it, with another agent, with all others."""

from __future__ import annotations

from swarmctl.app.choose import check_fit
from swarmctl.app.commands import (
    UNDO,
    Answer,
    Context,
    Done,
    Stream,
    begin_again,
    for_the_caller,
    going_on,
    next_attempt,
)
from swarmctl.app.find import find_session
from swarmctl.core import events as e
from swarmctl.core.agent import Profile
from swarmctl.core.errors import Refused, SwarmError, UsageFault
from swarmctl.core.events.onward import HandedOver, ResumeAsked, SyncAsked
from swarmctl.core.ids import RunId
from swarmctl.core.machine import Facts
from swarmctl.core.outcome import Outcome
from swarmctl.core.session import IN_QUEUE, Session, Stage
from swarmctl.core.task import Task
from swarmctl.core.values import dataclass
from swarmctl.flow.session.comeback import regain
from swarmctl.flow.session.confine import reach_of
from swarmctl.flow.session.settle import checkpoint
from swarmctl.flow.session.syncing import SHELL
from swarmctl.loops.engine.turns import waiting_for_turns

AT_REST = (Stage.READY, Stage.KEPT, Stage.EMPTY)
BY_A_PERSON = ("stopped", "removed", "handed over")
"""Why something rests that a person stopped by its name."""


def sync(args: Answer, context: Context) -> Stream:
    """The target into its worktree: at once where the session rests, else before its agent's next turn."""
    session = find_session(context.facts, args["id"])
    answer = {"session": session.id, "task": session.task, "run": session.run, "target": session.target}
    if args.get("again"):
        context.shop.envs[session.run] = args["env"]
        yield Done({**answer, "how": "begun"})
        return
    _refuse_undoing(session)
    if session.driven:
        hint = f"git -C {session.worktree} merge {session.target}"
        raise Refused(f"{session.id} is in your own hands", hint=hint)
    context.desk.integration.tip(session.target)
    if session.active or session.stage is Stage.LIMITED:
        context.shop.envs.setdefault(session.run, args["env"])
        yield Done({**answer, "how": "queued"}, (SyncAsked(session.id),))
        return
    _refuse_busy(session)
    if session.place == "none":
        raise Refused(f"{session.id} never had a worktree", hint=f"swarmctl resume {session.id}")
    again = begin_again(session, "", args["env"], context)
    yield Done({**answer, "how": "begun"}, (SyncAsked(session.id), *again))


def _refuse_undoing(session: Session) -> None:
    if session.agent == UNDO:
        raise Refused(f"{session.id} takes a landing back and has no worktree", hint=f"swarmctl show {session.id}")


def _refuse_busy(session: Session) -> None:
    """It does not rest where somebody could begin anything with it."""
    if session.stage in IN_QUEUE:
        raise Refused(f"{session.id} stands in the merge queue", hint=f"swarmctl stop {session.id} takes it out")
    if session.stage is Stage.PARKED:
        raise Refused(f"{session.id} is parked: {session.reason}", hint="swarmctl land, once the path is free")
    if session.stage not in AT_REST:
        raise Refused(f"{session.id} is {session.stage.value}", hint=f"swarmctl show {session.id}")


def handoff(args: Answer, context: Context) -> Stream:
    """Another agent goes on in the same worktree, in a conversation of its own, told what there is to know."""
    session = find_session(context.facts, args["id"])
    agent, model = args["agent"], args.get("model", "")
    context.desk.agents.check(agent)
    task = context.facts.tasks[session.task]
    refuse_taker(session, task, context.desk.agents.profile(agent), model)
    if session.active:
        hint = f"swarmctl handoff {session.id} --agent {agent} --stop"
        raise Refused(f"{session.id} is {session.stage.value}; its agent would be taken from its work", hint=hint)
    if session.stage is not Stage.LIMITED:
        _refuse_busy(session)
    reach_of(agent, task.terms.permission, context.desk)
    answer = {"session": session.id, "task": session.task, "run": session.run, "agent": agent, "before": session.agent}
    yield from regain(session, context.desk)
    if session.place != "none":
        yield from checkpoint(session, context.desk, "before it is handed over")
    session = context.facts.sessions[session.id]
    told = context.desk.brief(session, args.get("message", ""))
    again = next_attempt(session, told, args["env"], context)
    waited = for_the_caller(session, args, context)
    yield Done(answer, (HandedOver(session.id, agent, model, session.agent), *again, *waited))


def refuse_taker(session: Session, task: Task, taker: Profile, model: str) -> None:
    """What would be refused however the session rests; who wants its agent stopped for it asks this first."""
    _refuse_undoing(session)
    if taker.name == SHELL:
        raise UsageFault("a command cannot take a session over", hint="name an agent: swarmctl doctor lists them")
    if taker.name == session.agent and model in ("", task.terms.model):
        hint = f"swarmctl resume {session.id}, or another model: --model NAME"
        raise Refused(f"{session.id} is with {taker.name} already", hint=hint)
    check_fit(taker, task, model)


@dataclass(frozen=True, slots=True)
class Cut:
    """What was interrupted: a session, or a task that never got one."""

    task: Task
    session: Session | None

    @property
    def name(self) -> str:
        return self.session.id if self.session else self.task.id


def resume_all(args: Answer, context: Context) -> Stream:
    """Everything that an interruption, a crash or a restart of the machine ended goes on, so many at a time as may."""
    if "runs" in args:
        context.shop.envs |= {RunId(run): args["env"] for run in args["runs"]}
        yield Done({"resumed": [], "refused": []})
        return
    resumed: list[Answer] = []
    refused: list[Answer] = []
    events: list[e.Event] = []
    for each in cut_short(context.facts):
        told = {"id": each.name, "task": each.task.id, "run": each.task.run, "title": each.task.title}
        try:
            events += _goes_on(each, args.get("message", ""), context)
        except SwarmError as error:
            refused.append({**told, "why": error.message, "hint": error.hint})
            continue
        context.shop.envs[each.task.run] = args["env"]
        resumed.append(told)
    for session in waiting_for_turns(context.facts):
        if session.run not in context.shop.envs:  # Its turn comes by itself, with an environment to start in.
            context.shop.envs[session.run] = args["env"]
            task = context.facts.tasks[session.task]
            resumed.append({"id": session.id, "task": task.id, "run": task.run, "title": task.title})
    yield Done({"resumed": resumed, "refused": refused}, tuple(events))


def _goes_on(each: Cut, message: str, context: Context) -> tuple[e.Event, ...]:
    context.desk.agents.check(each.task.agent)
    if each.session is None:
        return (e.TaskReopened(each.task.id),)
    back = regain(each.session, context.desk)
    told = going_on(each.session, message, context)
    return (*back, ResumeAsked(each.session.id, told), e.TaskReopened(each.task.id))


def cut_short(facts: Facts) -> list[Cut]:
    """In the order in which they were asked for; neither what came to its own end nor what a person stopped by name."""
    found = [Cut(task, None) for task in facts.tasks.where("outcome", Outcome.INTERRUPTED) if _never_began(task)]
    found += [Cut(facts.tasks[s.task], s) for s in list(facts.live.values()) if _was_cut_short(s, facts.tasks[s.task])]
    return sorted(found, key=lambda each: (each.task.created_at, each.task.run, each.task.number))


def _never_began(task: Task) -> bool:
    return task.session is None and task.reason not in BY_A_PERSON


def _was_cut_short(session: Session, task: Task) -> bool:
    """Interrupted, gone without a word, or ended by a signal; not what a limit of its own stopped."""
    rests = session.stage is Stage.KEPT and session.place in ("present", "none") and task.session == session.id
    if not rests or session.agent == UNDO or session.talk.again or task.outcome is None:
        return False
    if session.reason in BY_A_PERSON or session.stop in BY_A_PERSON or session.stop.startswith("time limit"):
        return False
    killed = session.outcome is Outcome.FAILED and session.exit is not None and session.exit.signal is not None
    return killed or session.outcome in (Outcome.INTERRUPTED, Outcome.UNKNOWN)
