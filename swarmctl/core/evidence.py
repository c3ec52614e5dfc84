"""Dated observations of an agent, and the belief that they add up to. Every belief carries its age and its reasons."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from swarmctl.core.session import State
from swarmctl.core.values import dataclass

NETWORK = "network"
"""The kind of a block that no answer ends: its agent does not reach its model, and tries again and again."""
Confidence = Literal["certain", "likely", "guess"]


class Source(StrEnum):
    """Who says it, the most trustworthy first; the order of the members is the rank. An end outranks everything."""

    HOOK = "agent hook"
    """The agent's own hook, its event stream, or its JSON output."""
    TRANSCRIPT = "transcript"
    """The file where the agent writes down the conversation."""
    PROCESS = "process"
    """The kernel: that its process ended, which nobody else can tell, or that its processes use the machine."""
    TITLE = "title"
    """The title that the agent gives its terminal."""
    SCREEN = "screen"
    SILENCE = "silence"
    """Nobody said anything for long, and its processes did nothing. It tells nothing, which is `unknown`."""


RANK = {source: rank for rank, source in enumerate(Source)}


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one source says. A title or a screen says it from `at` on until it says something else."""

    source: Source
    at: float
    state: State
    kind: str = ""
    """Of a block: permission, question, trust, login, onboarding; of an end: what went wrong."""
    until: float | None = None
    """When a rate limit ends."""
    why: str = ""
    begins: bool = False
    """The agent took new input: a turn began."""
    ends: bool = False
    """The agent ended its turn by itself."""
    after: float | None = None
    """Of what is seen: when it was looked at before, and did not say so yet; 0 before work was ever seen."""


@dataclass(frozen=True, slots=True)
class Reason:
    """What one source said when a belief was formed, and whether it was believed."""

    source: Source
    state: State
    at: float
    """Since when it says so."""
    kind: str = ""
    why: str = ""
    fate: Literal["", "overruled", "without new input"] = ""
    """Empty when it agrees with what is believed."""


@dataclass(frozen=True, slots=True)
class Belief:
    state: State
    since: float
    confidence: Confidence = "guess"
    kind: str = ""
    until: float | None = None
    source: Source | None = None
    """Whose word it is; nobody's before the first evidence."""
    why: str = ""
    reasons: tuple[Reason, ...] = ()
    recheck_at: float | None = None
    """When the same evidence may lead elsewhere, because it has stood for long enough by then."""
