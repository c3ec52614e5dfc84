"""Attempts at one task: a column each where there is room, else a table with what is to be said of the selected one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from swarmctl.app.contests import Entry, Ranking
from swarmctl.surfaces.tui.compare_sheet import HEADS, INKS, LEFT_OUT, Cell, Part, details, sheet, table
from swarmctl.surfaces.tui.swarm_list import fit

BESIDE = 120
"""Columns of the terminal from which on every attempt has one of its own."""
LEAST = 26
MOST = 60
"""Columns of an attempt."""
LABELS = 11
"""Columns of what stands before the cells."""
GAP = 2


class Entries(Widget, can_focus=True):
    COMPONENT_CLASSES = {*(f"entries--{ink}" for ink in INKS), "entries--label", "entries--cursor", "entries--edge"}
    BINDINGS = [
        ("left", "turn(-1, True)", "the one before"),
        ("right", "turn(1, True)", "the next one"),
        ("up,k", "turn(-1, False)", "up"),
        ("down,j", "turn(1, False)", "down"),
    ]

    class Pointed(Message):
        """Another attempt is selected."""

    class Stepped(Message):
        """To another file."""

        def __init__(self, by: int) -> None:
            self.by = by
            super().__init__()

    class Opened(Message):
        """An attempt was clicked twice."""

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self.ranking: Ranking | None = None
        self.cursor = 0
        self._first = 0
        """The first of those that have a column on the screen."""
        self._lines: list[Strip] | None = None

    @property
    def current(self) -> Entry | None:
        entries = self.ranking.entries if self.ranking else ()
        return entries[self.cursor] if self.cursor < len(entries) else None

    @property
    def beside(self) -> bool:
        return self.size.width >= BESIDE

    def show(self, ranking: Ranking, name: str = "") -> None:
        """The cursor stays on its attempt, whatever rank that has now; `name`, of a session or a task, moves it."""
        before = self.current
        wanted = name or (before.task.id if before else "")
        self.ranking = ranking
        found = (at for at, entry in enumerate(ranking.entries) if wanted in (entry.task.id, entry.name))
        self.cursor = next(found, min(self.cursor, max(0, len(ranking.entries) - 1)))
        self._redraw(layout=True)

    def select(self, at: int) -> None:
        count = len(self.ranking.entries) if self.ranking else 0
        at = max(0, min(at, count - 1))
        if at != self.cursor:
            self.cursor = at
            self._redraw(layout=not self.beside)
            self.post_message(self.Pointed())

    def _redraw(self, *, layout: bool = False) -> None:
        self._lines = None
        self.refresh(layout=layout)

    def action_turn(self, by: int, sideways: bool) -> None:
        """What lies in the direction of the arrow: attempts lie beside each other, or one below the other."""
        if sideways == self.beside:
            self.select(self.cursor + by)
        else:
            self.post_message(self.Stepped(by))

    def on_resize(self) -> None:
        self._redraw()

    def on_focus(self) -> None:
        self._redraw()

    def on_blur(self) -> None:
        self._redraw()

    def notify_style_update(self) -> None:
        self._lines = None
        super().notify_style_update()

    def on_click(self, event: events.Click) -> None:
        if self.ranking is None:
            return
        _, width = self._columns(self.size.width)
        at = self._first + (event.x - LABELS) // width if self.beside else self._first + event.y - 1
        if (event.x >= LABELS or not self.beside) and 0 <= at < len(self.ranking.entries):
            self.select(at)
            if event.chain == 2:
                self.post_message(self.Opened())

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        if self.ranking is None:
            return 1
        if width >= BESIDE:
            return len(sheet(self.ranking, self._columns(width)[1] - GAP - 1))
        current = self.current
        return 1 + len(self.ranking.entries) + (len(details(self.ranking, current, width - LABELS)) if current else 0)

    def _columns(self, width: int) -> tuple[int, int]:
        """How many attempts have one, and how wide it is."""
        there = max(1, len(self.ranking.entries) if self.ranking else 1)
        count = max(1, min(there, (width - LABELS) // LEAST))
        return count, max(1, min(MOST, (width - LABELS) // count))

    def render_line(self, y: int) -> Strip:
        if self._lines is None:
            self._lines = self._made()
        blank = Strip.blank(self.size.width, self.rich_style)
        return self._lines[y] if y < len(self._lines) else blank

    def _made(self) -> list[Strip]:
        if self.ranking is None:
            return []
        rows = self._beside(self.ranking) if self.beside else self._table(self.ranking)
        return [Strip(parts).adjust_cell_length(self.size.width, self.rich_style) for parts in rows]

    def _beside(self, ranking: Ranking) -> Iterator[list[Segment]]:
        count, width = self._columns(self.size.width)
        self._first = max(0, min(max(self._first, self.cursor - count + 1), self.cursor, len(ranking.entries) - count))
        label = self.rich_style + self._ink("label")
        for number, line in enumerate(sheet(ranking, width - GAP - 1)):
            head = line.head or ("", self._beyond(count))[number == 0]
            parts = [Segment(fit(f" {head}", LABELS), label)]
            for at in range(self._first, self._first + count):
                parts += self._cell(line.cells[at], width, at == self.cursor)
            yield parts

    def _beyond(self, count: int) -> str:
        """Those that have no column now."""
        assert self.ranking is not None
        before, after = self._first, len(self.ranking.entries) - self._first - count
        return "  ".join(filter(None, (f"◂ {before}" if before else "", f"{after} ▸" if after else "")))

    def _cell(self, cell: Cell, width: int, here: bool) -> list[Segment]:
        ground = self._ground(here)
        edge = Segment("▌ " if here else "│ ", ground + self._ink("lead" if here else "edge"))
        return [edge, *self._fitted(cell, width - GAP - 1, ground), Segment(" ", ground)]

    def _ground(self, here: bool) -> Style:
        full = self.get_component_rich_style("entries--cursor") if here else self.rich_style
        return Style(color=self.rich_style.color, bgcolor=full.bgcolor)

    def _ink(self, part: str) -> Style:
        """Its own colours only: the cell has its ground."""
        if not part:
            return Style()
        full = self.get_component_rich_style(f"entries--{part}")
        return Style(color=full.color, bold=full.bold)

    def _fitted(self, cell: Iterable[Part], room: int, ground: Style) -> list[Segment]:
        """Exactly so wide."""
        found = []
        for words, ink in cell:
            shown = words if cell_len(words) <= room else fit(words, room)
            room -= cell_len(shown)
            found.append(Segment(shown, ground + self._ink(ink)))
        return [*found, Segment(" " * room, ground)]

    def _table(self, ranking: Ranking) -> Iterator[list[Segment]]:
        rows, current = table(ranking), self.current
        widths = _widths(rows, self.size.width - 1)
        label = self.rich_style + self._ink("label")
        yield [Segment(" ", label), *(Segment(fit(HEADS[at], widths[at] + GAP), label) for at in widths)]
        tail = details(ranking, current, self.size.width - LABELS) if current else ()
        count = max(1, min(len(rows), self.size.height - 1))
        self._first = max(0, min(max(self._first, self.cursor - count + 1), self.cursor, len(rows) - count))
        for number in range(self._first, self._first + count):
            ground = self._ground(number == self.cursor)
            parts = [Segment("▌" if number == self.cursor else " ", ground + self._ink("lead"))]
            for at, width in widths.items():
                parts += [*self._fitted(rows[number][at], width, ground), Segment(" " * GAP, ground)]
            yield list(Strip(parts).adjust_cell_length(self.size.width, ground))
        for head, cell in tail:
            ground = self._ground(False)
            yield [Segment(fit(f" {head}", LABELS), label), *self._fitted(cell, self.size.width - LABELS, ground)]


def _widths(rows: tuple[tuple[Cell, ...], ...], width: int) -> dict[int, int]:
    """Of the columns that have room, by their number."""
    found = {
        at: max([len(head), *(sum(cell_len(words) for words, _ in row[at]) for row in rows)])
        for at, head in enumerate(HEADS)
    }
    for name in LEFT_OUT:
        if sum(found.values()) + GAP * len(found) > width:
            del found[HEADS.index(name)]
    over = sum(found.values()) + GAP * len(found) - width
    gates = HEADS.index("gates")
    found[gates] = max(len(HEADS[gates]), found[gates] - max(0, over))
    return found
