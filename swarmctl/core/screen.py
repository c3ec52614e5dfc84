"""Screen manifests: which words, in which part of an agent's terminal, say what it is doing. Data, and one pure reader.

A rule holds only inside its region, so that prose which merely mentions a state says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise

from swarmctl.core.session import State

TOKEN = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]])*\]|\{[0-9]*(?:,[0-9]*)?\}|.", re.DOTALL)
"""One part of a regular expression, as far as `word_of` has to tell them apart."""
PLAIN = re.compile(r"\\\W|[^\\^$.*+?()|{}\[\]]")
"""A part that stands for its own last character."""
NO_WORDS = re.compile(r"\\[0-9xuUN]|\(\?[a-zA-Z-]")
"""Numbers of characters and flags: what they mean is not spelt out."""


def doc(words: str) -> dict[str, str]:
    """What the docs say of a key of a manifest."""
    return {"doc": words}


@dataclass(frozen=True, slots=True)
class Region:
    """Lines of the screen counted from the end of what is shown, blank ones left out."""

    last: int = field(metadata=doc("At most so many lines."))
    skip: int = field(default=0, metadata=doc("So many of the last lines do not belong to it."))
    below: str = field(
        default="",
        metadata=doc("Only what is below the last line that this matches, no more than `last` away; else nothing."),
    )


@dataclass(frozen=True, slots=True)
class Rule:
    """All of `all`, one of `any` if there are any, and none of `none`.

    Each is a regular expression on the region's text: `^` and `$` are the ends of a line, `\\Z` is the end of all.
    """

    state: State = field(metadata=doc("What the agent is doing when the rule holds."))
    region: str = field(metadata=doc("The region it looks at."))
    kind: str = field(default="", metadata=doc("Of a block: permission, question, trust, login, onboarding, network."))
    all: tuple[str, ...] = field(default=(), metadata=doc("Each must match."))
    any: tuple[str, ...] = field(default=(), metadata=doc("One must match."))
    none: tuple[str, ...] = field(default=(), metadata=doc("None may match."))
    why: str = field(default="", metadata=doc("Words for people; else the line that decided."))
    until: str = field(
        default="",
        metadata=doc("Its group is when a limit ends; it is matched with the region's words on one line."),
    )


@dataclass(frozen=True, slots=True)
class TitleRule:
    state: State = field(metadata=doc("What the agent is doing when the title matches."))
    match: str = field(metadata=doc("A regular expression on the terminal's title."))
    kind: str = field(default="", metadata=doc("As in a rule."))


@dataclass(frozen=True, slots=True)
class Manifest:
    """The first rule that holds decides."""

    version: int = field(metadata=doc("Counted up with each change of its rules."))
    regions: Mapping[str, Region] = field(metadata=doc("Parts of the screen by name."))
    rules: tuple[Rule, ...] = field(metadata=doc("In order; the first that holds decides."))
    titles: tuple[TitleRule, ...] = field(default=(), metadata=doc("The same for the terminal's title."))


@dataclass(frozen=True, slots=True)
class Reading:
    state: State
    kind: str
    line: str
    """The line that decided, for people."""
    until: str = ""
    """When a limit ends, in the screen's words."""


def read_screen(manifest: Manifest, text: str) -> Reading | None:
    return ScreenReader(manifest).read(text)


class ScreenReader:
    """For one terminal that is read again and again: only rules whose region changed are tried anew.

    Of what was read it keeps sums, not the words: many terminals' words do not stay in a processor's cache.
    """

    def __init__(self, manifest: Manifest) -> None:
        self._titles = manifest.titles
        self._rules = _prepared(manifest.rules)
        self._regions = manifest.regions
        self._reach = max(map(_reach, manifest.regions.values()), default=1)
        self._sum = hash(())
        self._sums = dict.fromkeys(manifest.regions, self._sum)
        self._tried: dict[str, dict[int, Reading | None]] = {name: {} for name in manifest.regions}
        """What came of the rules of each region, by their number, since it changed."""
        self._reading: Reading | None = None

    def read(self, text: str) -> Reading | None:
        """None when no rule holds: the screen is not known, which is never taken for idle."""
        end = list(filter(None, map(str.rstrip, text.rstrip().split("\n"))))[-self._reach :]
        now = hash(tuple(end))
        if now != self._sum:
            self._sum, self._reading = now, self._read(end)
        return self._reading

    def title(self, title: str) -> Reading | None:
        for rule in self._titles:
            if _compiled(rule.match).regex.search(title):
                return Reading(rule.state, rule.kind, title.strip())
        return None

    def _read(self, end: list[str]) -> Reading | None:
        for name, region in self._regions.items():
            now = hash(tuple(end[-_reach(region) :]))
            if now != self._sums[name]:
                self._sums[name] = now
                self._tried[name].clear()
        texts: dict[str, str] = {}
        for at, each in enumerate(self._rules):
            name = each.rule.region
            tried = self._tried[name]
            if at not in tried:
                if name not in texts:
                    texts[name] = _part(end, self._regions[name])
                tried[at] = _reading(each, texts[name])
            if (reading := tried[at]) is not None:
                return reading
        return None


