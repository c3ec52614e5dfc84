"""Several sessions for one task: gated beside the target without a landing, one of them picked, the others put away."""

from __future__ import annotations

from swarmctl.core.contest import Size
from swarmctl.core.gate import GateResult, Staged
from swarmctl.core.ids import SessionId
from swarmctl.core.values import dataclass


@dataclass(frozen=True, slots=True)
class RehearsalAsked:
    """-- : somebody wants to know what the gates say of its work, without a landing."""

    session: SessionId


@dataclass(frozen=True, slots=True)
class RehearsalBegun:
    """-- : its merge exists as a commit; the gates see its tree, and no branch moves to it."""

    session: SessionId
    staged: Staged


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """-- : what the gates said of this head, merged with this base; without a size it never came to the gates."""

    session: SessionId
    head: str
    base: str
    tree: str
    results: tuple[GateResult, ...]
    size: Size | None
    reason: str


@dataclass(frozen=True, slots=True)
class RehearsalLeft:
    """-- : its rehearsal is given up until somebody asks for it."""

    session: SessionId
    why: str


@dataclass(frozen=True, slots=True)
class Picked:
    """-- : a person chose it among the entries of its contest; once it lands, the others are put away."""

    session: SessionId


@dataclass(frozen=True, slots=True)
class SetAside:
    """limited|ready|kept|empty -> kept: another entry was picked; its head stays under `ref`."""

    session: SessionId
    ref: str
    why: str
