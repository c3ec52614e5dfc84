"""Rows beside tasks and sessions: what landed, what was approved, what commands were answered."""

from __future__ import annotations

from swarmctl.core.gate import Proof
from swarmctl.core.ids import SessionId
from swarmctl.core.values import dataclass


@dataclass(frozen=True, slots=True)
class Landing:
    """One move of a target branch, with the proof that allowed it."""

    session: SessionId
    target: str
    commit: str
    old: str
    proof: Proof
    intended_at: float
    landed_at: float | None = None
    parked: str = ""
    """The path in the user's checkout that keeps the target from following; empty when it followed."""


@dataclass(frozen=True, slots=True)
class Approval:
    subject: str
    digest: str
    approved_at: float


@dataclass(frozen=True, slots=True)
class Answer:
    """The reply to one submitted command, kept so that a repeated submission does nothing twice."""

    command: str
    kind: str
    answer: str
    answered_at: float
