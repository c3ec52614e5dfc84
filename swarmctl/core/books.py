"""The rows that events of money change. A reservation that does not fit a cap is impossible, so none can race past.

What a purse holds is the sum over the entries of its scope, after every event.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from swarmctl.core.events.spending import CapNeared, Reserved, Settled, Used
from swarmctl.core.facts import Facts, ImpossibleEvent, Row
from swarmctl.core.money import MOST, Entry, Purse

HIGHEST_CAP = 1000 * MOST


def purse(facts: Facts, scope: str) -> Purse:
    found: Purse | None = facts.purses.get(scope)
    return found or Purse(scope)


def _reserved(facts: Facts, event: Reserved, at: float) -> list[Row]:
    if event.entry in facts.entries:
        raise ImpossibleEvent(f"Reserved: {event.entry} is in the books")
    if not 0 <= event.amount <= MOST:
        raise ImpossibleEvent(f"Reserved: {event.amount} is no amount")
    for hold in event.holds:
        if hold.cap is not None and event.amount and purse(facts, hold.scope).charged + event.amount > hold.cap:
            raise ImpossibleEvent(f"Reserved: {event.entry} does not fit the cap of {hold.scope}")
    entry = Entry(
        id=event.entry,
        session=event.session,
        task=event.task,
        run=event.run,
        attempt=event.attempt,
        agent=event.agent,
        model=event.model,
        day=event.day,
        amount=event.amount,
        plan=event.plan,
        scopes=tuple(dict.fromkeys(hold.scope for hold in event.holds)),
        reserved_at=at,
        deadline=event.deadline,
    )
    return _moved(facts, None, entry)


def _used(facts: Facts, event: Used, at: float) -> list[Row]:
    if any(not 0 <= (use.micros or 0) <= MOST for use in event.uses):
        raise ImpossibleEvent(f"Used: {event.entry} with no amount")
    before = _unsettled(facts, event)
    return _moved(facts, before, replace(before, uses=event.uses, conversation=event.conversation))


def _settled(facts: Facts, event: Settled, at: float) -> list[Row]:
    if event.how == "open":
        raise ImpossibleEvent("Settled: that is no end")
    before = _unsettled(facts, event)
    return _moved(facts, before, replace(before, how=event.how, settled_at=at))


def _unsettled(facts: Facts, event: Used | Settled) -> Entry:
    entry = facts.entries.get(event.entry)
    if entry is None or entry.how not in ("open", "expired"):
        raise ImpossibleEvent(f"{type(event).__name__}: {event.entry} is not open")
    return entry


def _moved(facts: Facts, before: Entry | None, after: Entry) -> list[Row]:
    rows: list[Row] = [after]
    for scope in after.scopes:
        found = purse(facts, scope)
        if before is not None:
            found = _with(found, before, -1)
        rows.append(_with(found, after, 1))
    return rows


def _with(found: Purse, entry: Entry, sign: int) -> Purse:
    if entry.how == "open":
        return replace(found, held=found.held + sign * entry.charge, live=found.live + sign * entry.known)
    return replace(found, spent=found.spent + sign * entry.charge)


def _neared(facts: Facts, event: CapNeared, at: float) -> list[Row]:
    if not 0 <= event.cap <= HIGHEST_CAP:
        raise ImpossibleEvent("CapNeared: that is no cap")
    return [replace(purse(facts, event.scope), told=event.percent, told_cap=event.cap)]


HANDLERS: dict[type, Callable[[Facts, Any, float], list[Row]]] = {
    Reserved: _reserved,
    Used: _used,
    Settled: _settled,
    CapNeared: _neared,
}
