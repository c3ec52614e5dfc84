"""The list of sessions: only the lines that are on the screen are ever made, however many there are."""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from swarmctl.core.session import IN_QUEUE
from swarmctl.surfaces.tui.next_keys import without_command
from swarmctl.surfaces.tui.rows import GLYPHS, Detail, Group, Row
from swarmctl.surfaces.tui.verdicts import MARKS
from swarmctl.surfaces.words.plain import age, one_line

if TYPE_CHECKING:
    from swarmctl.app.sizes import Size as WorkSize

ROOMY_WIDTH = 60
"""From here on a row has a second line."""
PARTS = {
    Group.BLOCKED: "swarm--blocked",
    Group.FAILED: "swarm--failed",
    Group.UNSEEN: "swarm--unseen",
    Group.WORKING: "swarm--working",
    Group.WAITING: "swarm--waiting",
    Group.OVER: "swarm--over",
}

MOVES: list[BindingType] = [
    ("up,k", "move(-1)", "up"),
    ("down,j", "move(1)", "down"),
    ("pageup,ctrl+u", "page(-1)", "page up"),
    ("pagedown,ctrl+d", "page(1)", "page down"),
    ("home", "edge(-1)", "first"),
    ("end", "edge(1)", "last"),
]
"""In everything that has a cursor and lines."""


