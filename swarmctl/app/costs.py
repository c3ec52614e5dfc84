"""What agents used, added up from the books: by agent, model, task or day; and what is left in every scope."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import field, replace
from datetime import datetime
from typing import Literal

from swarmctl.core.books import purse
from swarmctl.core.config import AgentBudget
from swarmctl.core.errors import UsageFault
from swarmctl.core.facts import Facts
from swarmctl.core.ids import SessionId
from swarmctl.core.money import Entry, Tokens, Use
from swarmctl.core.values import dataclass
from swarmctl.flow.spend.till import cap_of

By = Literal["agent", "model", "task", "day"]
UNITS = {"m": 60.0, "h": 3600.0, "d": 86400.0, "w": 7 * 86400.0}
NOBODY_SAID = "?"


def day_of(at: float) -> str:
    return time.strftime("%Y-%m-%d", time.localtime(at))


@dataclass(frozen=True, slots=True)
class Line:
    name: str
    starts: int = 0
    tokens: Tokens = field(default_factory=Tokens)
    micros: int = 0
    """All that is known."""
    plan: Tokens = field(default_factory=Tokens)
    """Of the tokens, those that a subscription pays."""
    unknown: Tokens = field(default_factory=Tokens)
    """Of the tokens, those without a known price."""
    unsaid: int = 0
    """Starts of which nobody said anything."""
    reserved: int = 0
    """Of starts that are not settled, beyond what they are known to have used."""

    def __add__(self, other: Line) -> Line:
        return Line(
            self.name,
            self.starts + other.starts,
            self.tokens + other.tokens,
            self.micros + other.micros,
            self.plan + other.plan,
            self.unknown + other.unknown,
            self.unsaid + other.unsaid,
            self.reserved + other.reserved,
        )

    @property
    def is_unknown(self) -> bool:
        return bool(self.unsaid or self.unknown.total)


@dataclass(frozen=True, slots=True)
class Costs:
    lines: tuple[Line, ...]
    total: Line
    sources: tuple[str, ...]
    """Whose prices they are, with their dates."""


def costs(facts: Facts, by: By, since: float = 0.0) -> Costs:
    return add_up((entry for entry in facts.entries.values() if entry.reserved_at >= since), by)


def costs_of(facts: Facts, session: SessionId) -> Costs:
    return add_up(facts.entries.where("session", session), "model")


def add_up(entries: Iterable[Entry], by: By) -> Costs:
    found: dict[str, Line] = {}
    total, sources = Line("total"), set()
    for entry in entries:
        if entry.how == "unused":
            continue
        lines = list(_lines(entry, by))
        for line in lines:
            found[line.name] = found[line.name] + line if line.name in found else line
        total = total + replace(sum(lines[1:], lines[0]), starts=1)
        sources |= {use.priced for use in entry.uses if use.priced}
    dearest = sorted(found.values(), key=lambda line: line.name if by == "day" else (-line.micros, line.name))
    return Costs(tuple(dearest), total, tuple(sorted(sources)))


def _lines(entry: Entry, by: By) -> Iterator[Line]:
    """At least one; a start counts once for each name that it has."""
    is_open = entry.how == "open"
    reserved = max(0, entry.amount - entry.known) if is_open else 0
    unsaid = int(not entry.uses and not is_open)
    name = {"agent": entry.agent, "task": str(entry.task), "day": entry.day}.get(by)
    if name is not None:
        counted = [_line(name, use) for use in entry.uses]
        yield replace(sum(counted, Line(name)), starts=1, unsaid=unsaid, reserved=reserved)
        return
    models = entry.uses or (Use(entry.model or NOBODY_SAID, Tokens(), 0),)
    for number, use in enumerate(models):
        first = number == 0
        yield replace(_line(use.model or NOBODY_SAID, use), starts=1, unsaid=unsaid, reserved=reserved if first else 0)


def _line(name: str, use: Use) -> Line:
    return Line(
        name,
        tokens=use.tokens,
        micros=use.micros or 0,
        plan=use.tokens if use.plan else Tokens(),
        unknown=use.tokens if use.is_unknown else Tokens(),
    )


def since_of(words: str, now: float) -> float:
    """A date, `today`, or so long ago: `30m`, `12h`, `7d`, `2w`."""
    if not words:
        return 0.0
    if words == "today":
        words = day_of(now)
    if words[-1] in UNITS and words[:-1].isdecimal() and len(words) < 9:
        return now - int(words[:-1]) * UNITS[words[-1]]
    try:
        return datetime.fromisoformat(words).timestamp()
    except (ValueError, OverflowError, OSError):
        raise UsageFault(f"`{words}` is no time", hint=f"--since today, --since 7d or --since {day_of(now)}") from None


@dataclass(frozen=True, slots=True)
class Left:
    """One scope with what is used, reserved and left of its cap."""

    scope: str
    title: str
    used: int
    reserved: int
    cap: int | None

    @property
    def left(self) -> int | None:
        return None if self.cap is None else max(0, self.cap - self.used - self.reserved)


def left(facts: Facts, budget: AgentBudget, now: float | None = None) -> list[Left]:
    """Today, all of the repository, and every run and task that is not over."""
    day = day_of(time.time() if now is None else now)
    scopes = {f"day:{day}": "today", "project": "all of this repository"}
    for task in facts.unfinished.values():
        scopes[f"run:{task.run}"] = f"run {task.run}"
        scopes[f"task:{task.id}"] = task.title
    for entry in facts.open.values():
        scopes.setdefault(f"task:{entry.task}", facts.tasks[entry.task].title)
    return [_left(facts, scope, title, budget) for scope, title in scopes.items()]


def _left(facts: Facts, scope: str, title: str, budget: AgentBudget) -> Left:
    found = purse(facts, scope)
    return Left(scope, title, found.used, found.held - found.live, cap_of(scope, budget))
