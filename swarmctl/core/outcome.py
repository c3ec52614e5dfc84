"""How a task ended and what the shell is told; a run's exit code is folded here and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum, StrEnum


class Outcome(StrEnum):
    ANSWERED = "answered"
    LANDED = "landed"
    READY = "ready"
    REFUSED = "refused"
    CONFLICT = "conflict"
    BLOCKED = "blocked"
    NO_WORK = "no_work"
    BUDGET = "budget"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    UNKNOWN = "unknown"


class ExitCode(IntEnum):
    OK = 0
    REFUSED = 1
    USAGE = 2
    ENVIRONMENT = 3
    BUDGET = 4
    WAITING = 5
    NO_WORK = 6
    UNKNOWN = 7
    INTERRUPTED = 130


EXIT_OF: dict[Outcome, ExitCode] = {
    Outcome.ANSWERED: ExitCode.OK,
    Outcome.LANDED: ExitCode.OK,
    Outcome.READY: ExitCode.OK,
    Outcome.REFUSED: ExitCode.REFUSED,
    Outcome.CONFLICT: ExitCode.REFUSED,
    Outcome.FAILED: ExitCode.REFUSED,
    Outcome.BLOCKED: ExitCode.WAITING,
    Outcome.NO_WORK: ExitCode.NO_WORK,
    Outcome.BUDGET: ExitCode.BUDGET,
    Outcome.INTERRUPTED: ExitCode.INTERRUPTED,
    Outcome.UNKNOWN: ExitCode.UNKNOWN,
}

WORST_FIRST: tuple[Outcome, ...] = (
    Outcome.INTERRUPTED,
    Outcome.UNKNOWN,
    Outcome.BUDGET,
    Outcome.BLOCKED,
    Outcome.FAILED,
    Outcome.REFUSED,
    Outcome.CONFLICT,
    Outcome.NO_WORK,
    Outcome.READY,
    Outcome.ANSWERED,
    Outcome.LANDED,
)


GOOD = (Outcome.LANDED, Outcome.ANSWERED, Outcome.READY)


def best(outcomes: Iterable[Outcome]) -> Outcome:
    """What several attempts at one task came to: one that is good is enough, else the worst stands for all."""
    found = set(outcomes)
    return next((outcome for outcome in GOOD if outcome in found), worst(found))


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """The outcome that stands for several tasks; nothing at all is unknown, never success."""
    found = set(outcomes)
    return next((outcome for outcome in WORST_FIRST if outcome in found), Outcome.UNKNOWN)
