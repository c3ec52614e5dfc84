"""The rows that change when work leaves for a forge."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from swarmctl.core.events.abroad import Pushed, PushFailed, PushIntended, RequestOpened
from swarmctl.core.facts import Facts, Row
from swarmctl.core.machine.transitions import Handlers, session_of

Going = Literal["", "push", "request"]


def _intended(facts: Facts, event: PushIntended, at: float) -> list[Row]:
    session = session_of(facts, event)
    going: Going = "request" if event.request else "push"
    return [replace(session, abroad=replace(session.abroad, remote=event.remote, going=going, trouble=""))]


def _pushed(facts: Facts, event: Pushed, at: float) -> list[Row]:
    session = session_of(facts, event)
    going: Going = "" if session.abroad.going == "push" else session.abroad.going
    return [replace(session, abroad=replace(session.abroad, remote=event.remote, commit=event.commit, going=going))]


def _opened(facts: Facts, event: RequestOpened, at: float) -> list[Row]:
    session = session_of(facts, event)
    return [replace(session, abroad=replace(session.abroad, request=event.url, going=""))]


def _failed(facts: Facts, event: PushFailed, at: float) -> list[Row]:
    session = session_of(facts, event)
    return [replace(session, abroad=replace(session.abroad, going="", trouble=event.why))]


HANDLERS: Handlers = {
    PushIntended: _intended,
    Pushed: _pushed,
    RequestOpened: _opened,
    PushFailed: _failed,
}
