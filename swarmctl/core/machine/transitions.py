"""From which stages an event may come, and to which it leads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from swarmctl.core import events as e
from swarmctl.core.facts import Facts, ImpossibleEvent, Row
from swarmctl.core.session import Session, Stage

Handlers = dict[type, Callable[[Facts, Any, float], list[Row]]]
"""For each kind of event the rows that it makes or changes, from what is known and when it happened."""

_BEFORE_LANDING = (
    Stage.PLANNED,
    Stage.PROVISIONED,
    Stage.LAUNCHING,
    Stage.RUNNING,
    Stage.ENDED,
    Stage.LIMITED,
    Stage.READY,
    Stage.QUEUED,
    Stage.GATING,
    Stage.LANDING,
)

TRANSITIONS: dict[type[e.Event], tuple[tuple[Stage, ...], Stage]] = {
    e.WorktreeReady: ((Stage.PLANNED,), Stage.PROVISIONED),
    e.LaunchIntended: ((Stage.PROVISIONED,), Stage.LAUNCHING),
    e.SessionStarted: ((Stage.LAUNCHING,), Stage.RUNNING),
    e.Adopted: ((Stage.PROVISIONED,), Stage.RUNNING),
    e.SessionEnded: ((Stage.LAUNCHING, Stage.RUNNING), Stage.ENDED),
    e.SessionLimited: ((Stage.PLANNED, Stage.PROVISIONED, Stage.ENDED), Stage.LIMITED),
    e.SessionReady: ((Stage.PLANNED, Stage.ENDED), Stage.READY),
    e.SessionEmpty: ((Stage.PLANNED, Stage.ENDED), Stage.EMPTY),
    e.SessionKept: (_BEFORE_LANDING, Stage.KEPT),
    e.Enqueued: ((Stage.READY, Stage.KEPT), Stage.QUEUED),
    e.Dequeued: ((Stage.QUEUED, Stage.GATING, Stage.LANDING), Stage.READY),
    e.Withdrawn: ((Stage.QUEUED, Stage.GATING), Stage.KEPT),
    e.MergeStaged: ((Stage.QUEUED, Stage.GATING), Stage.GATING),
    e.LandIntended: ((Stage.GATING,), Stage.LANDING),
    e.RaceLost: ((Stage.GATING, Stage.LANDING), Stage.QUEUED),
    e.Landed: ((Stage.LANDING, Stage.PARKED), Stage.LANDED),
    e.Parked: ((Stage.LANDING,), Stage.PARKED),
    e.Unparked: ((Stage.PARKED,), Stage.READY),
    e.SetAside: ((Stage.LIMITED, Stage.READY, Stage.KEPT, Stage.EMPTY), Stage.KEPT),
    e.SessionResumed: ((Stage.LIMITED, Stage.READY, Stage.KEPT, Stage.EMPTY), Stage.PLANNED),
}


def session_of(facts: Facts, event: Any) -> Session:
    """The session the event speaks of, already moved to the stage that the event leads to."""
    session = facts.sessions.get(event.session)
    if session is None:
        raise ImpossibleEvent(f"{type(event).__name__}: no session {event.session}")
    rule = TRANSITIONS.get(type(event))
    if rule is None:
        return session
    allowed, to = rule
    if session.stage not in allowed:
        raise ImpossibleEvent(f"{type(event).__name__}: session {session.id} is {session.stage.value}")
    return replace(session, stage=to)
