"""Screen manifests: which words, in which part of an agent's terminal, say what it is doing. Data, and one pure reader.

A rule holds only inside its region, so that prose which merely mentions a state says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from swarmctl.core.session import State


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


def read_screen(manifest: Manifest, text: str) -> Reading | None:
    """None when no rule holds: the screen is not known, which is never taken for idle."""
    lines = end_of_screen(manifest, text)
    parts = {name: _part(lines, region) for name, region in manifest.regions.items()}
    for rule in manifest.rules:
        line = _holds(rule, parts[rule.region])
        if line is not None:
            return Reading(rule.state, rule.kind, rule.why or line.strip())
    return None


def end_of_screen(manifest: Manifest, text: str) -> list[str]:
    """The lines that any region can reach."""
    reach = max((region.last + region.skip for region in manifest.regions.values()), default=0) + 1
    lines: list[str] = []
    for each in reversed(text.splitlines()):
        if line := each.rstrip():
            lines.append(line)
            if len(lines) == reach:
                break
    return lines[::-1]


def read_title(manifest: Manifest, title: str) -> Reading | None:
    for rule in manifest.titles:
        if re.search(rule.match, title):
            return Reading(rule.state, rule.kind, title.strip())
    return None


def _part(lines: list[str], region: Region) -> str:
    end = max(0, len(lines) - region.skip)
    begin = max(0, end - region.last)
    if region.below:
        above = (at for at in range(end - 1, begin - 2, -1) if at >= 0 and re.search(region.below, lines[at]))
        begin = next(above, end - 1) + 1
    return "\n".join(lines[begin:end])


def _holds(rule: Rule, text: str) -> str | None:
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


def _find(pattern: str, text: str) -> str | None:
    """The line on which the match begins."""
    compiled, begins_line = _compiled(pattern)
    if not begins_line:
        found = compiled.search(text)
        return None if found is None else _line_at(text, found.start())
    at = 0
    while compiled.match(text, at) is None:
        at = text.find("\n", at) + 1
        if at == 0:
            return None
    return _line_at(text, at)


def _line_at(text: str, at: int) -> str:
    end = text.find("\n", at)
    return text[text.rfind("\n", 0, at) + 1 : end if end >= 0 else None]


@cache
def _compiled(pattern: str) -> tuple[re.Pattern[str], bool]:
    """And whether it can only match where a line begins, which is so much quicker to look for."""
    depth, forks = 0, False
    for char in re.sub(r"\\.|\[(?:\\.|[^\]])*\]", "", pattern):
        depth += {"(": 1, ")": -1}.get(char, 0)
        forks = forks or (char == "|" and depth == 0)
    return re.compile(pattern, re.MULTILINE), pattern.startswith("^") and not forks
