"""The lines of one file's diff, one side under the other or beside it; only lines on the screen are ever made."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from swarmctl.app.looked import Comment
from swarmctl.core.patch import Line
from swarmctl.surfaces.tui.diff_model import Inks, Opened, places_of
from swarmctl.surfaces.tui.diff_text import differing, pieces
from swarmctl.surfaces.tui.swarm_list import fit
from swarmctl.surfaces.words.plain import one_line

COMMENT = -2
"""In place of the left line: the right one is the number of a comment's line."""
NARROW = 70
"""Below this one number stands before a line."""
INKS = ("comment", "keyword", "string", "number", "name", "builtin")
GROUNDS = {"-": "diff--removed", "+": "diff--added"}

Row = tuple[int, int]


class DiffView(ScrollView, can_focus=True):
    COMPONENT_CLASSES = {
        *(f"diff--{ink}" for ink in INKS),
        *GROUNDS.values(),
        *(f"{ground}-word" for ground in GROUNDS.values()),
        *("diff--gutter", "diff--cursor", "diff--hunk", "diff--remark", "diff--none", "diff--note"),
    }
    BINDINGS = [
        ("up,k", "move(-1)", "up"),
        ("down,j", "move(1)", "down"),
        ("pageup,ctrl+u", "page(-1)", "page up"),
        ("pagedown,ctrl+d", "page(1)", "page down"),
        ("home,g", "edge(-1)", "first"),
        ("end,G", "edge(1)", "last"),
        ("left", "slide(-8)", "left"),
        ("right", "slide(8)", "right"),
    ]
    cursor: reactive[int] = reactive(0)

    class Pointed(Message):
        """Another line is under the cursor."""

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self.opened: Opened | None = None
        self.split = False
        self._inks: Inks = {}
        self._rows: list[Row] = []
        self._remarks: list[tuple[Comment, str]] = []
        self._stops: list[int] = []
        self._note = ""
        self._shift = 0

    @property
    def line(self) -> Line | None:
        """Under the cursor; beside each other, the new one."""
        if self.opened is None or not self._rows:
            return None
        left, right = self._rows[self.cursor]
        if left == COMMENT:
            return None
        return self.opened.lines[right if right >= 0 else left]

    @property
    def remark(self) -> Comment | None:
        """The comment under the cursor, or the one at its line."""
        if not self._rows:
            return None
        for at in (self.cursor, self.cursor + 1):
            if at < len(self._rows) and self._rows[at][0] == COMMENT:
                return self._remarks[self._rows[at][1]][0]
        return None

    @property
    def change(self) -> tuple[int, int]:
        """The number of the one that the cursor is in or after, and how many there are."""
        return bisect_right(self._stops, self.cursor), len(self._stops)

    def say(self, note: str) -> None:
        """In place of lines."""
        self.opened, self._rows, self._remarks, self._stops, self._note = None, [], [], [], note
        self.virtual_size = Size(0, 0)
        self.refresh()

    def show(self, opened: Opened, comments: Iterable[Comment], note: str = "") -> None:
        """The same file again keeps the cursor on its line."""
        before, line = self.opened, self.line
        same = before is not None and before.change.new == opened.change.new
        if not same:
            self._inks, self._shift = {}, 0
        self.opened, self._note = opened, note
        self._lay_out(tuple(comments))
        place = self._place_of(line) if same and line else self.cursor if same else next(iter(self._stops), 0)
        self.set_reactive(DiffView.cursor, self.validate_cursor(place))
        if not same:
            self.scroll_to(0, 0, animate=False, force=True)
        self._point()

    def colour(self, inks: Inks) -> None:
        self._inks = inks
        self.refresh()

    def turn(self, split: bool, comments: Iterable[Comment]) -> None:
        if split != self.split:
            line, self.split = self.line, split
            self._lay_out(tuple(comments))
            if line:
                self.set_reactive(DiffView.cursor, self._place_of(line))
            self._point()

    def _lay_out(self, comments: tuple[Comment, ...]) -> None:
        opened = self.opened
        if opened is None:
            return
        rows: list[Row] = opened.pairs if self.split else [(at, at) for at in range(len(opened.lines))]
        self._remarks = []
        placed = places_of(opened.lines, comments) if comments else {}
        if placed:
            rows = self._with_remarks(rows, placed)
        self._rows = rows
        self._stops = [at for at in range(len(rows)) if self._differs(at) and not self._differs(at - 1)]
        self.virtual_size = Size(1, len(rows))

    def _differs(self, at: int) -> bool:
        """A comment does not end a change."""
        while at >= 0 and self._rows[at][0] == COMMENT:
            at -= 1
        left, right = self._rows[at] if at >= 0 else (0, 0)
        assert self.opened is not None
        return left != right or self.opened.lines[left].kind in "-+\\"

    def _with_remarks(self, rows: list[Row], placed: Mapping[int, list[Comment]]) -> list[Row]:
        found: list[Row] = []
        for row in [(-1, -1), *rows]:
            if row[0] >= 0 or row[1] >= 0:
                found.append(row)
            for place in dict.fromkeys(row):
                for comment in placed.get(place, ()) if place >= 0 or row == (-1, -1) else ():
                    for number, words in enumerate(comment.words.split("\n")):
                        self._remarks.append((comment, f"{'✎' if not number else ' '} {one_line(words)}"))
                        found.append((COMMENT, len(self._remarks) - 1))
        return found

    def _place_of(self, line: Line) -> int:
        """Where it is now, or the first one at or after it."""
        assert self.opened is not None
        lines, is_old = self.opened.lines, line.kind == "-"
        for at, (left, right) in enumerate(self._rows):
            if left == COMMENT:
                continue
            place = left if is_old or right < 0 else right
            if place < 0 or lines[place].kind == "@":
                continue
            there, wanted = (lines[place].old, line.old) if is_old else (lines[place].new, line.new)
            if there >= wanted > 0:
                return at
        return 0

    def validate_cursor(self, cursor: int) -> int:
        return max(0, min(cursor, len(self._rows) - 1))

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
        self.virtual_size = Size(1, len(self._rows))
        self._point()

    def action_move(self, by: int) -> None:
        self.cursor += by

    def action_page(self, by: int) -> None:
        self.cursor += by * max(1, self.size.height - 2)

    def action_edge(self, side: int) -> None:
        self.cursor = 0 if side < 0 else len(self._rows) - 1

    def action_slide(self, by: int) -> None:
        longest = self.opened.width if self.opened else 0
        self._shift = max(0, min(self._shift + by, longest - self._room + 1))
        self.refresh()

    def seek(self, by: int) -> bool:
        """To the next or previous change; whether there is one."""
        stops = self._stops
        at = bisect_right(stops, self.cursor) if by > 0 else bisect_left(stops, self.cursor) - 1
        if not 0 <= at < len(stops):
            return False
        self.scroll_to(y=max(0, stops[at] - self.size.height // 3), animate=False, force=True)
        self.cursor = stops[at]
        return True

    def on_click(self, event: events.Click) -> None:
        at = event.y + int(self.scroll_offset.y)
        if at < len(self._rows):
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

    def render_line(self, y: int) -> Strip:
        width, base = self.scrollable_content_region.width, self.rich_style
        at = y + int(self.scroll_offset.y)
        if self.opened is None or at >= len(self._rows):
            note = f"  {self._note}" if y == 1 and not self._rows else ""
            return Strip([Segment(note, self._style("note"))]).adjust_cell_length(width, base)
        left, right = self._rows[at]
        here = at == self.cursor
        if left == COMMENT:
            return self._remark_line(right, here, width)
        if left >= 0 and self.opened.lines[left].kind == "@":
            return self._heading(self.opened.lines[left], here, width)
        if not self.split:
            return Strip(self._side(left, here, width, both=width >= NARROW)).adjust_cell_length(width, base)
        half = (width - 1) // 2
        bar = Segment("│", self._style("gutter"))
        parts = [*self._side(left, here, half, both=False), bar]
        return Strip([*parts, *self._side(right, here, width - half - 1, both=False, old=False)])

    def _remark_line(self, number: int, here: bool, width: int) -> Strip:
        style = self._style("remark")
        edge = Segment(f"{'▌' if here else ' '}{' ' * self._digits} ┃ ", style)
        words = fit(self._remarks[number][1], max(0, width - edge.cell_length))
        return Strip([edge, Segment(words, style)]).adjust_cell_length(width, style)

    def _heading(self, line: Line, here: bool, width: int) -> Strip:
        style = self._style("cursor" if here and self.has_focus else "hunk")
        words = f"{'▌' if here else ' '}{'┄' * self._digits} {line.new or line.old}  {line.text}"
        return Strip([Segment(fit(words, width), Style(color=self._ink("hunk").color) + Style(bgcolor=style.bgcolor))])

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
        return Style(bgcolor=(self._style(part) if part else self.rich_style).bgcolor)

    def _sign(self, kind: str) -> Style:
        return Style(color=self._style(GROUNDS[kind].removeprefix("diff--")).color) if kind in GROUNDS else Style()

    def _code(self, line: Line, place: int, here: bool) -> list[Segment]:
        assert self.opened is not None
        ground = Style(color=self.rich_style.color) + self._ground(line.kind, here)
        if line.kind == "\\":
            return [Segment(f"⏎ {line.text}", self._ink("note") + ground)]
        is_old = line.kind == "-" or line.new == 0
        tokens = self._inks.get((is_old, line.old if is_old else line.new), ())
        other = self.opened.beside.get(place, -1)
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
        return found
