"""Which line of a diff stands where on the screen, with the comments between them. Pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable

from swarmctl.app.looked import Comment
from swarmctl.core.patch import Line
from swarmctl.surfaces.tui.diff_model import Opened, places_of
from swarmctl.surfaces.words.plain import one_line

COMMENT = -2
"""In place of the left line: the right one is the number of a comment's line."""


class Layout:
    """Rows of the screen. Nothing here is as long as the file, however large that is."""

    def __init__(self, opened: Opened, split: bool, comments: Iterable[Comment]) -> None:
        self.opened, self.split = opened, split
        placed = places_of(opened.lines, comments)
        rows = ((self._row(place) if place >= 0 else -1, each) for place, found in placed.items() for each in found)
        self.remarks: list[tuple[Comment, str]] = []
        self._after: list[int] = []
        """The row that each line of a comment comes after, as they are without comments."""
        for row, comment in sorted(rows, key=lambda found: found[0]):
            for number, words in enumerate(comment.words.split("\n")):
                self.remarks.append((comment, f"{' ' if number else '✎'} {one_line(words)}"))
                self._after.append(row)

    def __len__(self) -> int:
        return len(self.opened.pairs if self.split else self.opened.lines) + len(self._after)

    def __getitem__(self, at: int) -> tuple[int, int]:
        """The line on each side, or COMMENT and which."""
        row = self._beneath(at)
        number = at - row - 1
        if 0 <= number < len(self._after) and self._after[number] == row:
            return COMMENT, number
        return self.opened.pairs[row] if self.split else (row, row)

    def _beneath(self, at: int) -> int:
        """The row of the file that stands at or before this one of the screen."""
        low, high = 0, len(self._after)
        while low < high:
            middle = (low + high) // 2
            if self._after[middle] + 1 + middle <= at:
                low = middle + 1
            else:
                high = middle
        return max(at - low, self._after[low - 1]) if low else at

    def _row(self, place: int) -> int:
        return self.opened.rows[place] if self.split else place

    def at(self, place: int) -> int:
        """Where the line of this place is on the screen."""
        row = self._row(place)
        return row + bisect_left(self._after, row)

    def rows(self, places: Iterable[int]) -> list[int]:
        """Where these lines are on the screen, each row once."""
        return sorted({self.at(place) for place in places})

    def place(self, at: int) -> int:
        """Of the line there; beside each other, of the new one. A comment's is that of its line; -1 for none."""
        left, right = self[at]
        if left == COMMENT:
            row = self._after[right]
            left, right = (-1, -1) if row < 0 else self.opened.pairs[row] if self.split else (row, row)
        return right if right >= 0 else left

    def nearest(self, line: Line) -> int:
        """Where a line of this number is, or would be."""
        is_old = line.kind == "-"
        wanted = line.old if is_old else line.new
        for place, each in enumerate(self.opened.lines):
            if (each.old if is_old else each.new) >= wanted > 0 and each.kind != "@":
                return self.at(place)
        return 0

    def change(self, at: int) -> int:
        """How many changes begin at or before this row."""
        if not len(self):
            return 0
        return bisect_right(self.opened.runs, at, key=self.at)

    def seek(self, at: int, by: int) -> int:
        """Where the next or the previous change begins; -1 when there is none."""
        runs = self.opened.runs
        number = bisect_right(runs, at, key=self.at) if by > 0 else bisect_left(runs, at, key=self.at) - 1
        return self.at(runs[number]) if 0 <= number < len(runs) else -1
