"""From facts to the next steps. Pure: whatever was running when the supervisor died comes out of here again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from enum import StrEnum

from swarmctl.core.ids import RunId, SessionId
from swarmctl.core.machine import Facts
from swarmctl.core.outcome import Outcome
from swarmctl.core.session import IN_QUEUE, Session, Stage
from swarmctl.core.task import Task
from swarmctl.flow.task.backlog import blocker, is_ripe, waiting
from swarmctl.loops.engine.entries import decided_of, is_rehearsed, left_behind, next_to_rehearse
from swarmctl.loops.engine.turns import Turns, waiting_for_turns


class Kind(StrEnum):
    PLAN = "plan"
    GIVE_UP = "give_up"
    """A task that can never start: what it waits for did not land, or nobody's environment is left to start it with."""
    PROVISION = "provision"
    TAKE_OVER = "take_over"
    """A person made its worktree, and perhaps started its agent."""
    LAUNCH = "launch"
    RECLAIM = "reclaim"
    """A process may exist from before a crash or a stop, and none is to be started."""
    ABANDON = "abandon"
    """It was to start, and will not."""
    TYPE = "type"
    """Its prompt has to be typed into its terminal, as soon as that is ready."""
    END = "end"
    HOLD = "hold"
    """It was to start, and its account takes no more for now."""
    RESUME = "resume"
    """Its account takes more."""
    SYNC = "sync"
    """The target comes into the worktree before anything else does."""
    CONTINUE = "continue"
    """Messages waited for the end of its turn: it goes on with them."""
    SETTLE = "settle"
    ENQUEUE = "enqueue"
    INTEGRATE = "integrate"
    REHEARSE = "rehearse"
    """See what the gates say of it, without a landing."""
    LAND = "land"
    RECOVER = "recover"
    DEQUEUE = "dequeue"
    FINISH = "finish"
    """Give the task the outcome of its session."""
    GIVE_BACK = "give_back"
    """The work of a worktree that a person made has landed."""
    TIDY = "tidy"
    """Put the worktree of a landed or empty session into the trash."""
    SET_ASIDE = "set_aside"
    """Another entry of its contest was picked, and landed."""


@dataclass(frozen=True, slots=True)
class Step:
    kind: Kind
    subject: str
    attempt: int = 1
    account: str = ""
    """That takes no more for now, or the turn of which it takes."""
    contest: str = ""
    """Whose entries are planned one after the other."""

    @property
    def key(self) -> tuple[str, str, int]:
        return (self.kind.value, self.subject, self.attempt)


HOLDABLE = (Stage.PLANNED, Stage.PROVISIONED)


@dataclass(frozen=True, slots=True)
class Around:
    """What the log does not hold: who is here, and what the kernel says."""

    max_running: int
    has_env: Callable[[RunId], bool]
    """The caller's environment for this run is in memory."""
    is_alive: Callable[[Session], bool]
    is_attended: Callable[[Session], bool]
    """A person looks at its terminal."""
    settled_in: bool
    """Waiting clients had time to come back after a restart."""
    draining: bool = False
    """A stop of the supervisor was asked for: start nothing."""
    has_room: Callable[[Sequence[str]], bool] = lambda agents: True
    """Disk and memory can hold one session of each of these agents besides those that are there."""
    has_money: Callable[[Session], bool] = lambda session: True
    """Its start need not wait for what others have reserved."""
    now: float = 0.0
    """By the wall's clock."""
    account_of: Callable[[str, Task], str] = lambda agent, task: ""
    """Whose limit a task's agent shares; empty when nobody's."""
    goes_on: Callable[[Session], bool] = lambda session: False
    """Its agent may take up by itself what was typed into its terminal."""
    asked_in: Callable[[RunId], str] = lambda run: ""
    """The session inside of which the run was asked for, as its caller's environment has it."""


Apart = Callable[[str], AbstractContextManager[object]]
"""Around what is decided of one session, or without a name of all that waits: what goes wrong there may end there."""


def advance(facts: Facts, around: Around, apart: Apart = nullcontext) -> list[Step]:
    steps: list[Step] = []
    with apart(""):
        turns = Turns(facts, around.now, around.account_of)
        for session in list(facts.live.values()):
            with apart(session.id):
                steps += _session_steps(session, facts, around, turns)
        with apart(""):
            steps += _queue_step(facts, around)
        steps += [] if around.draining else _start_steps(facts, around, turns)
    return steps


