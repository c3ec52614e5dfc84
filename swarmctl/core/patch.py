"""What differs between two trees: the files, and the lines of one. Text in, lines out."""

from __future__ import annotations

import re
from array import array
from typing import NamedTuple

from swarmctl.core.rejection import Run
from swarmctl.core.values import dataclass

_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Change:
    """One file of a diff. Paths that are not UTF-8 hold surrogates, as `os.fsdecode` makes them."""

    status: str
    """git's letter: A, D, M, R, T."""
    old: str
    new: str
    """Both are the same unless it was renamed."""
    added: int | None
    """None: it is binary, and has no lines."""
    removed: int | None
    before: str
    """The blobs; all zeros where there is none."""
    after: str
    modes: tuple[str, str]

    @property
    def binary(self) -> bool:
        return self.added is None


class Line(NamedTuple):
    kind: str
    """`@` begins a hunk, `-`, `+` and space are as in a patch, and a backslash says that no newline ends the file."""
    text: str
    old: int
    new: int
    """The number on each side; 0 on the side that lacks it."""


def lines_of(patch: str) -> list[Line]:
    """The hunks of a patch of one file; its headings are left out. Only a line feed ends a line."""
    found: list[Line] = []
    old = new = old_left = new_left = 0
    for raw in patch.split("\n"):
        kind = raw[:1]
        if kind == "\\" and found:
            found.append(Line("\\", raw[2:], 0, 0))
        elif old_left <= 0 and new_left <= 0:
            if match := _HUNK.match(raw):
                old, new = int(match[1]), int(match[3])
                old_left, new_left = (int(match[at]) if match[at] else 1 for at in (2, 4))
                found.append(Line("@", match[5].strip(), old, new))
        elif kind == "-":
            found.append(Line("-", raw[1:], old, 0))
            old, old_left = old + 1, old_left - 1
        elif kind == "+":
            found.append(Line("+", raw[1:], 0, new))
            new, new_left = new + 1, new_left - 1
        else:
            found.append(Line(" ", raw[1:], old, new))
            old, new, old_left, new_left = old + 1, new + 1, old_left - 1, new_left - 1
    return found


def side_by_side(lines: list[Line]) -> list[tuple[int, int]]:
    """Which lines stand beside each other: places in `lines`, or -1 beside nothing."""
    pairs: list[tuple[int, int]] = []
    left: list[int] = []
    right: list[int] = []

    def flush() -> None:
        count = max(len(left), len(right))
        lefts, rights = left + [-1] * (count - len(left)), right + [-1] * (count - len(right))
        pairs.extend(zip(lefts, rights, strict=True))
        left.clear()
        right.clear()

    last = ""
    for place, line in enumerate(lines):
        kind = line.kind
        if kind == "-":
            if right:
                flush()
            left.append(place)
        elif kind == "+":
            right.append(place)
        elif kind == "\\" and last in "-+":
            (left if last == "-" else right).append(place)
            continue
        else:
            flush()
            pairs.append((place, place))
        last = kind
    flush()
    return pairs


def rows_of(lines: list[Line], pairs: list[tuple[int, int]]) -> array[int]:
    """The place in `pairs` of each line."""
    found = array("i", [0]) * len(lines)
    for row, (left, right) in enumerate(pairs):
        for place in (left, right):
            if place >= 0:
                found[place] = row
    return found


def partners(lines: list[Line], pairs: list[tuple[int, int]]) -> array[int]:
    """For each line the one that it made room for, or the other way round; -1 for none."""
    found = array("i", [-1]) * len(lines)
    for left, right in pairs:
        if left != right and left >= 0 and right >= 0:
            found[left], found[right] = right, left
    return found


def runs(lines: list[Line]) -> list[int]:
    """Where a change begins: the first of each run of lines that were removed or added."""
    found, last = [], " "
    for place, line in enumerate(lines):
        if line.kind in "-+" and last not in "-+\\":
            found.append(place)
        last = line.kind
    return found


def run_at(lines: list[Line], place: int) -> Run | None:
    """The one that the line of this place is in; None where nothing differs."""
    if not 0 <= place < len(lines) or lines[place].kind not in "-+":
        return None
    first, last = place, place
    while lines[first - 1].kind in "-+\\":
        first -= 1
    while last < len(lines) and lines[last].kind in "-+\\":
        last += 1
    before, inside = lines[first - 1], lines[first:last]
    heads = before.kind == "@"
    olds = [line.old for line in inside if line.kind == "-"]
    news = [line.new for line in inside if line.kind == "+"]
    at = (before.old, before.new) if heads else (before.old + 1, before.new + 1)
    return Run(olds[0] if olds else at[0], len(olds), news[0] if news else at[1], len(news))
