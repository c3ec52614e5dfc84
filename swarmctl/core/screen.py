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
    """For one screen that is read again and again: much of what is printed leaves the part alone that rules can see."""

    def __init__(self, manifest: Manifest) -> None:
        reaches = [region.last + region.skip for region in manifest.regions.values()]
        self._reach = max(reaches, default=0) + 1
        self._regions = [
            (name, each, re.compile(each.below) if each.below else None) for name, each in manifest.regions.items()
        ]
        self._rules = [_prepared(rule) for rule in manifest.rules]
        self._end: list[str] = []
        self._reading: Reading | None = None

    def read(self, text: str) -> Reading | None:
        """None when no rule holds: the screen is not known, which is never taken for idle."""
        end = list(filter(None, map(str.rstrip, text.split("\n"))))[-self._reach :]
        if end != self._end:
            self._end, self._reading = end, self._read(end)
        return self._reading

    def _read(self, end: list[str]) -> Reading | None:
        parts = {name: _part(end, region, below) for name, region, below in self._regions}
        for each in self._rules:
            text = parts[each.rule.region]
            if each.word in text and (line := _holds(each, text)) is not None:
                words = each.rule.why or line.strip()
                return Reading(each.rule.state, each.rule.kind, words, _until(each.rule, text))
        return None


def _until(rule: Rule, text: str) -> str:
    found = re.search(rule.until, " ".join(text.split())) if rule.until else None
    return (found[1] or "") if found else ""


def read_title(manifest: Manifest, title: str) -> Reading | None:
    for rule in manifest.titles:
        if re.search(rule.match, title):
            return Reading(rule.state, rule.kind, title.strip())
    return None


def _part(lines: list[str], region: Region, below: re.Pattern[str] | None) -> str:
    end = max(0, len(lines) - region.skip)
    begin = max(0, end - region.last)
    if below:
        above = (at for at in range(end - 1, max(begin - 2, -1), -1) if below.search(lines[at]))
        begin = next(above, end - 1) + 1
    return "\n".join(lines[begin:end])


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
