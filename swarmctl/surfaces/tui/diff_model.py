"""A file of a diff, made ready for a screen in a thread; where comments stand in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from rich.cells import cell_len

from swarmctl.app.diffs import Comparison, patch_of, sizes_of, whole_texts
from swarmctl.app.here import Here
from swarmctl.app.looked import QUOTED, Comment
from swarmctl.core.patch import Change, Line, partners, rows_of, runs, side_by_side
from swarmctl.surfaces.tui.diff_text import Token, clean, inked, is_plain, language_of
from swarmctl.surfaces.words.plain import one_line

NO_MODE = "000000"
NO_LINES = "It has no lines that differ."
EMPTY = {"A": "new, empty", "D": "removed, it was empty"}
"""What is to be said of a file without lines, by git's letter."""
Inks = Mapping[tuple[bool, int], tuple[Token, ...]]
"""Colours by side (whether it is the old one) and number of a line."""


@dataclass(frozen=True, slots=True)
class Opened:
    """Lines as they are shown."""

    change: Change
    lines: list[Line]
    pairs: list[tuple[int, int]]
    rows: Sequence[int]
    """For each line its place in `pairs`."""
    beside: Sequence[int]
    """For each line the place of the one that it was changed from, or to; -1 for none."""
    runs: list[int]
    """Where each change begins."""
    width: int
    note: str
    """What there is to say of it besides its lines."""
    inks: dict[tuple[bool, int], tuple[Token, ...]] = field(default_factory=dict, compare=False)
    """Empty until it was read as code."""


def opened(place: Here, comparison: Comparison, change: Change) -> Opened:
    """In a thread."""
    raw = patch_of(place, comparison, change)
    crlf = bool(raw) and all(line.text.endswith("\r") for line in raw if line.kind in "-+ ")
    lines = [_shown(line, crlf) for line in raw]
    pairs = side_by_side(lines)
    note = "   ".join(_notes(place, change, crlf)) or ("" if lines else NO_LINES)
    return Opened(change, lines, pairs, rows_of(lines, pairs), partners(lines, pairs), runs(lines), _width(lines), note)


def _shown(line: Line, crlf: bool) -> Line:
    text = line.text[:-1] if crlf and line.kind in "-+ " else line.text
    return line if is_plain(text) and text is line.text else line._replace(text=clean(text))


def _width(lines: Iterable[Line]) -> int:
    """Columns of the longest; it is measured only where it may be that."""
    widest = 0
    for line in lines:
        if len(line.text) > widest if line.text.isascii() else 2 * len(line.text) > widest:
            widest = max(widest, cell_len(line.text))
    return widest


def _notes(place: Here, change: Change, crlf: bool) -> Iterator[str]:
    if change.status in EMPTY and change.added == change.removed == 0:
        yield EMPTY[change.status]
    if change.old != change.new:
        yield f"renamed from {one_line(change.old)}"
    was, now = change.modes
    if NO_MODE not in (was, now) and was != now:
        yield f"mode {was} → {now}"
    elif change.status == "A" and now == "100755":
        yield "executable"
    if "120000" in (was, now):
        yield "link"
    if change.binary:
        before, after = sizes_of(place, change)
        yield f"binary, {after:,} bytes" if not before else f"binary, {before:,} → {after:,} bytes"
    if crlf:
        yield "CRLF"


def coloured(place: Here, change: Change, lines: Iterable[Line]) -> Inks:
    """In a thread, and later than the lines: reading code takes a while."""
    languages = language_of(change.old), language_of(change.new)
    if not any(languages):
        return {}
    before, after = whole_texts(place, change)
    olds, news = inked(languages[0], before), inked(languages[1], after)
    found: dict[tuple[bool, int], tuple[Token, ...]] = {}
    for line in lines:
        for is_old, number, inks in ((True, line.old, olds), (False, line.new, news)):
            if line.kind != "@" and 0 < number <= len(inks):
                found[is_old, number] = inks[number - 1]
    return found


def places_of(lines: list[Line], comments: Iterable[Comment]) -> dict[int, list[Comment]]:
    """Each comment at its line, or at the nearest that says the same; at the top when no line does."""
    placed: dict[int, list[Comment]] = {}
    for comment in comments:
        side = "-" if comment.removed else "+ "
        alike = [
            (abs((line.old if comment.removed else line.new) - comment.line), at)
            for at, line in enumerate(lines)
            if line.kind in side and quote_of(line) == comment.quote
        ]
        placed.setdefault(min(alike)[1] if alike else -1, []).append(comment)
    return placed


def quote_of(line: Line) -> str:
    return line.text.strip()[:QUOTED]
