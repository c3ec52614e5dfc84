"""Finds files by some letters of their path: quick over a hundred thousand of them, the likeliest first. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

SHOWN = 12
UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""What would act on a terminal, turn a line round, or is no text: such names are not offered."""
PART = 400_000
"""Characters that are searched at once: other threads have their turn in between."""


class Finder:
    """A name that begins so, then one that has it, then a path that has it, then one with its letters in that order."""

    def __init__(self, paths: Iterable[str]) -> None:
        ordered = sorted(paths, key=lambda path: (path.count("/"), len(path), path))
        self.count = len(ordered)
        self._parts: list[tuple[str, str]] = []
        lines: list[str] = []
        size = 0
        for path in ordered:
            if not path.isprintable() and UNSAFE.search(path):
                continue
            lines.append(path)
            size += len(path) + 1
            if size > PART:
                self._add(lines)
                lines, size = [], 0
        if lines:
            self._add(lines)

    def _add(self, lines: list[str]) -> None:
        """Each path on a line; beside it the same in small letters, of the same length."""
        text = "\n" + "\n".join(lines) + "\n"
        small = "".join(low if len(low := char.lower()) == 1 else char for char in text) if not text.isascii() else ""
        self._parts.append((text, small or text.lower()))

    def find(self, wanted: str, limit: int = SHOWN) -> list[str]:
        wanted = wanted.lower()
        found: dict[str, None] = {}
        for way in (self._beginning, self._folder_and_name, self._with, self._in_order):
            for path in way(wanted):
                found.setdefault(path)
                if len(found) >= limit:
                    return list(found)
        return list(found)

    def _beginning(self, wanted: str) -> Iterator[str]:
        for before in ("\n", "/"):
            for path in self._lines_with(f"{before}{wanted}"):
                if path.rpartition("/")[2].lower().startswith(wanted):
                    yield path

    def _folder_and_name(self, wanted: str) -> Iterator[str]:
        """`s/par` is src/app/parser.py."""
        folder, slash, name = wanted.rpartition("/")
        if slash:
            for path in self._lines_with(f"/{name}"):
                above, _, own = path.lower().rpartition("/")
                if own.startswith(name) and _is_in_order(folder, above):
                    yield path

    def _with(self, wanted: str) -> Iterator[str]:
        elsewhere: list[str] = []
        for path in self._lines_with(wanted):
            if wanted in path.rpartition("/")[2].lower():
                yield path
            elif len(elsewhere) < SHOWN:
                elsewhere.append(path)
        yield from elsewhere

    def _in_order(self, wanted: str) -> Iterator[str]:
        pattern = re.compile("".join(f"[^\n{re.escape(char)}]*{re.escape(char)}" for char in wanted))
        for text, small in self._parts:
            at = 0
            while (end := small.find("\n", at + 1)) >= 0:
                match = pattern.match(small, at + 1)
                if match:
                    yield text[at + 1 : end]
                at = end

    def _lines_with(self, wanted: str) -> Iterator[str]:
        """A line break in it is the start of a line."""
        for text, small in self._parts:
            first = wanted.startswith("\n")
            at = small.find(wanted, 0 if first else 1)
            while 0 <= at < len(small) - 1:
                begin = at + 1 if first else small.rfind("\n", 0, at) + 1
                end = small.find("\n", begin)
                yield text[begin:end]
                at = small.find(wanted, end if first else end + 1)


def _is_in_order(letters: str, text: str) -> bool:
    rest = iter(text)
    return all(letter in rest for letter in letters)
