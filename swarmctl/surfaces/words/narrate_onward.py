"""The events of `core/events/onward.py` and `rejecting.py` in words for a person."""

from __future__ import annotations

from swarmctl.core import events as e
from swarmctl.core.events.onward import (
    HandedOver,
    ResumeAsked,
    SyncAsked,
    SyncBegun,
    SyncConflicted,
    Synced,
    SyncGivenUp,
)
from swarmctl.core.events.rejecting import RejectionIntended, WorkRejected
from swarmctl.core.listing import in_short
from swarmctl.core.machine import Facts
from swarmctl.surfaces.words.saying import Say


def _conflicted(event: SyncConflicted, facts: Facts) -> str:
    return f"conflicts for its agent to resolve: {in_short(event.paths) or 'those that are left'}"


def _handed_over(event: HandedOver, facts: Facts) -> str:
    model = f" with {event.model}" if event.model else ""
    return f"handed over by {event.before} to {event.agent}{model}"


def _part(event: RejectionIntended | WorkRejected) -> str:
    return f"{event.lines} line{'' if event.lines == 1 else 's'} of {event.path}" if event.lines else event.path


ONWARD: dict[type[e.Event], Say] = {
    SyncAsked: lambda event, facts: f"{facts.sessions[event.session].target} is to be brought in",
    SyncBegun: "brings {event.name} at {event.theirs:.10} to its work at {event.ours:.10}",
    SyncConflicted: _conflicted,
    Synced: "holds {event.name} at {event.base:.10} now, at {event.head:.10}",
    SyncGivenUp: "not synced: {event.why}",
    HandedOver: _handed_over,
    RejectionIntended: lambda event, facts: f"a person rejects {_part(event)}",
    WorkRejected: lambda event, facts: f"rejected {_part(event)}: at {event.head[:10]} now",
    ResumeAsked: "goes on as soon as there is a place for it",
}
