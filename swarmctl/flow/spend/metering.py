"""Adds up what an agent says of its tokens and money, by the rules of its definition. The same words count once.

A sum of the whole start wins over its single calls, and these over what is left of a sum of the whole conversation.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from swarmctl.core.fields import look_up
from swarmctl.core.money import Tokens
from swarmctl.core.usage import UsageRule, UsageRules

MOST_TOKENS = 1_000_000_000_000
MOST_USD = 1_000_000.0
LONGEST_MODEL = 100
MOST_MODELS = 50


@dataclass(frozen=True, slots=True)
class Counted:
    """What one model used; dollars as the agent has them."""

    model: str
    tokens: Tokens
    usd: float | None = None

    def __add__(self, other: Counted) -> Counted:
        known = self.usd is not None and other.usd is not None
        return replace(self, tokens=self.tokens + other.tokens, usd=self.usd + other.usd if known else None)  # type: ignore[operator]


@dataclass(slots=True)
class Meter:
    """One start of an agent."""

    rules: UsageRules
    since: float
    """Lines that were written before belong to another start."""
    model: str = ""
    plan: bool = False
    transcripts: set[str] = field(default_factory=set)
    _calls: dict[str, Counted] = field(default_factory=dict)
    _start: dict[str, Counted] = field(default_factory=dict)
    _conversation: dict[str, Counted] = field(default_factory=dict)
    _nameless: int = 0

    def hear(self, event: str, fields: Mapping[str, Any]) -> None:
        """A hook's event or a line of its JSON output."""
        path = look_up(fields, self.rules.transcript) if self.rules.transcript else None
        if isinstance(path, str):
            self.transcripts.add(path)
        self._take(self.rules.events, event, fields)

    def read(self, line: Mapping[str, Any]) -> None:
        """A line of its transcript."""
        if written_at(line, self.rules.written) >= self.since:
            self._take(self.rules.lines, _word(line, self.rules.type), line)
        else:
            self._learn(line)

    def counted(self, before: Mapping[str, Tokens]) -> tuple[Counted, ...]:
        """By model; `before` is what earlier starts of the same conversation used."""
        if self._start:
            return tuple(self._start.values())
        if self._calls:
            return tuple(_by_model(self._calls.values()).values())
        return tuple(_rest(counted, before) for counted in self._conversation.values())

    def _learn(self, line: Mapping[str, Any]) -> None:
        """An older line may name the model that is still in use."""
        for rule in self.rules.lines:
            if _fits(rule, _word(line, self.rules.type), line) and not _counts(rule):
                self._take_model(rule, line)

    def _take(self, rules: tuple[UsageRule, ...], event: str, fields: Mapping[str, Any]) -> None:
        for rule in rules:
            if not _fits(rule, event, fields):
                continue
            self.plan = self.plan or rule.plan
            if not _counts(rule):
                self._take_model(rule, fields)
            elif rule.each:
                sets = look_up(fields, rule.each)
                for model, counters in list(sets.items())[:MOST_MODELS] if isinstance(sets, dict) else ():
                    self._put(rule, _counted(rule, counters, str(model)), "")
            else:
                model = _word(fields, rule.model) or self.model
                self._put(rule, _counted(rule, fields, model), _word(fields, rule.id))

    def _take_model(self, rule: UsageRule, fields: Mapping[str, Any]) -> None:
        self.model = (_word(fields, rule.model) or self.model)[:LONGEST_MODEL]

    def _put(self, rule: UsageRule, counted: Counted | None, call: str) -> None:
        if counted is None:
            return
        if rule.counts == "start":
            self._start[counted.model] = counted
        elif rule.counts == "conversation":
            self._conversation[counted.model] = counted
        else:
            self._nameless += not call
            name = call or f"#{self._nameless}"
            before = self._calls.get(name)
            if before is None or before.tokens.total <= counted.tokens.total:
                self._calls[name] = counted


def _fits(rule: UsageRule, event: str, fields: Mapping[str, Any]) -> bool:
    if rule.event != event:
        return False
    return all(re.search(pattern, _word(fields, path)) for path, pattern in rule.when.items())


def _counts(rule: UsageRule) -> bool:
    return bool(rule.input or rule.output or rule.cost)


def _counted(rule: UsageRule, fields: Any, model: str) -> Counted | None:
    """None when it names nothing that counts."""
    written, given = _number(fields, rule.cache_write), _number(fields, rule.cache_read)
    tokens = Tokens(_number(fields, rule.input), written, given, _number(fields, rule.output))
    if rule.inclusive:
        tokens = replace(tokens, input=max(0, tokens.input - written - given))
    usd = look_up(fields, rule.cost) if rule.cost else None
    known = isinstance(usd, int | float) and not isinstance(usd, bool) and math.isfinite(usd) and 0 <= usd <= MOST_USD
    if not tokens.total and not (known and usd):
        return None
    return Counted(model[:LONGEST_MODEL], tokens, float(usd) if known and usd else None)


def _by_model(calls: Any) -> dict[str, Counted]:
    found: dict[str, Counted] = {}
    for counted in calls:
        if counted.model not in found and len(found) >= MOST_MODELS:
            counted = replace(counted, model="")
        found[counted.model] = found[counted.model] + counted if counted.model in found else counted
    return found


def _rest(counted: Counted, before: Mapping[str, Tokens]) -> Counted:
    """Of a sum over the whole conversation, what this start added."""
    earlier = before.get(counted.model, Tokens())
    fits = earlier.total <= counted.tokens.total
    return replace(counted, tokens=counted.tokens.less(earlier)) if fits else counted


def _number(fields: Any, path: str) -> int:
    value = look_up(fields, path) if path else None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return 0
    return max(0, min(int(value), MOST_TOKENS))


def _word(fields: Any, path: str) -> str:
    value = look_up(fields, path) if path else None
    return value if isinstance(value, str) else "" if value is None else str(value)


def written_at(line: Mapping[str, Any], path: str) -> float:
    """Zero, which is before everything, when the line does not say."""
    value = look_up(line, path) if path else None
    if isinstance(value, str):
        try:
            return datetime.fromisoformat(value.replace("Z", "+00:00")).timestamp()
        except ValueError:
            return 0.0
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        return float(value) / 1000 if value > 1e11 else float(value)
    return 0.0
