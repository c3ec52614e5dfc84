"""The only state machine: `apply(facts, stamped)` says which rows one event changes; the store writes what it returns.

An event that does not fit the session's stage raises `ImpossibleEvent`, before anything is written.
"""

from __future__ import annotations

from swarmctl.core import books, events as e
from swarmctl.core.facts import Facts as Facts, ImpossibleEvent as ImpossibleEvent, Row as Row
from swarmctl.core.machine import abroad, adoption, contests, life, limits, onward, rejecting, typed
from swarmctl.core.machine.transitions import TRANSITIONS as TRANSITIONS, Handlers

_HANDLERS: Handlers = {
    **life.HANDLERS,
    **abroad.HANDLERS,
    **adoption.HANDLERS,
    **books.HANDLERS,
    **contests.HANDLERS,
    **limits.HANDLERS,
    **onward.HANDLERS,
    **rejecting.HANDLERS,
    **typed.HANDLERS,
}


def apply(facts: Facts, stamped: e.Stamped) -> list[Row]:
    """The rows that this event makes or changes, in order; `facts` itself is left alone."""
    event = stamped.event
    handler = _HANDLERS.get(type(event))
    if handler is None:
        return []
    return handler(facts, event, stamped.at)
