"""Screen manifests: which words, in which part of an agent's terminal, say what it is doing. Data, and one pure reader.

A rule holds only inside its region, so that prose which merely mentions a state says nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from swarmctl.core.session import State


@dataclass(frozen=True, slots=True)
class Region:
    """Lines of the screen counted from the end of what is shown, blank ones left out."""

    last: int
    skip: int = 0
    """So many of the last lines do not belong to it."""


@dataclass(frozen=True, slots=True)
class Rule:
    """All of `all`, one of `any` if there are any, and none of `none`, each a regular expression on one line."""

    state: State
    region: str
    kind: str = ""
    all: tuple[str, ...] = ()
    any: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class TitleRule:
    state: State
    match: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """The first rule that holds decides."""

    version: int
    regions: dict[str, Region]
    rules: tuple[Rule, ...]
    titles: tuple[TitleRule, ...] = ()
    ready: tuple[str, ...] = ()
    """Names of states in which the composer takes a typed prompt."""


@dataclass(frozen=True, slots=True)
class Reading:
    state: State
    kind: str
    line: str
    """The line that decided, for people."""


def read_screen(manifest: Manifest, text: str) -> Reading | None:
    """None when no rule holds: the screen is not known, which is never taken for idle."""
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    for rule in manifest.rules:
        line = _holds(rule, _part(lines, manifest.regions[rule.region]))
        if line is not None:
            return Reading(rule.state, rule.kind, rule.why or line.strip())
    return None


def read_title(manifest: Manifest, title: str) -> Reading | None:
    for rule in manifest.titles:
        if re.search(rule.match, title):
            return Reading(rule.state, rule.kind, title.strip())
    return None


def _part(lines: list[str], region: Region) -> list[str]:
    end = len(lines) - region.skip
    return lines[max(0, end - region.last) : max(0, end)]


def _holds(rule: Rule, lines: list[str]) -> str | None:
    decided = ""
    for pattern in rule.all:
        found = _find(pattern, lines)
        if found is None:
            return None
        decided = decided or found
    if rule.any:
        found = next((line for pattern in rule.any if (line := _find(pattern, lines)) is not None), None)
        if found is None:
            return None
        decided = decided or found
    if any(_find(pattern, lines) is not None for pattern in rule.none):
        return None
    return decided


def _find(pattern: str, lines: list[str]) -> str | None:
    return next((line for line in lines if re.search(pattern, line)), None)
