"""Who may start while accounts are limited: one goes first after a limit, the others follow one by one. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from swarmctl.core.events import Batch, Event, LetIn, LimitEased, MergeAsked, SessionLimited, SessionResumed, TaskHeld
from swarmctl.core.facts import Facts
from swarmctl.core.ids import SessionId, TaskId
from swarmctl.core.limits import ANYWAY, FOLLOW_S, STUCK_S, SURE_S, Limit
from swarmctl.core.session import IN_QUEUE, Session, Stage, State
from swarmctl.core.task import Task

Door = Literal["open", "turn", "busy", "shut"]
"""Everybody may; one may; the one before is still looked at; nobody may."""
WORKED = frozenset({Stage.READY, Stage.LANDED, Stage.PARKED, Stage.EMPTY}) | IN_QUEUE


@dataclass(slots=True)
class Turns:
    """Of one look at the facts: each account lets one in at the most."""

    facts: Facts
    now: float
    account_of: Callable[[str, Task], str]
    _retried: frozenset[str] = frozenset()
    _taken: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._retried = retried(self.facts)

    def of(self, session: Session) -> str:
        return self._account(session.agent, self.facts.tasks[session.task]) or session.talk.account

    def _account(self, agent: str, task: Task) -> str:
        """Asked only when it matters."""
        return self.account_of(agent, task) if self.facts.limited or self._retried else ""

    def holds(self, session: Session) -> str:
        """The account because of which it does not start; empty when it may."""
        if session.talk.let_in == "person":
            return ""
        account = self.of(session)
        door = self._door(account)
        may = door == "open" or (session.talk.let_in == "turn" and door != "shut")
        return "" if may else account

    def holds_task(self, task: Task) -> str:
        account = self._account(task.agent, task)
        return account if task.waits_for != ANYWAY and not self.admits(account) else ""

    def turn_of_task(self, task: Task) -> str:
        """The account of which it takes the turn."""
        return self._taking(self._account(task.agent, task))

    def turn_of(self, session: Session) -> str:
        return self._taking(self.of(session))

    def admits(self, account: str) -> bool:
        door = self._door(account)
        return door == "open" or (door == "turn" and account not in self._taken)

    def _taking(self, account: str) -> str:
        if self._door(account) == "open":
            return ""
        self._taken.add(account)
        return account

    def _door(self, account: str) -> Door:
        if account in self._retried:
            return "shut"
        limit = self.facts.limited.get(account)
        return "open" if limit is None else door_of(limit, self.facts, self.now)


def door_of(limit: Limit, facts: Facts, now: float) -> Door:
    if limit.is_past(now):
        return "open"
    if not limit.is_over(now):
        return "shut"
    if limit.tried is None or limit.tried_at is None:
        return "turn"
    if limit.eased_at is not None:
        return "turn" if now - limit.tried_at >= FOLLOW_S else "busy"
    tried = facts.sessions.get(limit.tried)
    over = tried is None or not tried.active or now - limit.tried_at >= STUCK_S
    return "turn" if over else "busy"


def retried(facts: Facts) -> frozenset[str]:
    """Accounts that an agent tries again and again by itself."""
    live = list(facts.live.values())
    return frozenset(session.talk.account for session in live if session.retries) - {""}


def eases(facts: Facts, now: float) -> list[Event]:
    """The first that went after a limit works by now."""
    found: list[Event] = []
    for limit in list(facts.limited.values()):
        tried = facts.sessions.get(limit.tried) if limit.tried and limit.eased_at is None else None
        if tried is not None and limit.tried_at is not None and _works(tried, limit.tried_at, now):
            found.append(LimitEased(tried.id, limit.account))
    return found


def _works(session: Session, since: float, now: float) -> bool:
    if session.stage in WORKED:
        return True
    if session.stage is not Stage.RUNNING or session.talk.limited or session.state is State.RATE_LIMITED:
        return False
    return session.talk.ended == "ends" or now - max(since, session.state_since) >= SURE_S


def waiting_for_turns(facts: Facts) -> list[Session]:
    """In the order in which they were stopped."""
    found = [session for session in list(facts.live.values()) if session.stage is Stage.LIMITED and not session.stop]
    return sorted(found, key=lambda session: (session.state_since, session.id))


def next_turn(facts: Facts, now: float) -> float:
    """When the next turn may come, as far as time alone brings it."""
    times = [float("inf")]
    for limit in list(facts.limited.values()):
        if limit.tried_at is None or limit.until > now:
            times.append(limit.until)
        elif limit.eased_at is None:
            tried = facts.sessions.get(limit.tried) if limit.tried else None
            times += [limit.tried_at + STUCK_S, max(limit.tried_at, tried.state_since if tried else 0.0) + SURE_S]
        else:
            times.append(limit.tried_at + FOLLOW_S)
    return min(time for time in times if time > now)


# --- the steps --------------------------------------------------------------------------------------------------------


def hold(subject: str, account: str, facts: Facts) -> Iterator[Event]:
    """What was to start waits until its account takes more."""
    if subject in facts.sessions:
        yield SessionLimited(SessionId(subject), account)
    else:
        yield TaskHeld(TaskId(subject), account)


def go_on(session: Session, account: str) -> Iterator[Batch]:
    """With what it was not told yet; whoever waits for its landing waits on."""
    message = "\n\n".join(filter(None, (session.talk.message, *session.talk.waiting)))
    events: Batch = (SessionResumed(session.id, session.attempt + 1, message),)
    if account:
        events += (LetIn(session.id, account, "turn"),)
    if session.asked_to_land:
        events += (for_who_waits(session.id),)
    yield events


def for_who_waits(session: SessionId) -> MergeAsked:
    return MergeAsked(session, "whoever waits for it")
