"""The lines of one file's diff, one side under the other or beside it; only lines on the screen are ever made."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from swarmctl.app.looked import Comment
from swarmctl.core.patch import Line, run_at
from swarmctl.core.rejection import Run
from swarmctl.surfaces.tui.diff_layout import COMMENT, Layout
from swarmctl.surfaces.tui.diff_model import Inks, Opened
from swarmctl.surfaces.tui.diff_search import Haystack, marked, spans
from swarmctl.surfaces.tui.diff_text import differing, pieces
from swarmctl.surfaces.tui.swarm_list import MOVES, fit

NARROW = 70
"""Below this one number stands before a line."""
INKS = ("comment", "keyword", "string", "number", "name", "builtin")
GROUNDS = {"-": "diff--removed", "+": "diff--added"}


class DiffView(ScrollView, can_focus=True):
    COMPONENT_CLASSES = {
        *(f"diff--{ink}" for ink in INKS),
        *GROUNDS.values(),
        *(f"{ground}-word" for ground in GROUNDS.values()),
        *("diff--gutter", "diff--cursor", "diff--hunk", "diff--remark", "diff--none", "diff--note"),
        *("diff--found", "diff--found-here"),
    }
    BINDINGS = [
        *MOVES,
        ("g", "edge(-1)", "first"),
        ("G", "edge(1)", "last"),
        ("left", "slide(-8)", "left"),
        ("right", "slide(8)", "right"),
    ]
    cursor: reactive[int] = reactive(0)

    class Pointed(Message):
        """Another line is under the cursor."""

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self._layout: Layout | None = None
        self.split = False
        self._inks: Inks = {}
        self._note = ""
        self.wanted = ""
        """What is searched for."""
        self._haystack: tuple[Opened, Haystack] | None = None
        self._hits: list[int] = []
        """Rows that have it."""
        self._shift = 0
        self._base = Style()
        """What every line stands on; asked for once for all lines of a screen."""

    @property
    def opened(self) -> Opened | None:
        return self._layout.opened if self._layout is not None else None

    @property
    def line(self) -> Line | None:
        """Under the cursor, or that of the comment under it; beside each other, the new one."""
        if self._layout is None or not len(self._layout):
            return None
        place = self._layout.place(self.cursor)
        return self._layout.opened.lines[place] if place >= 0 else None

    @property
    def run(self) -> Run | None:
        """The change under the cursor."""
        if self._layout is None or not len(self._layout):
            return None
        return run_at(self._layout.opened.lines, self._layout.place(self.cursor))

    @property
    def remark(self) -> Comment | None:
        """The comment under the cursor, or the one at its line."""
        layout = self._layout
        if layout is None:
            return None
        for at in range(self.cursor, min(self.cursor + 2, len(layout))):
            left, right = layout[at]
            if left == COMMENT:
                return layout.remarks[right][0]
        return None

    @property
    def change(self) -> tuple[int, int]:
        """The number of the one that the cursor is in or after, and how many there are."""
        layout = self._layout
        return (layout.change(self.cursor), len(layout.opened.runs)) if layout is not None else (0, 0)

    def say(self, note: str) -> None:
        """In place of lines."""
        self._layout, self._note = None, note
        self.virtual_size = Size(1, 0)
        self.refresh()

    def show(self, opened: Opened, comments: Iterable[Comment], note: str = "") -> None:
        """The same file again keeps the cursor on its line."""
        before, line = self.opened, self.line
        same = before is not None and before.change.new == opened.change.new
        if not same:
            self._shift = 0
        if opened.inks or not same:
            self._inks = opened.inks
        self._note = note
        layout = self._lay_out(opened, comments)
        if same:
            place = layout.nearest(line) if line else self.cursor
        else:
            place = layout.seek(-1, 1)
            self.scroll_to(0, 0, animate=False, force=True)
        self.set_reactive(DiffView.cursor, self.validate_cursor(place))
        self._point()

    def colour(self, inks: Inks) -> None:
        self._inks = inks
        self.refresh()

    def turn(self, split: bool, comments: Iterable[Comment]) -> None:
        before = self._layout
        self.split = split
        if before is None:
            return
        layout = self._lay_out(before.opened, comments)
        place = before.place(self.cursor) if len(before) else -1
        self.set_reactive(DiffView.cursor, layout.at(place) if place >= 0 else 0)
        self._point()

    def _lay_out(self, opened: Opened, comments: Iterable[Comment]) -> Layout:
        layout = self._layout = Layout(opened, self.split, comments)
        self.virtual_size = Size(1, len(layout))
        self._look_for()
        return layout

    def search(self, wanted: str, begin: int) -> None:
        """The cursor goes to the first line with it from this row on, round at the end; nothing: back to that row."""
        self.wanted = wanted
        self._look_for()
        after = bisect_left(self._hits, begin)
        self._go_to(self._hits[after % len(self._hits)] if self._hits else begin)

    def _look_for(self) -> None:
        if self._layout is None or not self.wanted:
            self._hits, self._haystack = [], None
            return
        opened = self._layout.opened
        if self._haystack is None or self._haystack[0] is not opened:
            self._haystack = opened, Haystack(line.text for line in opened.lines)
        self._hits = self._layout.rows(self._haystack[1].places(self.wanted))

    @property
    def hit(self) -> tuple[int, int]:
        """The number of the one that the cursor is at or after, and how many there are."""
        return bisect_right(self._hits, self.cursor), len(self._hits)

    def seek_hit(self, by: int) -> bool:
        """To the next or previous line with what is searched for, round at the ends; whether there is one."""
        if not self._hits:
            return False
        number = bisect_right(self._hits, self.cursor) if by > 0 else bisect_left(self._hits, self.cursor) - 1
        self._go_to(self._hits[number % len(self._hits)])
        return True

    def _go_to(self, row: int) -> None:
        """With what is found there, however long the line is."""
        if not int(self.scroll_offset.y) <= row < int(self.scroll_offset.y) + self.size.height:
            self.scroll_to(y=max(0, row - self.size.height // 3), animate=False, force=True)
        self.set_reactive(DiffView.cursor, self.validate_cursor(row))
        self._slide_to_hit()
        self._point()

    def _slide_to_hit(self) -> None:
        layout = self._layout
        if layout is None or not self.wanted or not len(layout) or layout[self.cursor][0] == COMMENT:
            return
        for place in reversed(layout[self.cursor]):
            text = layout.opened.lines[place].text if place >= 0 else ""
            for begin, end in spans(text, self.wanted):
                left, right = cell_len(text[:begin]), cell_len(text[:end])
                if right < self._room:
                    self._shift = 0
                elif not (self._shift <= left and right < self._shift + self._room):
                    self._shift = max(0, left - self._room // 3)
                return

    @property
    def _count(self) -> int:
        return len(self._layout) if self._layout is not None else 0

    def validate_cursor(self, cursor: int) -> int:
        return max(0, min(cursor, self._count - 1))

    def watch_cursor(self, before: int, now: int) -> None:
        self._point()

    def _point(self) -> None:
        """The cursor stays on the screen, with a line of what surrounds it."""
        top, height = int(self.scroll_offset.y), max(1, self.size.height)
        around = 2 if height > 8 else 0
        goal = min(max(top, self.cursor + around + 1 - height), max(0, self.cursor - around))
        if goal != top:
            self.scroll_to(y=goal, animate=False, force=True)
        self.post_message(self.Pointed())
        self.refresh()

    def on_resize(self) -> None:
        self.virtual_size = Size(1, self._count)
        self._point()

    def action_move(self, by: int) -> None:
        self.cursor += by

    def action_page(self, by: int) -> None:
        self.cursor += by * max(1, self.size.height - 2)

    def action_edge(self, side: int) -> None:
        self.cursor = 0 if side < 0 else self._count - 1

    def action_slide(self, by: int) -> None:
        longest = self.opened.width if self.opened else 0
        self._shift = max(0, min(self._shift + by, longest - self._room + 1))
        self.refresh()

    def seek(self, by: int) -> bool:
        """To the next or previous change; whether there is one."""
        at = self._layout.seek(self.cursor, by) if self._layout is not None else -1
        if at < 0:
            return False
        self.scroll_to(y=max(0, at - self.size.height // 3), animate=False, force=True)
        self.cursor = at
        return True

    def on_click(self, event: events.Click) -> None:
        at = event.y + int(self.scroll_offset.y)
        if at < self._count:
            self.cursor = at

    @property
    def _digits(self) -> int:
        assert self.opened is not None
        lines = self.opened.lines
        return max(3, *(len(str(max(line.old, line.new))) for line in lines[-3:])) if lines else 3

    @property
    def _room(self) -> int:
        """Columns that code has."""
        width = self.scrollable_content_region.width
        if self.opened is None:
            return width
        if self.split:
            return (width - 1) // 2 - self._digits - 4
        return width - self._digits * (1 if width < NARROW else 2) - 5

    def _style(self, part: str) -> Style:
        return self.get_component_rich_style(f"diff--{part}")

    def _ink(self, part: str) -> Style:
        """Its own colours only: the line has its ground."""
        full = self._style(part)
        return Style(color=full.color, bold=full.bold, italic=full.italic)

    def render_lines(self, crop: Region) -> list[Strip]:
        self._base = self.rich_style
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        width, base = self.scrollable_content_region.width, self._base
        at = y + int(self.scroll_offset.y)
        layout = self._layout
        if layout is None or at >= len(layout):
            note = f"  {self._note}" if y == 1 and not self._count else ""
            return Strip([Segment(note, self._style("note"))]).adjust_cell_length(width, base)
        left, right = layout[at]
        here = at == self.cursor
        if left == COMMENT:
            return self._remark_line(layout.remarks[right][1], here, width)
        if left >= 0 and layout.opened.lines[left].kind == "@":
            return self._heading(layout.opened.lines[left], here, width)
        if not self.split:
            return Strip(self._side(left, here, width, both=width >= NARROW)).adjust_cell_length(width, base)
        half = (width - 1) // 2
        bar = Segment("│", self._style("gutter"))
        parts = [*self._side(left, here, half, both=False), bar]
        return Strip([*parts, *self._side(right, here, width - half - 1, both=False, old=False)])

    def _remark_line(self, words: str, here: bool, width: int) -> Strip:
        style = self._style("remark")
        edge = Segment(f"{'▌' if here else ' '}{' ' * self._digits} ┃ ", style)
        shown = fit(words, max(0, width - edge.cell_length))
        return Strip([edge, Segment(shown, style)]).adjust_cell_length(width, style)

    def _heading(self, line: Line, here: bool, width: int) -> Strip:
        style = self._style("cursor" if here and self.has_focus else "hunk")
        ink = Style(color=self._ink("hunk").color) + Style(bgcolor=style.bgcolor)
        edge = Segment(f"{'▌' if here else ' '}{'┄' * self._digits} {line.new or line.old}  ", ink)
        return Strip([edge, *self._marked([Segment(line.text, ink)], line.text, here)]).adjust_cell_length(width, ink)

    def _side(self, place: int, here: bool, width: int, *, both: bool, old: bool = True) -> list[Segment]:
        """One line of one side, exactly so wide; `both` has the numbers of both sides."""
        assert self.opened is not None
        if place < 0:
            return [Segment(" " * width, self._style("none"))]
        line = self.opened.lines[place]
        if self.split and line.kind == " ":
            line = line._replace(new=0) if old else line._replace(old=0)
        ground = self._ground(line.kind, here)
        digits = self._digits
        numbers = (line.old, line.new) if both else (line.old if line.kind == "-" else line.new or line.old,)
        shown = " ".join(f"{number or '':>{digits}}" for number in numbers)
        edge = "▌" if here and (old or both) else " "
        sign = line.kind if line.kind in "-+" else " "
        gutter = [
            Segment(f"{edge}{shown}", self._ink("gutter") + ground),
            Segment(f" {sign} ", Style(bold=True) + self._sign(line.kind) + ground),
        ]
        room = width - sum(part.cell_length for part in gutter)
        code = Strip(self._code(line, place, here))
        cut = cell_len(line.text) - self._shift > room
        strip = code.crop(self._shift, self._shift + room).adjust_cell_length(room, ground)
        if cut and room > 1:
            strip = Strip([*strip.crop(0, room - 1), Segment("▸", self._ink("gutter") + ground)])
        return [*gutter, *strip]

    def _ground(self, kind: str, here: bool) -> Style:
        part = "cursor" if here and self.has_focus else GROUNDS.get(kind, "").removeprefix("diff--")
        return Style(bgcolor=(self._style(part) if part else self._base).bgcolor)

    def _sign(self, kind: str) -> Style:
        return Style(color=self._style(GROUNDS[kind].removeprefix("diff--")).color) if kind in GROUNDS else Style()

    def _code(self, line: Line, place: int, here: bool) -> list[Segment]:
        assert self.opened is not None
        ground = Style(color=self._base.color) + self._ground(line.kind, here)
        if line.kind == "\\":
            style = self._ink("note") + ground
            return [Segment("⏎ ", style), *self._marked([Segment(line.text, style)], line.text, here)]
        is_old = line.kind == "-" or line.new == 0
        tokens = self._inks.get((is_old, line.old if is_old else line.new), ())
        other = self.opened.beside[place]
        marks: tuple[tuple[int, int], ...] = ()
        if other >= 0:
            ours, theirs = (line.text, self.opened.lines[other].text)
            marks = differing(ours, theirs)[0] if line.kind == "-" else differing(theirs, ours)[1]
        found = []
        for words, ink, differs in pieces(line.text, tokens, marks):
            style = ground + self._ink(ink) if ink else ground
            if differs:
                word = self._style(f"{GROUNDS[line.kind].removeprefix('diff--')}-word")
                style += Style(bgcolor=word.bgcolor, bold=True)
            found.append(Segment(words, style))
        return self._marked(found, line.text, here)

    def _marked(self, parts: list[Segment], text: str, here: bool) -> list[Segment]:
        """What is searched for stands out, most of all under the cursor."""
        if not self.wanted or not (found := list(spans(text, self.wanted))):
            return parts
        full = self._style("found-here" if here else "found")
        return marked(parts, found, Style(color=full.color, bgcolor=full.bgcolor, bold=True))
