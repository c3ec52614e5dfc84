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
    kind: str = field(default="", metadata=doc("Of a block: permission, question, trust, login, onboarding."))
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
    """For one terminal that is read again and again: only rules whose region changed are tried anew."""

    def __init__(self, manifest: Manifest) -> None:
        self._parts = {name: _Part(region) for name, region in manifest.regions.items()}
        self._reach = max((part.reach for part in self._parts.values()), default=1)
        self._rules = [_Tried(_prepared(rule), self._parts[rule.region]) for rule in manifest.rules]
        self._titles = [(re.compile(rule.match), rule) for rule in manifest.titles]
        self._end: list[str] = []
        self._reading: Reading | None = None

    def read(self, text: str) -> Reading | None:
        """None when no rule holds: the screen is not known, which is never taken for idle."""
        end = list(filter(None, map(str.rstrip, text.rstrip().split("\n"))))[-self._reach :]
        if end != self._end:
            for part in self._parts.values():
                part.follow(end)
            self._end = end
            self._reading = next((found for rule in self._rules if (found := rule.reading()) is not None), None)
        return self._reading

    def title(self, title: str) -> Reading | None:
        for pattern, rule in self._titles:
            if pattern.search(title):
                return Reading(rule.state, rule.kind, title.strip())
        return None


class _Part:
    """The text of a region; the same object as long as it did not change."""

    def __init__(self, region: Region) -> None:
        self.reach = region.last + region.skip + 1
        self.text = ""
        self._region = region
        self._below = re.compile(region.below) if region.below else None
        self._end: list[str] = []

    def follow(self, end: list[str]) -> None:
        mine = end[-self.reach :]
        if mine != self._end:
            self._end = mine
            text = self._cut(mine)
            if text != self.text:
                self.text = text

    def _cut(self, lines: list[str]) -> str:
        end = max(0, len(lines) - self._region.skip)
        begin = max(0, end - self._region.last)
        if self._below:
            above = (at for at in range(end - 1, max(begin - 2, -1), -1) if self._below.search(lines[at]))
            begin = next(above, end - 1) + 1
        return "\n".join(lines[begin:end])


class _Tried:
    def __init__(self, prepared: _Prepared, part: _Part) -> None:
        self._prepared = prepared
        self._part = part
        self._text: str | None = None
        self._reading: Reading | None = None

    def reading(self) -> Reading | None:
        text = self._part.text
        if text is not self._text:
            self._text, self._reading = text, _reading(self._prepared, text)
        return self._reading


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


def _prepared(rule: Rule) -> _Prepared:
    every, some, none = (tuple(map(_compiled, patterns)) for patterns in (rule.all, rule.any, rule.none))
    return _Prepared(rule, max(map(word_of, rule.all), key=len, default=""), every, some, none)


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
