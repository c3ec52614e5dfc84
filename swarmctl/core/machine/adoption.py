"""The rows that change when something is taken over from a person's hands."""

from __future__ import annotations

from dataclasses import replace

from swarmctl.core.events.adoption import Adopted, AdoptionIntended, WorktreeReturned
from swarmctl.core.facts import Facts, Row
from swarmctl.core.machine.transitions import Handlers, session_of
from swarmctl.core.session import Adoption, State


def _intended(facts: Facts, event: AdoptionIntended, at: float) -> list[Row]:
    session = session_of(facts, event)
    adoption = Adoption(event.process, event.server, event.pane)
    talk = replace(session.talk, mode="interactive")
    return [replace(session, adopted=adoption, head=event.head, talk=talk, state=State.IDLE, state_why="made by hand")]


def _adopted(facts: Facts, event: Adopted, at: float) -> list[Row]:
    session = session_of(facts, event)
    process = session.adopted.process if session.adopted else None
    return [replace(session, process=process, state=State.WORKING, state_since=at, state_why="driven by a person")]


def _returned(facts: Facts, event: WorktreeReturned, at: float) -> list[Row]:
    session = session_of(facts, event)
    return [replace(session, place="returned", restored=False)]


HANDLERS: Handlers = {
    AdoptionIntended: _intended,
    Adopted: _adopted,
    WorktreeReturned: _returned,
}
