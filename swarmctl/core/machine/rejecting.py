"""The row that changes when a part of a session's work is taken out of it."""

from __future__ import annotations

from dataclasses import replace

from swarmctl.core.events.rejecting import WorkRejected
from swarmctl.core.facts import Facts, Row
from swarmctl.core.machine.transitions import Handlers, session_of


def _rejected(facts: Facts, event: WorkRejected, at: float) -> list[Row]:
    return [replace(session_of(facts, event), head=event.head)]


HANDLERS: Handlers = {WorkRejected: _rejected}
