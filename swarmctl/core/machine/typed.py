"""The rows that typing into an agent's terminal changes: whether a text is due, under way, or what became of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from swarmctl.core.events.talk import PromptTyped, TurnBegan, TypingIntended
from swarmctl.core.facts import Facts, Row
from swarmctl.core.machine.transitions import Handlers, session_of
from swarmctl.core.session import Delivery


def _with_talk(facts: Facts, event: Any, **changes: Any) -> list[Row]:
    session = session_of(facts, event)
    return [replace(session, talk=replace(session.talk, **changes))]


def _turn_began(facts: Facts, event: TurnBegan, at: float) -> list[Row]:
    session = facts.sessions.get(event.session)
    delivery = session.talk.delivery if session else Delivery()
    if delivery.fate == "queued":
        delivery = Delivery("delivered", "its agent began a turn after it took it")
    return _with_talk(facts, event, ended="", said="", limited=False, delivery=delivery)


def _intended(facts: Facts, event: TypingIntended, at: float) -> list[Row]:
    return _with_talk(facts, event, delivery=Delivery("typing"))


def _typed(facts: Facts, event: PromptTyped, at: float) -> list[Row]:
    return _with_talk(facts, event, delivery=Delivery(event.fate, event.why))


def left_over(delivery: Delivery) -> Delivery:
    """What the end of its agent makes of it."""
    if delivery.fate == "queued":
        return Delivery("unconfirmed", "its agent ended and never said that it took it up")
    return Delivery() if delivery.fate == "due" else delivery


HANDLERS: Handlers = {
    TurnBegan: _turn_began,
    TypingIntended: _intended,
    PromptTyped: _typed,
}
