"""What agents cost lately, by day, by agent and by model, and what is left of every cap: all of one moment."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import date, timedelta

from swarmctl.app.caps import Cap, caps_of
from swarmctl.app.costs import Left, Line, add_up, day_of, left
from swarmctl.app.here import Here
from swarmctl.app.ledger import nothing_ran
from swarmctl.core.facts import Facts

DAYS = 14


@dataclass(frozen=True, slots=True)
class Spending:
    days: tuple[Line, ...]
    """Every one of them, the oldest first."""
    agents: tuple[Line, ...]
    models: tuple[Line, ...]
    total: Line
    sources: tuple[str, ...]
    """Whose prices they are."""
    left: tuple[Left, ...]
    caps: tuple[Cap, ...]


def spending(place: Here, now: float | None = None) -> Spending:
    """Nothing where nothing ran yet."""
    at, caps = time.time() if now is None else now, tuple(caps_of(place))
    budget = place.settings().budget_agents
    if nothing_ran(place.paths):
        return _spending(Facts(), at, tuple(left(Facts(), budget, at)), caps)
    with place.glance() as board:
        return _spending(board.facts, at, tuple(left(board.facts, budget, at)), caps)


def _spending(facts: Facts, now: float, rest: tuple[Left, ...], caps: tuple[Cap, ...]) -> Spending:
    names = last_days(now)
    entries = [entry for day in names for entry in facts.entries.where("day", day)]
    by_day = add_up(entries, "day")
    known = {line.name: line for line in by_day.lines}
    return Spending(
        days=tuple(known.get(day, Line(day)) for day in names),
        agents=add_up(entries, "agent").lines,
        models=add_up(entries, "model").lines,
        total=by_day.total,
        sources=by_day.sources,
        left=rest,
        caps=caps,
    )


def last_days(now: float) -> list[str]:
    today = date.fromisoformat(day_of(now))
    return [str(today - timedelta(days=ago)) for ago in range(DAYS - 1, -1, -1)]
