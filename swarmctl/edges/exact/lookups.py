"""Questions about the repository that somebody stands in: each lookup is a module, loaded when its hint fits.

git comes from outside, as a function of a work tree's top.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from typing import Protocol, cast

from swarmctl.core.council import Asked, Found
from swarmctl.core.errors import SwarmError
from swarmctl.edges.exact.hints import hint
from swarmctl.edges.exact.phrase import LONGEST
from swarmctl.edges.exact.tree import Git, Tree

NAMES = (
    "lookup_defined",
    "lookup_calls",
    "lookup_imports",
    "lookup_mentions",
    "lookup_lines",
    "lookup_history",
    "lookup_between",
    "lookup_head",
    "lookup_owner",
    "lookup_todos",
    "lookup_versions",
    "lookup_counts",
)


class _Module(Protocol):
    NAME: str
    HINT: re.Pattern[str]

    def answer(self, asked: Asked, tree: Tree) -> Found | None: ...


class Lookup:
    """One of them, with the repository's git handed in; silent outside of a repository."""

    def __init__(self, module: str, git_of: Callable[[str], Git]) -> None:
        self.name = module
        self._git_of = git_of
        self._module_name = f"{__package__}.{module}"

    @property
    def _module(self) -> _Module:
        return cast(_Module, importlib.import_module(self._module_name))

    def may(self, asked: Asked) -> bool:
        """At a glance; False is for good."""
        return bool(asked.root) and len(asked.text) <= LONGEST and bool(hint(self.name).search(asked.text))

    def answer(self, asked: Asked) -> Found | None:
        """None as well when the repository cannot be looked into."""
        if not self.may(asked):
            return None
        try:
            return self._module.answer(asked, Tree(self._git_of, asked.root))
        except SwarmError:
            return None

    @property
    def scope(self) -> tuple[tuple[str, str], ...]:
        """Questions of the sample repository, with their answers."""
        return questions(self.name)[0]

    @property
    def traps(self) -> tuple[str, ...]:
        """Questions that look like its own and must not be answered there."""
        return questions(self.name)[1]


def lookups(git_of: Callable[[str], Git]) -> list[Lookup]:
    """All of them; `git_of` opens the git of a work tree by its top, when the first lookup needs it."""
    return [Lookup(name, git_of) for name in NAMES]


def questions(module: str) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    """What `lookup_questions.txt` has: `=` begins an answer, `|` goes on, its questions follow, `!` is a trap."""
    from importlib import resources

    scope: list[tuple[str, str]] = []
    traps: list[str] = []
    answer, at = "", ""
    for line in resources.files(__package__).joinpath("lookup_questions.txt").read_text("utf-8").splitlines():
        mark, text = line[:1], line[2:]
        if mark == "[":
            at = line.strip("[]")
        elif at != module:
            continue
        elif mark == "=":
            answer = text
        elif mark == "|":
            answer += f"\n{text}"
        elif mark == "!":
            traps.append(text)
        else:
            scope.append((text, answer))
    return tuple(scope), tuple(traps)
