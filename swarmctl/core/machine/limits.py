"""The rows that events of limits change."""

from __future__ import annotations

from dataclasses import replace

from swarmctl.core.events.limits import LetIn, LimitEased, ProviderLimited, TaskHeld, TaskLetIn
from swarmctl.core.facts import Facts, Row
from swarmctl.core.limits import ANYWAY, Limit, met
from swarmctl.core.machine.transitions import Handlers


def _limited(facts: Facts, event: ProviderLimited, at: float) -> list[Row]:
    session = facts.sessions[event.session]
    new = Limit(event.account, event.limit, at, False, event.words, event.session, at)
    limit = met(facts.limits.get(event.account), new, event.until)
    return [limit, replace(session, talk=replace(session.talk, account=event.account, limited=True))]


def _task_held(facts: Facts, event: TaskHeld, at: float) -> list[Row]:
    return [replace(facts.tasks[event.task], waits_for=event.account)]


def _task_let_in(facts: Facts, event: TaskLetIn, at: float) -> list[Row]:
    return [replace(facts.tasks[event.task], waits_for=ANYWAY)]


def _let_in(facts: Facts, event: LetIn, at: float) -> list[Row]:
    session = facts.sessions[event.session]
    rows: list[Row] = [replace(session, talk=replace(session.talk, let_in=event.by))]
    limit = facts.limits.get(event.account)
    if limit is not None:
        rows.append(replace(limit, tried=event.session, tried_at=at))
    return rows


def _eased(facts: Facts, event: LimitEased, at: float) -> list[Row]:
    limit = facts.limits.get(event.account)
    return [replace(limit, eased_at=at)] if limit is not None else []


HANDLERS: Handlers = {
    ProviderLimited: _limited,
    TaskHeld: _task_held,
    TaskLetIn: _task_let_in,
    LetIn: _let_in,
    LimitEased: _eased,
}
