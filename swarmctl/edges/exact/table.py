"""Every exact tool by name. A module is loaded when a question is put to it, and loads nothing heavy itself."""

from __future__ import annotations

import os
from hashlib import blake2b
from importlib import import_module
from typing import TYPE_CHECKING, Any

from swarmctl.core.council import Asked, Found
from swarmctl.edges.exact.hints import hint

if TYPE_CHECKING:
    from collections.abc import Callable

    from swarmctl.edges.exact.lookups import Lookup
    from swarmctl.edges.exact.tree import Git

NAMES: tuple[str, ...] = (
    "arithmetic",
    "units",
    "dates",
    "times",
    "bases",
    "encodings",
    "numbers",
    "algebra",
    "logic",
    "formats",
    "cron",
    "regexes",
    "versions",
)
"""The modules of this package that answer from the question alone."""


class Exact:
    """One tool, a module of this package with NAME, HINT, SCOPE, TRAPS and `answer`."""

    def __init__(self, module: str) -> None:
        self.name = module
        self._module = f"{__package__}.{module}"

    @property
    def _tool(self) -> Any:
        return import_module(self._module)

    def may(self, asked: Asked) -> bool:
        """At a glance; False is for good."""
        return bool(hint(self.name).search(asked.text[:LOOKED_AT]))

    def answer(self, asked: Asked) -> Found | None:
        found: Found | None = self._tool.answer(asked)
        return found

    @property
    def scope(self) -> tuple[tuple[str, str], ...]:
        """Questions that it answers, with their answers."""
        return tuple(self._tool.SCOPE)

    @property
    def traps(self) -> tuple[str, ...]:
        """Questions that look like its own and must not be answered."""
        return tuple(self._tool.TRAPS)


LOOKED_AT = 8192


def tools(git_of: Callable[[str], Git] | None = None) -> list[Exact | Lookup]:
    """Those that look into a repository only with a git for them: `git_of` opens it by the top of a work tree."""
    found: list[Exact | Lookup] = [Exact(name) for name in NAMES]
    if git_of is not None:
        from swarmctl.edges.exact.lookups import lookups

        found += lookups(git_of)
    return found


def digest() -> str:
    """Of the sources of all tools: the same as long as they say the same."""
    folder = os.path.dirname(__file__)  # noqa: PTH120 - pathlib costs 7 ms
    seen = blake2b(digest_size=8)
    for name in sorted(os.listdir(folder)):  # noqa: PTH208
        if name.endswith(".py"):
            with open(os.path.join(folder, name), "rb") as file:  # noqa: PTH118, PTH123
                seen.update(name.encode() + b"\0" + file.read())
    return seen.hexdigest()
