"""One row of the table is one metric: what was measured, the bare baseline of the same run, the ratio, and the aim."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

HEAD = ("metric", "n", "median", "p99", "bare baseline", "ratio", "aim")


@dataclass(frozen=True, slots=True)
class Row:
    metric: str
    median: str
    n: int = 1
    p99: str = ""
    baseline: str = ""
    ratio: str = ""
    aim: str = ""

    @property
    def cells(self) -> tuple[str, ...]:
        return (self.metric, str(self.n), self.median, self.p99, self.baseline, self.ratio, self.aim)


def row(metric: str, seconds: Sequence[float], bare: Sequence[float] = (), *, what: str = "", aim: str = "") -> Row:
    """`what` names the baseline; both are medians of their own samples."""
    if not seconds:
        return Row(metric, "nothing was measured", 0, aim=aim)
    middle = statistics.median(seconds)
    tail = time_of(percentile(seconds, 99)) if len(seconds) >= 20 else f"max {time_of(max(seconds))}"
    if not bare:
        return Row(metric, time_of(middle), len(seconds), tail, aim=aim)
    floor = statistics.median(bare)
    return Row(metric, time_of(middle), len(seconds), tail, f"{time_of(floor)} {what}", f"{middle / floor:.2f}", aim)


def percentile(values: Sequence[float], per_cent: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, math.ceil(len(ordered) * per_cent / 100) - 1)]


def time_of(seconds: float) -> str:
    if seconds >= 1:
        return f"{seconds:.2f} s"
    return f"{seconds * 1000:.1f} ms"


def table(rows: Sequence[Row]) -> str:
    lines = [HEAD, tuple("---" for _ in HEAD), *(each.cells for each in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
