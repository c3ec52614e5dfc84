"""What leaves for a forge: events, which belong to those in `events.py`, and the rows they change.

The intent is written before anything leaves. Until a result follows, nobody knows whether it arrived.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from swarmctl.core.ids import SessionId
from swarmctl.core.session import Abroad, Session


@dataclass(frozen=True, slots=True)
class PushIntended:
    """-- : a person brings its branch to a remote; with `request`, and asks there for it to be merged."""

    session: SessionId
    remote: str
    url: str
    commit: str
    request: bool = False


@dataclass(frozen=True, slots=True)
class Pushed:
    """-- : the remote's branch holds this commit."""

    session: SessionId
    remote: str
    commit: str


@dataclass(frozen=True, slots=True)
class RequestOpened:
    """-- : the forge has a pull or merge request for its branch; `existed` when it had one before."""

    session: SessionId
    url: str
    existed: bool


@dataclass(frozen=True, slots=True)
class PushFailed:
    """-- : the remote or the forge refused, and said so."""

    session: SessionId
    why: str


Going = Literal["", "push", "request"]


def intended(session: Session, event: PushIntended) -> Session:
    going: Going = "request" if event.request else "push"
    return replace(session, abroad=replace(session.abroad, remote=event.remote, going=going, trouble=""))


def pushed(session: Session, event: Pushed) -> Session:
    going: Going = "" if session.abroad.going == "push" else session.abroad.going
    return replace(session, abroad=replace(session.abroad, remote=event.remote, commit=event.commit, going=going))


def opened(session: Session, event: RequestOpened) -> Session:
    return replace(session, abroad=replace(session.abroad, request=event.url, going=""))


def failed(session: Session, event: PushFailed) -> Session:
    return replace(session, abroad=replace(session.abroad, going="", trouble=event.why))


def in_words(abroad: Abroad) -> str:
    """Empty for a branch that never left."""
    parts = []
    if abroad.commit:
        parts.append(f"{abroad.commit[:10]} is on {abroad.remote}")
    if abroad.request:
        parts.append(abroad.request)
    if abroad.going:
        what = "pushing to" if abroad.going == "push" else "asking on"
        parts.append(f"{what} {abroad.remote}, and nobody saw yet how that ended")
    if abroad.trouble:
        parts.append(f"refused: {abroad.trouble}")
    return "; ".join(parts)
