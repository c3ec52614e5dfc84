"""The rows that contests change, and what the life of an entry changes in its contest."""

from __future__ import annotations

from dataclasses import replace

from swarmctl.core.contest import Contest, Rehearsal
from swarmctl.core.events.contests import (
    Picked,
    RehearsalAsked,
    RehearsalBegun,
    RehearsalLeft,
    Rehearsed,
    SetAside,
)
from swarmctl.core.events.life import SessionPlanned, TaskAdded
from swarmctl.core.facts import Facts, Row
from swarmctl.core.ids import SessionId
from swarmctl.core.machine.transitions import Handlers, session_of
from swarmctl.core.outcome import Outcome
from swarmctl.core.session import Stage
from swarmctl.core.task import Task


def contest_of(facts: Facts, session: SessionId) -> Contest | None:
    """The contest that a session is an entry of."""
    return _of(facts, facts.tasks[facts.sessions[session].task])


def _of(facts: Facts, task: Task) -> Contest | None:
    found: Contest | None = facts.contests.get(task.contest) if task.contest else None
    return found


def joined(facts: Facts, event: TaskAdded, at: float) -> list[Row]:
    """The first entry opens the contest."""
    known = not event.contest or event.contest in facts.contests
    return [] if known else [Contest(event.contest, event.run, at)]


def begun(facts: Facts, event: SessionPlanned) -> list[Row]:
    """The first to be planned says where all begin."""
    contest = _of(facts, facts.tasks[event.task])
    fixed = contest is None or contest.base
    return [] if fixed or contest is None else [replace(contest, base=event.base, base_name=event.base_name)]


def given_up(facts: Facts, session: SessionId) -> list[Row]:
    """What was picked left the queue without a landing: nothing is decided."""
    contest = contest_of(facts, session)
    picked = contest is not None and contest.picked == session and contest.decided_at is None
    return [replace(contest, picked=None)] if contest is not None and picked else []


def decided(facts: Facts, session: SessionId, at: float) -> list[Row]:
    contest = contest_of(facts, session)
    picked = contest is not None and contest.picked == session and contest.decided_at is None
    return [replace(contest, decided_at=at)] if contest is not None and picked else []


def _asked(facts: Facts, event: RehearsalAsked, at: float) -> list[Row]:
    session_of(facts, event)
    known = facts.rehearsals.get(event.session)
    return [known if known is not None and known.is_due else Rehearsal(event.session, "asked", at=at)]


def _begun(facts: Facts, event: RehearsalBegun, at: float) -> list[Row]:
    session_of(facts, event)
    staged = event.staged
    return [Rehearsal(event.session, "begun", staged.head, staged.base, staged.tree, at=at)]


def _rehearsed(facts: Facts, event: Rehearsed, at: float) -> list[Row]:
    session_of(facts, event)
    return [
        Rehearsal(
            session=event.session,
            stage="done",
            head=event.head,
            base=event.base,
            tree=event.tree,
            results=event.results,
            size=event.size,
            reason=event.reason,
            at=at,
        )
    ]


def _left(facts: Facts, event: RehearsalLeft, at: float) -> list[Row]:
    return [Rehearsal(event.session, "left", head=session_of(facts, event).head, reason=event.why, at=at)]


def _picked(facts: Facts, event: Picked, at: float) -> list[Row]:
    """What landed before it was picked needs no other landing; what is decided stays so."""
    there = session_of(facts, event).stage is Stage.LANDED
    contest = contest_of(facts, event.session)
    if contest is None or contest.decided_at is not None:
        return []
    return [replace(contest, picked=event.session, decided_at=at if there else None)]


def _aside(facts: Facts, event: SetAside, at: float) -> list[Row]:
    """What it came to before stays its outcome."""
    session = session_of(facts, event)
    why = f"{event.why}; before that: {session.reason}" if session.reason else event.why
    outcome = session.outcome or Outcome.INTERRUPTED
    rows: list[Row] = [replace(session, outcome=outcome, reason=why, asked_to_land=False)]
    contest = contest_of(facts, event.session)
    return rows if contest is None else [*rows, replace(contest, aside=(*contest.aside, event.session))]


HANDLERS: Handlers = {
    RehearsalAsked: _asked,
    RehearsalBegun: _begun,
    Rehearsed: _rehearsed,
    RehearsalLeft: _left,
    Picked: _picked,
    SetAside: _aside,
}