class SwarmList(ScrollView, can_focus=True):
    COMPONENT_CLASSES = {*PARTS.values(), "swarm--cursor", "swarm--dim", "swarm--good", "swarm--warn", "swarm--bad"}
    BINDINGS = MOVES
    cursor: reactive[int] = reactive(0, repaint=False)

    class Pointed(Message):
        """Another row is under the cursor."""

        def __init__(self, row: Row | None) -> None:
            self.row = row
            super().__init__()

    class Opened(Message):
        """A row was clicked twice."""

    class Seen(Message):
        """Other rows are on the screen."""

        def __init__(self, keys: tuple[str, ...]) -> None:
            self.keys = keys
            super().__init__()

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self.rows: tuple[Row, ...] = ()
        self._details: Mapping[str, Detail] = {}
        self._sizes: Mapping[str, WorkSize] = {}
        self._key = ""
        """The task under the cursor, whatever session it has."""
        self.seen: tuple[str, ...] = ()
        """Keys of the rows that are on the screen."""
        self._empty = ""
        self._drawn: tuple[object, list[object]] = (None, [])
        """Which rows, and all that they said."""
        self._ground, self._span, self._high = Style.null(), 0, 1
        """Looked up once for all lines."""

    @property
    def _width(self) -> int:
        """Beside the scrollbar, where there is one."""
        return self.scrollable_content_region.width

    @property
    def row_height(self) -> int:
        return 2 if self.size.width >= ROOMY_WIDTH and self.size.height >= 8 else 1

    @property
    def current(self) -> Row | None:
        return self.rows[self.cursor] if self.cursor < len(self.rows) else None

    def show(self, rows: tuple[Row, ...], details: Mapping[str, Detail], empty: str = "") -> None:
        """The cursor stays on its session, wherever that moved."""
        before = self.current
        self.rows, self._details, self._empty = rows, details, empty
        place = next((index for index, row in enumerate(rows) if row.task.id == self._key), None)
        if place is None:
            place = min(self.cursor, max(0, len(rows) - 1))
        self._extend()
        self.set_reactive(SwarmList.cursor, place)
        self._point()
        if before != self.current:
            self.post_message(self.Pointed(self.current))
        self._tell_seen()
        self.redraw()

    def show_sizes(self, sizes: Mapping[str, WorkSize]) -> None:
        self._sizes = sizes
        self.redraw()

    def redraw(self) -> None:
        """Those rows that are others now; all of them where they moved."""
        first, count = self._on_screen
        shown = range(first, min(first + count, len(self.rows)))
        (place, before), now = self._drawn, [self._face(index) for index in shown]
        self._drawn = ((self.scroll_offset, self.size, shown, self._empty), now)
        if place != self._drawn[0]:
            self.refresh()
            return
        for index, old, new in zip(shown, before, now, strict=True):
            if old != new:
                self.refresh_lines(index * self.row_height, self.row_height)

    def _face(self, index: int) -> object:
        """All that its lines say."""
        row = self.rows[index]
        detail = self._details.get(row.key, Detail())
        said = detail, self._sizes.get(row.key), age(age_seconds(row, detail))
        return row, said, index == self.cursor

    def _measure(self) -> None:
        self._ground, self._span, self._high = self.rich_style, self._width, self.row_height

    def go_to(self, key: str) -> None:
        for index, row in enumerate(self.rows):
            if row.key == key:
                self.cursor = index

    def _extend(self) -> None:
        """So far that the last page begins with a whole row, too."""
        height = self.row_height
        self.virtual_size = Size(self._width, len(self.rows) * height + self.size.height % height)

    def _point(self) -> None:
        self._key = str(self.current.task.id) if self.current else ""
        if self.current:
            height = self.row_height
            first = -(-int(self.scroll_offset.y) // height)
            last = self.cursor - max(1, self.size.height // height) + 1
            top = min(self.cursor, max(first, last)) * height
            self.scroll_to(y=top, animate=False, force=True, immediate=True)

    def watch_cursor(self, before: int, now: int) -> None:
        self._point()
        self.post_message(self.Pointed(self.current))
        self.redraw()

    def validate_cursor(self, cursor: int) -> int:
        return max(0, min(cursor, len(self.rows) - 1))

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self._tell_seen()

    def on_resize(self) -> None:
        self._extend()
        self._point()
        self._tell_seen()

    @property
    def _on_screen(self) -> tuple[int, int]:
        """The first row, and how many may be seen, in part at least."""
        return int(self.scroll_offset.y) // self.row_height, self.size.height // self.row_height + 2

    def _tell_seen(self) -> None:
        first, count = self._on_screen
        keys = tuple(row.key for row in self.rows[first : first + count])
        if keys != self.seen:
            self.seen = keys
            self.post_message(self.Seen(keys))

    def action_move(self, by: int) -> None:
        self.cursor += by

    def action_page(self, by: int) -> None:
        self.cursor += by * max(1, self.size.height // self.row_height - 1)

    def action_edge(self, side: int) -> None:
        self.cursor = 0 if side < 0 else len(self.rows) - 1

    def on_click(self, event: events.Click) -> None:
        index = (event.y + int(self.scroll_offset.y)) // self.row_height
        if index < len(self.rows):
            self.cursor = index
            if event.chain == 2:
                self.post_message(self.Opened())

    def render_lines(self, crop: Region) -> list[Strip]:
        self._measure()
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        width = self._span
        index, part = divmod(y + int(self.scroll_offset.y), self._high)
        if index >= len(self.rows):
            return Strip([Segment(self._blank(y, width), self._ground)], width)
        row = self.rows[index]
        here = index == self.cursor
        parts = self._second(row, width) if part else self._first(row, width, here)
        style = self.get_component_rich_style("swarm--cursor") if here else self._ground
        return Strip(Segment.adjust_line_length(list(Segment.apply_style(parts, style)), width, style), width)

    def _ink(self, part: str) -> Style:
        return ink_of(self.get_component_rich_style(part))

    def _blank(self, y: int, width: int) -> str:
        lines = self._empty.split("\n") if not self.rows else []
        top = max(0, (self.size.height - len(lines)) // 2)
        text = lines[y - top] if 0 <= y - top < len(lines) else ""
        return set_cell_size(f"  {text}", width)

    def _first(self, row: Row, width: int, here: bool) -> list[Segment]:
        style = self._ink(PARTS[row.group])
        dim = self._ink("swarm--dim")
        detail = self._details.get(row.key, Detail())
        cost = detail.cost if width >= 60 else ""
        agent = row.agent if width >= 60 else ""
        state = fit(row.state, 13 if width < 100 else 20)
        right = f"  {fit(agent, 18)}  {cost:>9} " if agent else " "
        span = fit(age(age_seconds(row, detail)), 4)
        left = f"{'▌' if here else ' '}{GLYPHS[row.group]} {state} {span} "
        room = max(8, width - cell_len(left) - cell_len(right))
        bold = Style(bold=row.group <= Group.UNSEEN)
        mark = f"{detail.place} " if detail.place else ""
        title = Segment(fit(row.title, room - cell_len(mark)), bold)
        return [Segment(left, style), Segment(mark, self._ink("swarm--unseen")), title, Segment(right, dim)]

    def _second(self, row: Row, width: int) -> list[Segment]:
        dim = self._ink("swarm--dim")
        detail = self._details.get(row.key, Detail())
        parts = [Segment("    ", dim)]
        if row.session:
            parts.append(Segment(fit(row.session.branch, min(34, width // 3)), dim))
            parts += self._size_parts(row.key)
        for mark in detail.marks:
            glyph, tone = MARKS[mark.verdict]
            parts.append(Segment(f" {glyph}{mark.gate}", self._ink(f"swarm--{tone}")))
        used = sum(cell_len(part.text) for part in parts)
        parts.append(Segment(fit(f"  {without_command(detail.last or row.task.reason)}", max(0, width - used)), dim))
        return parts

    def _size_parts(self, key: str) -> list[Segment]:
        size = self._sizes.get(key)
        if size is None:
            return []
        good, bad = self._ink("swarm--good"), self._ink("swarm--bad")
        dim = self._ink("swarm--dim")
        apart = f" ↑{size.ahead}" + (f" ↓{size.behind}" if size.behind else "")
        return [Segment(apart, dim), Segment(f" +{size.added}", good), Segment(f" −{size.removed}", bad)]


@lru_cache(maxsize=256)
def ink_of(full: Style) -> Style:
    """Its own colours only: the line has its ground."""
    return Style(color=full.color, bold=full.bold)


def fit(words: str, width: int) -> str:
    """Untrusted or not: one line, exactly so wide on a terminal, with a sign where something is left out."""
    if width <= 0:
        return ""
    words = one_line(words)
    if cell_len(words) > width:
        words = set_cell_size(words, width - 1) + "…"
    return set_cell_size(words, width)


def age_seconds(row: Row, detail: Detail) -> float:
    in_queue = row.session is not None and row.session.stage in IN_QUEUE
    return max(0.0, time.time() - ((detail.queued if in_queue else 0.0) or row.since))