def _session_steps(session: Session, facts: Facts, around: Around, turns: Turns) -> list[Step]:
    kind = Kind.SET_ASIDE if left_behind(session, facts) else _next(session, facts, around)
    if kind in (Kind.PROVISION, Kind.LAUNCH) and session.stage in HOLDABLE and (account := turns.holds(session)):
        return [Step(Kind.HOLD, session.id, session.attempt, account)]
    if kind is not None:
        return [Step(kind, session.id, session.attempt)]
    if session.outcome is None or _is_in_line(session, around) or not is_rehearsed(session, facts):
        return []
    task = facts.tasks[session.task]
    if task.session == session.id and (task.outcome, task.reason) != (session.outcome, session.reason):
        return [Step(Kind.FINISH, session.id, session.attempt)]
    if session.stage in (Stage.LANDED, Stage.EMPTY) and session.place == "present" and not session.restored:
        return [Step(done, session.id, session.attempt)] if (done := _tidied(session)) else []
    return []


def _is_in_line(session: Session, around: Around) -> bool:
    """It goes on when others end; without an environment it would wait for ever."""
    return session.talk.again and (around.has_env(session.run) or not around.settled_in)


def _tidied(session: Session) -> Kind | None:
    if session.adopted is None:
        return Kind.TIDY
    return Kind.GIVE_BACK if session.stage is Stage.LANDED else None


def _next(session: Session, facts: Facts, around: Around) -> Kind | None:
    match session.stage:
        case Stage.PLANNED | Stage.PROVISIONED if session.by_hand:
            return Kind.TAKE_OVER
        case Stage.PLANNED | Stage.PROVISIONED | Stage.LAUNCHING:
            return _starting(session, around)
        case Stage.RUNNING:
            if session.stop or not around.is_alive(session) or _is_done(session, around):
                return Kind.END
            return Kind.TYPE if session.talk.delivery.fate == "due" else None
        case Stage.ENDED:
            return Kind.SETTLE
        case Stage.LIMITED if session.stop:
            return Kind.ABANDON  # It was stopped while its limit was being written down.
        case Stage.READY | Stage.KEPT | Stage.EMPTY if _has_more_to_do(session, around):
            return Kind.CONTINUE
        case Stage.READY if wants_to_land(session, facts) and not around.draining:
            return Kind.ENQUEUE
        case Stage.KEPT if session.asked_to_land and not around.draining:
            return Kind.ENQUEUE
        case Stage.QUEUED | Stage.GATING if not wants_to_land(session, facts) and around.settled_in:
            return Kind.DEQUEUE
        case Stage.LANDING if not wants_to_land(session, facts) and around.settled_in:
            return Kind.RECOVER
    return None


def _is_done(session: Session, around: Around) -> bool:
    """Its agent would stay and wait; it is not taken from under a person who looks at it, or who started it."""
    ended = session.talk.mode == "interactive" and bool(session.talk.ended) and not session.by_hand
    return ended and not around.goes_on(session) and not around.is_attended(session)


def _has_more_to_do(session: Session, around: Around) -> bool:
    sync, talk = session.talk.sync, session.talk
    waits = bool(talk.waiting or (sync and sync.asked)) and session.place == "present"
    allowed = not session.stop and not talk.again and not around.draining
    return waits and allowed and around.has_env(session.run)


def _starting(session: Session, around: Around) -> Kind | None:
    instead = Kind.RECLAIM if session.stage is Stage.LAUNCHING else Kind.ABANDON
    if session.stop or around.draining:
        return instead
    if session.stage is Stage.PLANNED:
        return Kind.SYNC if session.talk.sync and session.talk.sync.due else Kind.PROVISION
    if around.has_env(session.run):
        waits = session.stage is Stage.PROVISIONED and not around.has_money(session)
        return None if waits else Kind.LAUNCH
    return instead if around.settled_in else None


def wants_to_land(session: Session, facts: Facts) -> bool:
    """Somebody asked for it, or waits for its run; nothing lands that nobody waits for, and no entry of a contest."""
    if session.asked_to_land or facts.tasks[session.task].contest:
        return session.asked_to_land
    run = facts.runs[session.run]
    return run.lands == "auto" or (run.lands == "waited" and run.waits)


