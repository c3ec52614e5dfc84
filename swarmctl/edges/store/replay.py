"""What a list of events adds up to; the tables of the ledger are this, kept."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from swarmctl.core.events import Stamped
from swarmctl.core.machine import Facts, ImpossibleEvent, Row, apply


def replay(events: Iterable[Stamped]) -> Facts:
    facts = Facts()
    for stamped in events:
        advance(facts, stamped)
    return facts


def advance(facts: Facts, stamped: Stamped) -> list[Row]:
    """Apply one event to `facts`; the rows it made or changed."""
    try:
        rows = apply(facts, stamped)
    except KeyError as missing:
        raise ImpossibleEvent(f"{type(stamped.event).__name__}: nothing is known of {missing}") from missing
    for row in rows:
        facts.put(row)
    facts.seq, facts.last_at = stamped.seq, stamped.at
    return rows


def scratch(facts: Facts) -> Facts:
    """A copy that can be advanced and thrown away."""
    copy = dataclasses.replace(facts)
    for field in dataclasses.fields(copy):
        value = getattr(copy, field.name)
        if isinstance(value, dict):
            setattr(copy, field.name, dict(value))
    return copy
