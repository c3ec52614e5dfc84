"""Which gate runs for a session at this moment: the log knows when each began."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from swarmctl.core.events import GateBegun, GateFinished, MergeStaged, Stamped
from swarmctl.core.session import Session, Stage


@dataclass(frozen=True, slots=True)
class Running:
    gate: str
    since: float


def running_gate(events: Iterable[Stamped], session: Session) -> Running | None:
    """The last that began on the newest tree, as long as nobody saw it end."""
    if session.stage is not Stage.GATING:
        return None
    found: Running | None = None
    for stamped in events:
        event = stamped.event
        if isinstance(event, GateBegun | GateFinished | MergeStaged) and event.session == session.id:
            found = Running(event.gate, stamped.at) if isinstance(event, GateBegun) else None
    return found
