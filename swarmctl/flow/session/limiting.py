"""Whether what an agent said last means that its provider takes no more, and until when. Pure.

Only the words of a turn that failed count, and a screen at which an agent gave up: what an agent writes about is prose.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from swarmctl.core.evidence import Evidence
from swarmctl.core.limits import LimitRule
from swarmctl.core.session import State
from swarmctl.core.values import dataclass
from swarmctl.flow.session.resets import moment_of

UNTIL = "until"
LONGEST = 400
"""Of the words that are kept."""


@dataclass(frozen=True, slots=True)
class Met:
    """A limit that ended a turn."""

    kind: str
    until: float | None
    """None when nobody said."""
    words: str


def met_in(rules: Iterable[LimitRule], words: str, at: float) -> Met | None:
    for rule in rules:
        found = re.search(rule.match, words)
        if found is not None:
            until = found.groupdict().get(UNTIL)
            return Met(rule.kind, moment_of(until, at) if until else None, " ".join(words.split())[:LONGEST])
    return None


def met_by(rules: Iterable[LimitRule], evidence: Evidence | None, words: str, at: float) -> Met | None:
    """For the words of a turn that failed, and what its event says by itself."""
    met = met_in(rules, words, at)
    if evidence is None or evidence.state is not State.RATE_LIMITED:
        return met
    until = evidence.until or (met.until if met else moment_of(words, at))
    said = met.words if met else " ".join(words.split())[:LONGEST]
    return Met(met.kind if met else evidence.kind or "rate", until, said or evidence.why)
