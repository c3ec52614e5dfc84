"""Words that are searched for in the lines of a file: where they stand. A capital counts once one is typed. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import accumulate

from rich.segment import Segment
from rich.style import Style

Span = tuple[int, int]


class Haystack:
    """All lines as one text: however many there are, they are gone through at once."""

    def __init__(self, lines: Iterable[str]) -> None:
        lines = list(lines)
        self._text = "\n".join(lines)
        self._small = small(self._text)
        self._starts = [0, *accumulate(len(line) + 1 for line in lines)]

    def places(self, wanted: str) -> list[int]:
        """Of the lines that have it."""
        text, words = (self._text, wanted) if has_capital(wanted) else (self._small, small(wanted))
        found: list[int] = []
        at = text.find(words) if words else -1
        while at >= 0:
            place = bisect_right(self._starts, at) - 1
            found.append(place)
            at = text.find(words, self._starts[place + 1])
        return found


def spans(text: str, wanted: str) -> Iterator[Span]:
    """Where it stands in a line."""
    text, wanted = (text, wanted) if has_capital(wanted) else (small(text), small(wanted))
    at = text.find(wanted) if wanted else -1
    while at >= 0:
        yield at, at + len(wanted)
        at = text.find(wanted, at + len(wanted))


def has_capital(wanted: str) -> bool:
    return wanted != wanted.lower()


def small(text: str) -> str:
    """In small letters, and of the same length: few letters are two when they are small."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(low if len(low := char.lower()) == 1 else char for char in text)


def marked(parts: Iterable[Segment], found: Iterable[Span], style: Style) -> list[Segment]:
    """The same parts, with this style over what was found in their text."""
    cuts = [cut for span in found for cut in span]
    done: list[Segment] = []
    at = 0
    for text, own, control in parts:
        begin, end = at, at + len(text)
        while at < end:
            number = bisect_right(cuts, at)
            stop = min(end, cuts[number]) if number < len(cuts) else end
            inside = number % 2 == 1
            ink = (own or Style()) + style if inside else own
            done.append(Segment(text[at - begin : stop - begin], ink, control))
            at = stop
    return done
