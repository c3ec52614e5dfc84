"""Money: reserved, used, settled, and a cap that comes near."""

from __future__ import annotations

from swarmctl.core.ids import RunId, SessionId, TaskId
from swarmctl.core.money import Hold, How, Use
from swarmctl.core.values import dataclass


@dataclass(frozen=True, slots=True)
class Reserved:
    """-- : money is set aside for a start of the agent; impossible when that would pass a cap of its scopes."""

    session: SessionId
    entry: str
    task: TaskId
    run: RunId
    attempt: int
    agent: str
    model: str
    day: str
    amount: int
    plan: bool
    holds: tuple[Hold, ...]
    deadline: float


@dataclass(frozen=True, slots=True)
class Used:
    """-- : all that the agent's own source says of this start so far; it takes the place of what was said before."""

    session: SessionId
    entry: str
    uses: tuple[Use, ...]
    conversation: str = ""


@dataclass(frozen=True, slots=True)
class Settled:
    """-- : what was reserved is spent or given back; one that expired is settled again when the word comes late."""

    session: SessionId
    entry: str
    how: How


@dataclass(frozen=True, slots=True)
class CapNeared:
    """-- : a scope used so much of its cap, in percent: told once for each of 80 and 100."""

    session: SessionId
    scope: str
    percent: int
    used: int
    cap: int
