"""The merge queue: asked for, built, gated, landed or parked."""

from __future__ import annotations

from swarmctl.core.gate import GateResult, Proof, Staged
from swarmctl.core.ids import SessionId
from swarmctl.core.values import dataclass


@dataclass(frozen=True, slots=True)
class MergeAsked:
    """-- : somebody asked for the session to land."""

    session: SessionId
    by: str


@dataclass(frozen=True, slots=True)
class MergeLeft:
    """-- : nobody is known any more to wait for a landing that was asked for."""

    session: SessionId
    why: str


@dataclass(frozen=True, slots=True)
class Enqueued:
    """ready|kept -> queued: the session's head, pinned by a ref, stands in the merge queue."""

    session: SessionId
    head: str


@dataclass(frozen=True, slots=True)
class Dequeued:
    """queued|gating|landing -> ready: it left the queue unlanded and unharmed."""

    session: SessionId
    why: str


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """queued|gating -> kept: a person took it out of the queue; too late once it is landing."""

    session: SessionId
    why: str


@dataclass(frozen=True, slots=True)
class MergeStaged:
    """queued|gating -> gating: the merge exists as a commit, pinned by a ref; its tree is what the gates see."""

    session: SessionId
    staged: Staged


@dataclass(frozen=True, slots=True)
class GateBegun:
    """-- : one gate runs from here on."""

    session: SessionId
    gate: str


@dataclass(frozen=True, slots=True)
class GateFinished:
    """-- : one gate ran once."""

    session: SessionId
    result: GateResult


@dataclass(frozen=True, slots=True)
class LandIntended:
    """gating -> landing: the proof is complete; the ref may move from `old` to the proof's commit at any moment."""

    session: SessionId
    proof: Proof
    target: str
    old: str


@dataclass(frozen=True, slots=True)
class RaceLost:
    """gating|landing -> queued: the target moved before the landing; the merge is built and gated anew."""

    session: SessionId
    found: str


@dataclass(frozen=True, slots=True)
class Landed:
    """landing|parked -> landed: the target's ref holds the proven commit."""

    session: SessionId
    target: str
    commit: str


@dataclass(frozen=True, slots=True)
class Parked:
    """landing -> parked: proven, and on the landing ref; the user's checkout of the target could not follow."""

    session: SessionId
    target: str
    commit: str
    blocking: str


@dataclass(frozen=True, slots=True)
class Unparked:
    """parked -> ready: the target moved elsewhere meanwhile, so that the proof no longer fits."""

    session: SessionId
    why: str
