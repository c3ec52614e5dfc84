"""A question, what may be said to it, and who said so. An exact tool proves its answer or is silent."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from swarmctl.core.values import dataclass


class Tier(StrEnum):
    """Who may answer, the cheapest first."""

    RULES = "rules"
    EXACT = "exact"
    MEMO = "memo"
    RECALL = "recall"
    VOICE = "voice"
    VOICES = "voices"
    CONSULT = "consult"
    AGENT = "agent"


class Kind(StrEnum):
    """What is asked for: each kind has its own line of cost, speed and quality."""

    EXACT = "exact"
    REPEAT = "repeat"
    KNOWN_ERROR = "known-error"
    MECHANICAL = "mechanical"
    LOCAL = "local"
    PLAN = "plan"
    REPOSITORY = "repository"
    OTHER = "other"


class Risk(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Status(StrEnum):
    ANSWERED = "answered"
    ABSTAINED = "abstained"
    ESCALATED = "escalated"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Turn:
    """One question of a conversation and what was said to it."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What a tool knows of the world; it reads no clock and no folder but these."""

    text: str
    now: float
    zone: str
    """The person's time zone, as `Europe/Berlin`."""
    root: str = ""
    """The repository, when there is one."""
    before: tuple[Turn, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """The whole question, answered; a part of it is not an answer."""

    answer: str
    proof: str
    """How anybody can check it, in one line."""
    reads: tuple[str, ...] = ()
    """The files that it rests on, relative to the repository."""


@dataclass(frozen=True, slots=True)
class Route:
    kind: Kind
    risk: Risk
    tiers: tuple[Tier, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """What one tier made of a question."""

    tier: Tier
    who: str
    """The tool, the model, the rule."""
    verdict: str
    """answered, passed or abstained."""
    why: str
    took_us: int = 0
    cost_micro: int = 0


@dataclass(frozen=True, slots=True)
class Reply:
    status: Status
    answer: str
    tier: Tier | None
    confidence: float
    proof: str
    route: Route
    steps: tuple[Step, ...]
    reads: tuple[str, ...] = ()
    """The files that the answer rests on, relative to the repository."""


class Tool(Protocol):
    """One exact tool; what it says is proven, whole, and the same each time."""

    @property
    def name(self) -> str: ...

    def may(self, asked: Asked) -> bool:
        """At a glance whether this could be for it; False is for good."""
        ...

    def answer(self, asked: Asked) -> Found | None:
        """None unless it understood every word of the question."""
        ...
