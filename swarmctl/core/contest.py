"""Contests: several sessions, the entries, that do one task from one base, and what is known of each at the gates.

A rehearsal is evidence for a choice, never a proof: whatever is picked is gated again on the tree that lands.
"""

from __future__ import annotations

from typing import Literal

from swarmctl.core.gate import GateResult, Verdict
from swarmctl.core.ids import RunId, SessionId
from swarmctl.core.values import dataclass

MOST = 8
"""Entries of one contest."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much a merge would change; a binary file has no lines."""

    files: int = 0
    added: int = 0
    removed: int = 0

    @property
    def lines(self) -> int:
        return self.added + self.removed


@dataclass(frozen=True, slots=True)
class Contest:
    id: str
    run: RunId
    created_at: float
    base: str = ""
    """Where every entry starts; empty until the first of them is planned."""
    base_name: str = ""
    picked: SessionId | None = None
    decided_at: float | None = None
    """When the one that was picked landed."""
    aside: tuple[SessionId, ...] = ()
    """The others, once they are put away; nobody does that to them twice."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """The gates on a session's work, merged beside the target and not landed."""

    session: SessionId
    stage: Literal["asked", "begun", "done", "left"]
    head: str = ""
    base: str = ""
    """The target's commit that it was merged with."""
    tree: str = ""
    results: tuple[GateResult, ...] = ()
    size: Size | None = None
    reason: str = ""
    """Why it cannot land as it is; empty when every gate is green."""
    at: float = 0.0

    @property
    def red(self) -> tuple[str, ...]:
        """Gates that are not green."""
        return tuple(result.gate for result in self.results if result.verdict is not Verdict.PASS)

    @property
    def is_green(self) -> bool:
        return self.stage == "done" and not self.reason

    @property
    def was_gated(self) -> bool:
        """There is something to rank it by; it is not when it conflicts, or waits for a person's approval."""
        return self.stage == "done" and self.size is not None

    @property
    def is_due(self) -> bool:
        return self.stage in ("asked", "begun")
