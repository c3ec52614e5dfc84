"""Limits of providers: met, waited for, over."""

from __future__ import annotations

from typing import Literal

from swarmctl.core.ids import SessionId, TaskId
from swarmctl.core.values import dataclass


@dataclass(frozen=True, slots=True)
class ProviderLimited:
    """-- : the turn of its agent ended because the account takes no more for now; `until` as the agent says it."""

    session: SessionId
    account: str
    limit: str
    words: str
    until: float | None = None


@dataclass(frozen=True, slots=True)
class SessionLimited:
    """planned|provisioned|ended -> limited: it goes on in its conversation when its account takes more."""

    session: SessionId
    account: str


@dataclass(frozen=True, slots=True)
class TaskHeld:
    """-- : the task does not start while this account takes no more."""

    task: TaskId
    account: str


@dataclass(frozen=True, slots=True)
class LetIn:
    """-- : it may start although the account is, or just was, limited: by its turn or because a person says so."""

    session: SessionId
    account: str
    by: Literal["turn", "person"]


@dataclass(frozen=True, slots=True)
class TaskLetIn:
    """-- : a person lets the task start whatever its account takes."""

    task: TaskId


@dataclass(frozen=True, slots=True)
class LimitEased:
    """-- : the session that went first after a limit works; the others follow."""

    session: SessionId
    account: str
