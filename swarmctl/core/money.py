"""Money in whole micro-dollars, and tokens by what they cost: what a start may cost, did cost, and where that counts.

What cannot be priced is unknown, never zero; a plan's use is tokens. For a cap, unknown money is all that was reserved.
"""

from __future__ import annotations

from typing import Literal

from swarmctl.core.ids import RunId, SessionId, TaskId
from swarmctl.core.values import dataclass

MICRO = 1_000_000
MOST = 1_000_000 * MICRO
"""Nobody believes more of one start."""
WARN_AT = 80
STOP_AT = 100

How = Literal["open", "actual", "unknown", "unused", "expired"]
"""How a reservation ended: by what was used, by its whole amount because nobody knows or its time was up, or unused."""


@dataclass(frozen=True, slots=True)
class Tokens:
    input: int = 0
    """What no cache gave."""
    cache_write: int = 0
    cache_read: int = 0
    output: int = 0

    def __add__(self, other: Tokens) -> Tokens:
        return Tokens(
            self.input + other.input,
            self.cache_write + other.cache_write,
            self.cache_read + other.cache_read,
            self.output + other.output,
        )

    def less(self, other: Tokens) -> Tokens:
        return Tokens(
            max(0, self.input - other.input),
            max(0, self.cache_write - other.cache_write),
            max(0, self.cache_read - other.cache_read),
            max(0, self.output - other.output),
        )

    @property
    def total(self) -> int:
        return self.input + self.cache_write + self.cache_read + self.output


@dataclass(frozen=True, slots=True)
class Use:
    """What one model did during one start of an agent."""

    model: str
    """Empty when nobody said which."""
    tokens: Tokens
    micros: int | None = None
    """What it cost; None when nobody knows, or when a plan pays."""
    plan: bool = False
    """A subscription pays, so that there is no price."""
    priced: str = ""
    """Whose price it is and of when."""

    @property
    def is_unknown(self) -> bool:
        return self.micros is None and not self.plan


@dataclass(frozen=True, slots=True)
class Hold:
    """A scope in which money counts: `task:ID`, `run:ID`, `day:DATE`, `project`; with its cap, if it has one."""

    scope: str
    cap: int | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One start of an agent in the books: reserved before it, settled after it."""

    id: str
    session: SessionId
    task: TaskId
    run: RunId
    attempt: int
    agent: str
    model: str
    """As it was asked for; empty: the agent's own choice."""
    day: str
    amount: int
    """Reserved; zero for a plan."""
    plan: bool
    scopes: tuple[str, ...]
    reserved_at: float
    deadline: float
    uses: tuple[Use, ...] = ()
    conversation: str = ""
    how: How = "open"
    settled_at: float | None = None

    @property
    def known(self) -> int:
        return sum(use.micros or 0 for use in self.uses)

    @property
    def is_unknown(self) -> bool:
        """Some of its money is not known."""
        return self.how in ("unknown", "expired") or any(use.is_unknown for use in self.uses)

    @property
    def charge(self) -> int:
        """What counts against caps."""
        if self.how == "unused":
            return 0
        return self.known if self.how == "actual" and not self.is_unknown else max(self.amount, self.known)

    @property
    def tokens(self) -> Tokens:
        return sum((use.tokens for use in self.uses), Tokens())


@dataclass(frozen=True, slots=True)
class Purse:
    """All that counts in one scope."""

    scope: str
    held: int = 0
    """Of reservations that are open."""
    live: int = 0
    """What these are known to have used already."""
    spent: int = 0
    told: int = 0
    """The percentage that a person was told of, and of which cap."""
    told_cap: int = 0

    @property
    def charged(self) -> int:
        return self.held + self.spent

    @property
    def used(self) -> int:
        return self.live + self.spent


def entry_id(session: SessionId, attempt: int) -> str:
    return f"{session}.{attempt}"


def micros_of(usd: float) -> int:
    return round(usd * MICRO)


def dollars(micros: int) -> str:
    """`$1.20`, and as many digits as a small amount needs."""
    if 0 < abs(micros) < 100_000:
        return f"${micros / MICRO:.4f}"
    return f"${micros / MICRO:.2f}"


def thousands(tokens: int) -> str:
    """`950`, `12.3k`, `4.56M`."""
    if tokens < 1000:
        return str(tokens)
    return f"{tokens / 1000:.1f}k" if tokens < 1_000_000 else f"{tokens / 1_000_000:.2f}M"


def scope_words(scope: str) -> str:
    kind, _, name = scope.partition(":")
    return {"task": f"task {name}", "run": f"run {name}", "day": name, "project": "all of this repository"}.get(
        kind, scope
    )