def _queue_step(facts: Facts, around: Around) -> list[Step]:
    """One at a time, in the order they were asked for; a landing under way is finished before the next is built."""
    if around.draining:
        return []
    entries = [s for s in list(facts.live.values()) if s.stage in IN_QUEUE and wants_to_land(s, facts)]
    if not entries:
        waits = next_to_rehearse(facts)
        return [Step(Kind.REHEARSE, waits.id, waits.attempt)] if waits is not None else []
    first = min(entries, key=lambda s: (s.stage is Stage.QUEUED, s.queued_at or 0.0, s.id))
    kind = Kind.LAND if first.stage is Stage.LANDING else Kind.INTEGRATE
    return [Step(kind, first.id, first.tries + 1)]


@dataclass(slots=True)
class Slots:
    """A session that waits for a run of its own lends its slot to one session of it, or it would wait for ever."""

    free: int
    lent: set[SessionId]

    @classmethod
    def taken(cls, facts: Facts, around: Around) -> Slots:
        active = [session for session in list(facts.live.values()) if session.active and not session.by_hand]
        lent = {by for session in active if (by := waiter(session.run, facts, around))}
        return cls(around.max_running - len(active) + len(lent), lent)

    def take(self, by: SessionId | None) -> bool:
        if by is not None and by not in self.lent:
            self.lent.add(by)
            return True
        self.free -= 1
        return self.free >= 0


def waiter(run: RunId, facts: Facts, around: Around) -> SessionId | None:
    """The working session that waits for this run."""
    session = facts.live.get(SessionId(around.asked_in(run)))
    waits = session is not None and session.active and session.run != run and facts.runs[run].waits
    return session.id if session is not None and waits else None


def _start_steps(facts: Facts, around: Around, turns: Turns) -> list[Step]:
    """What was stopped by a limit goes before what did not begin."""
    slots = Slots.taken(facts, around)
    steps: list[Step] = []
    begun: list[str] = []

    def takes_place(agent: str, run: RunId) -> bool:
        by = waiter(run, facts, around)
        takes = around.has_room([*begun, agent] if by is None else []) and slots.take(by)
        begun.extend([agent] if takes else [])
        return takes

    for session in waiting_for_turns(facts):
        if around.has_env(session.run) and turns.admits(turns.of(session)) and takes_place(session.agent, session.run):
            steps.append(Step(Kind.RESUME, session.id, session.attempt, turns.turn_of(session)))
    for session in _in_line(facts):
        if around.has_env(session.run) and takes_place(session.agent, session.run):
            steps.append(Step(Kind.CONTINUE, session.id, session.attempt))
    for task in waiting(facts):
        if _hopeless(task, facts, around):
            steps.append(Step(Kind.GIVE_UP, task.id))
        elif is_ripe(task, facts) and around.has_env(task.run):
            if account := turns.holds_task(task):
                steps += [Step(Kind.HOLD, task.id, account=account)] if task.waits_for != account else []
            elif takes_place(task.agent, task.run):
                steps.append(Step(Kind.PLAN, task.id, account=turns.turn_of_task(task), contest=task.contest))
    return steps


def _in_line(facts: Facts) -> list[Session]:
    """Those that somebody wants to go on, in the order in which they began."""
    found = [s for s in list(facts.live.values()) if s.talk.again and s.stage in (Stage.READY, Stage.KEPT, Stage.EMPTY)]
    return sorted(found, key=lambda session: (session.created_at, session.id))


def _hopeless(task: Task, facts: Facts, around: Around) -> bool:
    if blocker(task, facts) is not None or decided_of(task, facts) is not None:
        return True
    return around.settled_in and not around.has_env(task.run)


def why_hopeless(task: Task, facts: Facts) -> tuple[Outcome, str]:
    contest, other = decided_of(task, facts), blocker(task, facts)
    if contest is not None:
        return Outcome.INTERRUPTED, f"{contest.picked} was picked"
    if other is not None and other.outcome is not None:
        return Outcome.BLOCKED, f"waits for task {other.id}, which ended as {other.outcome.value}"
    return Outcome.INTERRUPTED, "swarmctl was interrupted before it started"
