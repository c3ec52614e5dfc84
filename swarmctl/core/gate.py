"""Gates and proofs: a `Proof` can only be built from a full set of passing results on one tree.

The function that moves a branch takes a `Proof` and nothing else, so an unproven landing cannot be written down.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from swarmctl.core.config import Strategy
from swarmctl.core.values import dataclass


class Verdict(StrEnum):
    PASS = "pass"
    FAIL = "fail"
    FLAKY = "flaky"
    ERROR = "error"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class GateResult:
    """One gate, run once, on one tree."""

    gate: str
    tree: str
    verdict: Verdict
    words: str
    """Why it is not green, in a few words for a person; the count of tests when it is."""
    rc: int | None = None
    tests: int | None = None
    duration_s: float = 0.0
    log: str = ""
    log_sha256: str = ""
    warnings: int | None = None
    """None where its output does not count them."""


@dataclass(frozen=True, slots=True)
class Staged:
    """A merge built in the object store: nobody's checkout has seen it yet."""

    base: str
    head: str
    commit: str
    tree: str
    strategy: Strategy


@dataclass(frozen=True, slots=True)
class Proof:
    """Evidence that every promised gate passed on the tree of one staged commit."""

    base: str
    head: str
    commit: str
    tree: str
    promised: tuple[str, ...]
    gate_set: str
    """SHA-256 of the gate definitions, read from the target branch."""
    results: tuple[GateResult, ...]

    def __post_init__(self) -> None:
        why = why_not_proven(self.tree, self.promised, self.results)
        if why:
            raise ValueError(why)

    @property
    def kind(self) -> Literal["gated", "ungated"]:
        return "gated" if self.promised else "ungated"


def why_not_proven(tree: str, promised: tuple[str, ...], results: tuple[GateResult, ...]) -> str:
    """Empty when the results prove the tree; otherwise what is missing. Total over every verdict."""
    by_name = {result.gate: result for result in results}
    if len(by_name) != len(results):
        return "a gate reported twice"
    for result in results:
        if result.verdict is not Verdict.PASS:
            return f"{result.gate}: {result.words or result.verdict.value}"
        if result.tree != tree:
            return f"{result.gate}: ran on tree {result.tree[:12]}, not on {tree[:12]}"
    for name in promised:
        if name not in by_name:
            return f"{name}: promised and never run"
    for name in by_name:
        if name not in promised:
            return f"{name}: ran without being promised"
    return ""
