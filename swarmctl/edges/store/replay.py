"""What a list of events adds up to; the tables of the ledger are this, kept."""

from __future__ import annotations

from collections.abc import Iterable

from swarmctl.core.events import Stamped
from swarmctl.core.machine import Facts, ImpossibleEvent, Row, apply
from swarmctl.core.rows import Over


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
    """The same facts, to be advanced and thrown away; costs nothing, however many rows there are."""
    return Facts(
        Over(facts.runs),
        Over(facts.tasks),
        Over(facts.sessions),
        Over(facts.landings),
        Over(facts.approvals),
        Over(facts.answers),
        Over(facts.entries),
        Over(facts.purses),
        Over(facts.limits),
        Over(facts.contests),
        Over(facts.rehearsals),
        seq=facts.seq,
        last_at=facts.last_at,
    )
