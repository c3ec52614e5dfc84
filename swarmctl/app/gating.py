"""Which gate runs for a session at this moment: the log knows when each began."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from swarmctl.app.board import Board
from swarmctl.app.here import Here
from swarmctl.app.inbox import connect
from swarmctl.core.events import GateBegun, GateFinished, MergeStaged, Stamped
from swarmctl.core.session import Session, Stage
from swarmctl.edges.files.paths import StatePaths


@dataclass(frozen=True, slots=True)
class Running:
    gate: str
    since: float


def gate_of(place: Here, board: Board, session: Session) -> Running | None:
    """None as well where no supervisor is left: its gate ended with it."""
    if session.stage is not Stage.GATING or not is_served(place.paths):
        return None
    return _last_begun(board.about(board.facts.tasks[session.task]), session)


def is_served(paths: StatePaths) -> bool:
    """A supervisor is there to run gates."""
    line = connect(paths.socket)
    if line is None:
        return False
    line.close()
    return True


def _last_begun(events: Iterable[Stamped], session: Session) -> Running | None:
    """On the newest tree, as long as nobody saw it end."""
    found: Running | None = None
    for stamped in events:
        event = stamped.event
        if isinstance(event, GateBegun | GateFinished | MergeStaged) and event.session == session.id:
            found = Running(event.gate, stamped.at) if isinstance(event, GateBegun) else None
    return found
