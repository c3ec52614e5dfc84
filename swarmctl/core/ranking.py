"""Which entry of a contest stands where: by hard evidence only, and a tie where that does not tell them apart. Pure.

Gates first (fewer red), then tests that ran and passed (more), the size of the change (smaller), warnings (fewer, where
all were counted). Without evidence an entry stands behind all that have some.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from swarmctl.core.contest import Rehearsal, Size

K = TypeVar("K")
Key = tuple[int, ...]
MEASURES = ("gates", "tests", "lines", "files", "warnings")
"""What a rank rests on, in this order."""


@dataclass(frozen=True, slots=True)
class Evidence:
    red: int
    """Gates that are not green."""
    tests: int | None
    """That ran and passed; None where no gate counts them."""
    size: Size
    warnings: int | None = None
    """None where no gate's output counts them."""


@dataclass(frozen=True, slots=True)
class Standing(Generic[K]):
    entry: K
    rank: int
    tied: bool
    """Another one has the same evidence."""


def evidence_of(rehearsal: Rehearsal) -> Evidence | None:
    """None where the gates said nothing."""
    if not rehearsal.was_gated or rehearsal.size is None:
        return None
    tests = [result.tests for result in rehearsal.results if result.tests is not None]
    warnings = [result.warnings for result in rehearsal.results if result.warnings is not None]
    return Evidence(
        red=len(rehearsal.red),
        tests=sum(tests) if tests else None,
        size=rehearsal.size,
        warnings=sum(warnings) if warnings else None,
    )


def ranked(entries: Mapping[K, Evidence | None]) -> list[Standing[K]]:
    """The best first; equal ones in the order in which they were given, with the same rank."""
    known = {name: evidence for name, evidence in entries.items() if evidence is not None}
    key = _key(all(evidence.warnings is not None for evidence in known.values()))
    keys = {name: key(evidence) for name, evidence in known.items()}
    places = [
        Standing(name, 1 + sum(other < mine for other in keys.values()), list(keys.values()).count(mine) > 1)
        for name, mine in sorted(keys.items(), key=lambda item: item[1])
    ]
    return [*places, *(Standing(name, len(known) + 1, False) for name in entries if name not in known)]


def decided_by(better: Evidence, worse: Evidence, *, warnings_count: bool) -> str:
    """The first of `MEASURES` that tells two apart; empty for a tie. Warnings count where all entries have theirs."""
    key = _key(warnings_count)
    pairs = zip(MEASURES, key(better), key(worse), strict=True)
    return next((measure for measure, one, other in pairs if one != other), "")


def _key(warnings_count: bool) -> Callable[[Evidence], Key]:
    def key(evidence: Evidence) -> Key:
        size = (evidence.size.lines, evidence.size.files)
        return (evidence.red, -(evidence.tests or 0), *size, (evidence.warnings or 0) if warnings_count else 0)

    return key
