"""A list of lines of which one is pointed at: only those on the screen are ever made, however many there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip

from swarmctl.surfaces.tui.scrolled import Scrolled
from swarmctl.surfaces.tui.swarm_list import MOVES, fit

TONES = ("dim", "good", "bad", "warn", "accent", "strong", "head")


@dataclass(frozen=True, slots=True)
class Item:
    key: str
    parts: tuple[tuple[str, str], ...]
    """Words that are fit for a line, and their tone; empty for plain."""
    right: str = ""
    can: bool = True
    """The cursor may stand on it."""


class LineList(Scrolled, can_focus=True):
    COMPONENT_CLASSES = {*(f"lines--{tone}" for tone in TONES), "lines--cursor"}
    BINDINGS = MOVES

    class Pointed(Message):
        """Another item is under the cursor."""

    class Opened(Message):
        """An item was clicked twice."""

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self.items: tuple[Item, ...] = ()
        self.cursor = 0
        self._empty = ""

    @property
    def current(self) -> Item | None:
        return self.items[self.cursor] if self.cursor < len(self.items) and self.items[self.cursor].can else None

    @property
    def last(self) -> int:
        """The last on which the cursor may stand."""
        return self._near(len(self.items) - 1, -1)

    def show(self, items: Sequence[Item], empty: str = "", *, to_end: bool = False) -> None:
        """The cursor stays on its item, and that where it is on the screen; or both go to the end."""
        before, key = self.cursor, self.current.key if self.current else ""
        self.items, self._empty = tuple(items), empty
        place = next((at for at, item in enumerate(self.items) if item.key == key and item.can), None) if key else None
        top = int(self.scroll_offset.y)
        if place is not None:
            top += place - before
        self.cursor = self.last if to_end else self._near(before if place is None else place)
        self.virtual_size = Size(self.scrollable_content_region.width, len(self.items))
        self.scroll_to(0, max(0, top), animate=False, force=True, immediate=True)
        self._point()
        self.refresh()
        if (self.current.key if self.current else "") != key:
            self.post_message(self.Pointed())

    def go_to(self, key: str) -> None:
        for index, item in enumerate(self.items):
            if item.key == key and item.can:
                self._move(index)

    def _near(self, index: int, by: int = 1) -> int:
        """The first from it on, that way, on which the cursor may stand; else the first the other way."""
        index = max(0, min(index, len(self.items) - 1))
        down, up = range(index, len(self.items)), range(min(index, len(self.items) - 1), -1, -1)
        ways = (down, up) if by > 0 else (up, down)
        return next((at for way in ways for at in way if self.items[at].can), index)

    def _move(self, index: int) -> None:
        if index != self.cursor:
            self.cursor = index
            self._point()
            self.refresh()
            self.post_message(self.Pointed())

    def _point(self) -> None:
        """With the headings right above it."""
        if self.items:
            first = self.cursor
            while first > 0 and not self.items[first - 1].can and self.cursor - first < 2:
                first -= 1
            self.scroll_to_region(Region(0, first, 1, self.cursor - first + 1), animate=False, force=True)

    def on_resize(self) -> None:
        self.virtual_size = Size(self.scrollable_content_region.width, len(self.items))
        self._point()

    def action_move(self, by: int) -> None:
        index = self.cursor + by
        while 0 <= index < len(self.items) and not self.items[index].can:
            index += by
        if 0 <= index < len(self.items):
            self._move(index)

    def action_page(self, by: int) -> None:
        self._move(self._near(self.cursor + by * max(1, self.size.height - 1), by))

    def action_edge(self, side: int) -> None:
        self._move(self._near(0 if side < 0 else len(self.items) - 1, -side))

    def on_click(self, event: events.Click) -> None:
        index = event.y + int(self.scroll_offset.y)
        if index < len(self.items) and self.items[index].can:
            self._move(index)
            if event.chain == 2:
                self.post_message(self.Opened())

    def render_line(self, y: int) -> Strip:
        width, index = self.scrollable_content_region.width, y + int(self.scroll_offset.y)
        if index >= len(self.items):
            return self._blank(y, width)
        here = index == self.cursor and self.items[index].can
        style = self.get_component_rich_style("lines--cursor") if here else self.rich_style
        return Strip(self._parts(self.items[index], width, here)).adjust_cell_length(width).apply_style(style)

    def _parts(self, item: Item, width: int, here: bool) -> list[Segment]:
        right = f" {item.right} " if item.right and width - cell_len(item.right) > 20 else ""
        room = max(0, width - cell_len(right) - 1)
        parts = [Segment("▌" if here else " ", self._ink("accent"))]
        for words, tone in item.parts:
            shown = words if cell_len(words) <= room else fit(words, room)
            room -= cell_len(shown)
            parts.append(Segment(shown, self._ink(tone)))
            if room <= 0:
                break
        return [*parts, Segment(" " * max(0, room)), Segment(right, self._ink("dim"))]

    def _ink(self, tone: str) -> Style:
        """Its own colours only: the line has its ground."""
        if not tone:
            return Style()
        full = self.get_component_rich_style(f"lines--{tone}")
        return Style(color=full.color, bold=full.bold)

    def _blank(self, y: int, width: int) -> Strip:
        lines = self._empty.split("\n") if not self.items else []
        top = max(0, (self.size.height - len(lines)) // 2)
        text = lines[y - top] if 0 <= y - top < len(lines) else ""
        return Strip([Segment(fit(f"  {text}", width), self.rich_style + self._ink("dim"))])
