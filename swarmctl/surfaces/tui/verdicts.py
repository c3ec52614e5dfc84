"""The sign of each verdict of a gate, and its tone."""

from __future__ import annotations

from swarmctl.core.gate import Verdict

MARKS = {
    Verdict.PASS: ("✓", "good"),
    Verdict.FLAKY: ("≈", "warn"),
    Verdict.WAITING: ("…", "warn"),
    Verdict.ERROR: ("!", "bad"),
    Verdict.FAIL: ("✗", "bad"),
}