def _reach(region: Region) -> int:
    return region.last + region.skip + 1


def _part(lines: list[str], region: Region) -> str:
    end = max(0, len(lines) - region.skip)
    begin = max(0, end - region.last)
    if region.below:
        below = _compiled(region.below).regex
        above = (at for at in range(end - 1, max(begin - 2, -1), -1) if below.search(lines[at]))
        begin = next(above, end - 1) + 1
    return "\n".join(lines[begin:end])


def _reading(prepared: _Prepared, text: str) -> Reading | None:
    line = _holds(prepared, text) if prepared.word in text else None
    if line is None:
        return None
    rule = prepared.rule
    return Reading(rule.state, rule.kind, rule.why or line.strip(), _until(rule, text))


def _until(rule: Rule, text: str) -> str:
    found = re.search(rule.until, " ".join(text.split())) if rule.until else None
    return (found[1] or "") if found else ""


@dataclass(frozen=True, slots=True)
class _Prepared:
    rule: Rule
    word: str
    """Most texts lack it, and need no more than that to be told apart."""
    all: tuple[_Pattern, ...]
    any: tuple[_Pattern, ...]
    none: tuple[_Pattern, ...]


@dataclass(frozen=True, slots=True)
class _Pattern:
    regex: re.Pattern[str]
    begins_line: bool
    """It can only match where a line begins, which is so much quicker to look for."""


@cache
def _prepared(rules: tuple[Rule, ...]) -> tuple[_Prepared, ...]:
    return tuple(
        _Prepared(
            rule,
            max(map(word_of, rule.all), key=len, default=""),
            *(tuple(map(_compiled, patterns)) for patterns in (rule.all, rule.any, rule.none)),
        )
        for rule in rules
    )


@cache
def _compiled(pattern: str) -> _Pattern:
    return _Pattern(re.compile(pattern, re.MULTILINE), pattern.startswith("^") and not _forks(pattern))


def _holds(rule: _Prepared, text: str) -> str | None:
    """The first line that decided."""
    decided = ""
    for pattern in rule.all:
        found = _find(pattern, text)
        if found is None:
            return None
        decided = decided or found
    if rule.any:
        found = next((line for pattern in rule.any if (line := _find(pattern, text)) is not None), None)
        if found is None:
            return None
        decided = decided or found
    if any(_find(pattern, text) is not None for pattern in rule.none):
        return None
    return decided


def _find(pattern: _Pattern, text: str) -> str | None:
    """The line on which the match begins."""
    if not pattern.begins_line:
        found = pattern.regex.search(text)
        return None if found is None else _line_at(text, found.start())
    at = 0
    while pattern.regex.match(text, at) is None:
        at = text.find("\n", at) + 1
        if at == 0:
            return None
    return _line_at(text, at)


def _line_at(text: str, at: int) -> str:
    end = text.find("\n", at)
    return text[text.rfind("\n", 0, at) + 1 : end if end >= 0 else None]


@cache
def word_of(pattern: str) -> str:
    """The longest word that stands in whatever the pattern matches; empty where none can be told."""
    if _forks(pattern) or NO_WORDS.search(pattern):
        return ""
    words, depth = [""], 0
    for token, after in pairwise([*TOKEN.findall(pattern), ""]):
        depth += {"(": 1, ")": -1}.get(token, 0)
        if depth or not PLAIN.fullmatch(token) or after[:1] in ("?", "*", "{"):
            words.append("")
        else:
            words[-1] += token[-1]
    return max(words, key=len)


def _forks(pattern: str) -> bool:
    depth = 0
    for token in TOKEN.findall(pattern):
        depth += {"(": 1, ")": -1}.get(token, 0)
        if token == "|" and depth == 0:
            return True
    return False
