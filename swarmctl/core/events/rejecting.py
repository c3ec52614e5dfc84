"""A part of a session's work that a person does not want is taken out of it before it lands."""

from __future__ import annotations

from swarmctl.core.ids import SessionId
from swarmctl.core.values import dataclass


@dataclass(frozen=True, slots=True)
class RejectionIntended:
    """-- : this file, or some lines of it, will be as they were; everything there is kept in a checkpoint."""

    session: SessionId
    path: str
    lines: int
    """How many lines are taken out or brought back; 0 for the whole file."""


@dataclass(frozen=True, slots=True)
class WorkRejected:
    """-- : a commit on its branch has taken that out."""

    session: SessionId
    path: str
    lines: int
    head: str
