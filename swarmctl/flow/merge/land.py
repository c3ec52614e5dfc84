"""From a proof to a moved branch: the only caller of `Integration.land`, which takes nothing but a proof."""

from __future__ import annotations

from collections.abc import Iterator

from swarmctl.core.errors import SwarmError
from swarmctl.core.events import Dequeued, Event, Landed, Parked, RaceLost, SessionKept
from swarmctl.core.landing import Landing
from swarmctl.core.machine import Facts
from swarmctl.core.outcome import Outcome
from swarmctl.core.ports import Desk, LostRace, Moved, ParkedAt
from swarmctl.core.session import Session, Stage
from swarmctl.flow.merge.build import head_ref, queue_ref

MAX_TRIES = 5


def land(session: Session, landing: Landing, desk: Desk) -> Iterator[Event]:
    try:
        result = desk.integration.land(landing.proof, landing.target)
    except SwarmError:
        there = as_git_has_it(session, landing, desk)
        if there is None:
            raise
        yield there
        if isinstance(there, Landed):
            unpin(session, desk)
        return
    match result:
        case Moved(commit=commit):
            yield Landed(session.id, landing.target, commit)
            unpin(session, desk)
        case ParkedAt(commit=commit, blocking=blocking):
            yield Parked(session.id, landing.target, commit, blocking)
        case LostRace(found=found):
            yield lost(session, found)


def lost(session: Session, found: str) -> Event:
    if session.tries + 1 >= MAX_TRIES:
        return SessionKept(session.id, Outcome.REFUSED, f"{session.target} moved {MAX_TRIES} times while it was gated")
    return RaceLost(session.id, found)


def recover(session: Session, landing: Landing, desk: Desk) -> Iterator[Event]:
    """After a crash between intent and result, with nobody waiting: record what happened, move nothing."""
    there = as_git_has_it(session, landing, desk)
    yield there or Dequeued(session.id, "proven but not landed: nobody waited for it any more")
    if isinstance(there, Landed):
        unpin(session, desk)


def as_git_has_it(session: Session, landing: Landing, desk: Desk) -> Event | None:
    """What became of a landing whose end nobody saw, as git has it."""
    match desk.integration.holds(landing.target, landing.commit):
        case "target":
            return Landed(session.id, landing.target, landing.commit)
        case "landing":
            return Parked(session.id, landing.target, landing.commit, "found on the landing ref after an unclean end")
        case _:
            return None


def arrived(target: str, facts: Facts, desk: Desk) -> list[tuple[Session, str]]:
    """Parked landings that the target holds by now, with another landing or by somebody's hand, and their commits."""
    parked = [s for s in list(facts.live.values()) if s.stage is Stage.PARKED and s.target == target]
    found = [(session, facts.landings[session.id].commit) for session in parked]
    return [(session, commit) for session, commit in found if desk.integration.holds(target, commit) == "target"]


def unpin(session: Session, desk: Desk) -> None:
    for ref in (queue_ref(session), head_ref(session)):
        desk.integration.unpin(ref)
