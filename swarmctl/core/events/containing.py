"""What holds a session, and what was touched in spite of it."""

from __future__ import annotations

from swarmctl.core.containment import Containment
from swarmctl.core.ids import SessionId
from swarmctl.core.values import dataclass


@dataclass(frozen=True, slots=True)
class Contained:
    """-- : its agent was started with this around it."""

    session: SessionId
    containment: Containment


@dataclass(frozen=True, slots=True)
class WentOutside:
    """-- : these changed outside its worktree while it ran, by it or by somebody else."""

    session: SessionId
    paths: tuple[str, ...]
