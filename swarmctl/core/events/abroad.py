"""What leaves for a forge.

The intent is written before anything leaves. Until a result follows, nobody knows whether it arrived.
"""

from __future__ import annotations

from swarmctl.core.ids import SessionId
from swarmctl.core.values import dataclass


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
