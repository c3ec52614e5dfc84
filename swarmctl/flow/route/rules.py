"""The router's rules as data: the first class that fits decides, the highest risk that fits counts.

A repository's own rules are words that raise a risk, never patterns and never a class: they come with the code that
they judge, so they may make a person more careful and nothing else.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from swarmctl.core.council import Kind, Risk, Tier
from swarmctl.core.errors import UsageFault
from swarmctl.flow.route.view import FEATURES, View

AVAILABLE = (Tier.RULES, Tier.EXACT, Tier.AGENT)
"""Tiers that there are."""
_LISTS = ("words", "first", "phrases", "has", "lacks")
_CONDITIONS = (*_LISTS, "match", "max_chars")
_LONGEST_FILE = 100_000


class Test(NamedTuple):
    """Fits when every condition that is given holds; of the words in one list, one is enough."""

    words: frozenset[str] = frozenset()
    first: frozenset[str] = frozenset()
    phrases: tuple[str, ...] = ()
    has: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    match: re.Pattern[str] | None = None
    max_chars: int = 0

    def fits(self, view: View) -> str:
        """What it was that fitted, in words; empty when it does not fit."""
        if self.max_chars and view.length > self.max_chars:
            return ""
        if any(each not in view.features for each in self.has) or any(each in view.features for each in self.lacks):
            return ""
        why = [f"has a {each}" for each in self.has]
        if self.first:
            if view.first not in self.first:
                return ""
            why.append(f"begins with `{view.first}`")
        if self.words:
            if self.words.isdisjoint(view.words):
                return ""
            why.append(f"says `{min(self.words & view.words)}`")
        if self.phrases:
            said = next((phrase for phrase in self.phrases if phrase in view.plain), "")
            if not said:
                return ""
            why.append(f"says `{said}`")
        if self.match:
            if not self.match.search(view.plain):
                return ""
            why.append("matches its pattern")
        return ", ".join(why) or f"{view.length} characters"


class Class(NamedTuple):
    name: str
    kind: Kind
    tiers: tuple[Tier, ...]
    test: Test


class Danger(NamedTuple):
    name: str
    level: Risk
    test: Test


class Example(NamedTuple):
    """What a text must be routed to; `council rules test` checks it."""

    text: str
    kind: Kind
    risk: Risk | None


class Rules(NamedTuple):
    classes: tuple[Class, ...]
    dangers: tuple[Danger, ...]
    examples: tuple[Example, ...] = ()

    def after(self, own: Rules) -> Rules:
        """These, where `own` has nothing to say."""
        return Rules(own.classes + self.classes, own.dangers + self.dangers, own.examples + self.examples)


def parse(text: str, name: str) -> Rules:
    """`name` is the file that an error speaks of."""
    plain = _read(text, name)
    _known(plain, ("class", "risk", "example"), name)
    return Rules(
        tuple(_class(each, name) for each in _tables(plain, "class", name)),
        tuple(_danger(each, name) for each in _tables(plain, "risk", name)),
        tuple(_example(each, name) for each in _tables(plain, "example", name)),
    )


def parse_repository(text: str, name: str) -> Rules:
    """What a repository may say of its own: words that raise the risk."""
    plain = _read(text, name)
    if others := sorted(set(plain) - {"risk"}):
        raise UsageFault(f"{name}: [[{others[0]}]] is not a repository's to say", hint="[[risk]] with `words` is")
    tables = _tables(plain, "risk", name)
    for each in tables:
        _known(each, ("name", "level", "words"), f"{name} [[risk]]")
    return Rules((), tuple(_danger(each, name) for each in tables))


def _read(text: str, name: str) -> dict[str, Any]:
    if len(text) > _LONGEST_FILE:
        raise UsageFault(f"{name} is longer than {_LONGEST_FILE:,} characters", hint="keep fewer rules")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageFault(f"{name}: {error}", hint=f"swarmctl council rules test {name}") from error


def _class(table: Mapping[str, Any], name: str) -> Class:
    where = f"{name} [[class]]"
    _known(table, ("name", "kind", "tiers", *_CONDITIONS), where)
    kind = _one_of(table.get("kind"), [each.value for each in Kind], "kind", where)
    given = table.get("tiers", ["rules", "exact", "agent"])
    if not isinstance(given, list):
        raise UsageFault(f"{where}: `tiers` is a list of names", hint='tiers = ["rules", "exact", "agent"]')
    tiers = {_one_of(each, [tier.value for tier in AVAILABLE], "tier", where) for each in given}
    return Class(
        str(table.get("name", kind)), Kind(kind), tuple(t for t in AVAILABLE if t in tiers), _test(table, where)
    )


def _danger(table: Mapping[str, Any], name: str) -> Danger:
    where = f"{name} [[risk]]"
    _known(table, ("name", "level", *_CONDITIONS), where)
    level = _one_of(table.get("level"), [each.value for each in Risk], "level", where)
    return Danger(str(table.get("name", level)), Risk(level), _test(table, where))


def _example(table: Mapping[str, Any], name: str) -> Example:
    where = f"{name} [[example]]"
    _known(table, ("text", "kind", "risk"), where)
    kind = _one_of(table.get("kind"), [each.value for each in Kind], "kind", where)
    risk = table.get("risk")
    level = None if risk is None else Risk(_one_of(risk, [each.value for each in Risk], "risk", where))
    return Example(str(table.get("text", "")), Kind(kind), level)


def _test(table: Mapping[str, Any], where: str) -> Test:
    lists = {name: _words(table, name, where) for name in _LISTS}
    for each in (*lists["has"], *lists["lacks"]):
        _one_of(each, FEATURES, "feature", where)
    most = table.get("max_chars", 0)
    if not isinstance(most, int) or isinstance(most, bool) or most < 0:
        raise UsageFault(f"{where}: `max_chars` is a number", hint="max_chars = 400")
    pattern = table.get("match")
    try:
        match = None if pattern is None else re.compile(str(pattern))
    except re.error as error:
        raise UsageFault(f"{where}: `match` is no pattern: {error}", hint="Python's `re`, small letters") from error
    return Test(
        words=frozenset(lists["words"]),
        first=frozenset(lists["first"]),
        phrases=lists["phrases"],
        has=lists["has"],
        lacks=lists["lacks"],
        match=match,
        max_chars=most,
    )


def _words(table: Mapping[str, Any], name: str, where: str) -> tuple[str, ...]:
    given = table.get(name, [])
    if not isinstance(given, list) or not all(isinstance(each, str) and each for each in given):
        raise UsageFault(f"{where}: `{name}` is a list of words", hint=f'{name} = ["one", "two"]')
    return tuple(each.lower() for each in given)


def _tables(plain: Mapping[str, Any], name: str, where: str) -> list[Mapping[str, Any]]:
    found = plain.get(name, [])
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise UsageFault(f"{where}: `{name}` is not a table", hint=f"[[{name}]]")
    return found


def _known(table: Mapping[str, Any], names: Sequence[str], where: str) -> None:
    if others := sorted(set(table) - set(names)):
        raise UsageFault(f"{where}: no key `{others[0]}`", hint=f"there are {', '.join(names)}")


def _one_of(value: object, names: Sequence[str], what: str, where: str) -> str:
    if value not in names:
        raise UsageFault(f"{where}: no {what} `{value}`", hint=f"there are {', '.join(names)}")
    return str(value)
