"""The files of a diff as a tree; only lines on the screen are ever made, and folders fold."""

from __future__ import annotations

from collections.abc import Mapping

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from swarmctl.core.patch import Change
from swarmctl.surfaces.tui.diff_files import Folder, Leaf, leaves, tree_of
from swarmctl.surfaces.tui.swarm_list import MOVES, fit

MARKS = {"A": "added", "D": "removed", "R": "renamed", "T": "changed", "M": "changed"}
FRESH = "•"


class FileTree(ScrollView, can_focus=True):
    COMPONENT_CLASSES = {
        *("files--added", "files--removed", "files--renamed", "files--changed"),
        *("files--cursor", "files--folder", "files--fresh", "files--dim"),
    }
    BINDINGS = [
        *MOVES,
        ("g", "edge(-1)", "first"),
        ("G", "edge(1)", "last"),
        ("left", "fold(True)", "fold"),
        ("right", "fold(False)", "unfold"),
        ("enter", "open", "open"),
    ]
    cursor: reactive[int] = reactive(0)

    class Pointed(Message):
        """Another file is under the cursor."""

    class Opened(Message):
        """A file is to be read."""

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self.changes: tuple[Change, ...] = ()
        self._root = Folder("")
        self._leaves: list[Leaf] = []
        self._folded: frozenset[str] = frozenset()
        self._fresh: frozenset[str] = frozenset()
        self._noted: Mapping[str, int] = {}
        self._base = Style()

    @property
    def change(self) -> Change | None:
        """The file under the cursor; of a folder none."""
        leaf = self._leaf
        return self.changes[leaf.number] if leaf and leaf.number >= 0 else None

    @property
    def _leaf(self) -> Leaf | None:
        return self._leaves[self.cursor] if self.cursor < len(self._leaves) else None

    def show(self, changes: tuple[Change, ...], fresh: frozenset[str]) -> None:
        """The cursor stays on its file as long as that differs, then beside where it was."""
        path, was = (self._leaf.path, self.cursor) if self._leaf else ("", -1)
        self.changes, self._fresh = changes, fresh
        self._root = tree_of(changes)
        self._lay_out()
        places = {leaf.path: at for at, leaf in enumerate(self._leaves)}
        files = [at for at, leaf in enumerate(self._leaves) if leaf.number >= 0]
        beside = next((at for at in files if at >= was), files[-1] if files else 0)
        self.set_reactive(FileTree.cursor, places.get(path, beside))
        self._point()

    def note(self, comments: Mapping[str, int]) -> None:
        """How many comments each file has."""
        self._noted = comments
        self.refresh()

    def step(self, by: int) -> bool:
        """To the next or previous file that is not folded away; whether there is one."""
        at = self.cursor + by
        while 0 <= at < len(self._leaves):
            if self._leaves[at].number >= 0:
                self.cursor = at
                return True
            at += by
        return False

    def _lay_out(self) -> None:
        self._leaves = leaves(self._root, self.changes, self._folded)
        self.virtual_size = Size(1, len(self._leaves))

    def _point(self) -> None:
        self.scroll_to_region(Region(0, self.cursor, 1, 1), animate=False, force=True)
        self.post_message(self.Pointed())
        self.refresh()

    def validate_cursor(self, cursor: int) -> int:
        return max(0, min(cursor, len(self._leaves) - 1))

    def watch_cursor(self, before: int, now: int) -> None:
        self._point()

    def on_resize(self) -> None:
        self.virtual_size = Size(1, len(self._leaves))
        self.scroll_to_region(Region(0, self.cursor, 1, 1), animate=False, force=True)

    def action_move(self, by: int) -> None:
        self.cursor += by

    def action_page(self, by: int) -> None:
        self.cursor += by * max(1, self.size.height - 1)

    def action_edge(self, side: int) -> None:
        self.cursor = 0 if side < 0 else len(self._leaves) - 1

    def action_open(self) -> None:
        leaf = self._leaf
        if leaf and leaf.number < 0:
            self.action_fold(not leaf.folded)
        elif leaf:
            self.post_message(self.Opened())

    def action_fold(self, folded: bool) -> None:
        """A file folds the folder that it is in."""
        leaf = self._leaf
        if leaf is None:
            return
        if leaf.number >= 0 and not folded:
            self.post_message(self.Opened())
            return
        at = self.cursor
        while folded and at > 0 and (self._leaves[at].number >= 0 or self._leaves[at].folded):
            if self._leaves[at - 1].depth < leaf.depth and self._leaves[at - 1].number < 0:
                at -= 1
                break
            at -= 1
        if self._leaves[at].number < 0:
            path = frozenset({self._leaves[at].path})
            self._folded = self._folded | path if folded else self._folded - path
            self._lay_out()
            self.set_reactive(FileTree.cursor, at)
            self._point()

    def on_click(self, event: events.Click) -> None:
        at = event.y + int(self.scroll_offset.y)
        if at < len(self._leaves):
            again = at == self.cursor
            self.cursor = at
            if event.chain == 2 or (again and self._leaves[at].number < 0):
                self.action_open()

    def _ink(self, part: str) -> Style:
        full = self.get_component_rich_style(f"files--{part}")
        return Style(color=full.color, bold=full.bold, strike=full.strike)

    def render_lines(self, crop: Region) -> list[Strip]:
        self._base = self.rich_style
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        width, at = self.scrollable_content_region.width, y + int(self.scroll_offset.y)
        if at >= len(self._leaves):
            return Strip.blank(width, self._base)
        leaf, here = self._leaves[at], at == self.cursor
        edge = Segment(f"{'▌' if here else ' '}{'  ' * min(leaf.depth, 8)}", self._ink("changed"))
        parts = self._folder(leaf) if leaf.number < 0 else self._file(leaf, width - edge.cell_length)
        style = self.get_component_rich_style("files--cursor") if here else self._base
        return Strip([edge, *parts]).adjust_cell_length(width).apply_style(style)

    def _folder(self, leaf: Leaf) -> list[Segment]:
        return [Segment(f"{'▸' if leaf.folded else '▾'} {leaf.name}/", self._ink("folder"))]

    def _file(self, leaf: Leaf, width: int) -> list[Segment]:
        change = self.changes[leaf.number]
        part = MARKS.get(change.status, "changed")
        counts = self._counts(change)
        noted = self._noted.get(change.new, 0)
        signs = [Segment(f" ✎{noted}", self._ink("fresh"))] if noted else []
        if {change.old, change.new} & self._fresh:
            signs.append(Segment(f" {FRESH}", self._ink("fresh")))
        used = 2 + sum(cell_len(segment.text) for segment in (*signs, *counts))
        ink = Style() if part == "changed" else self._ink(part)
        name = Segment(fit(leaf.name, max(4, width - used - 1)), ink)
        return [Segment(f"{change.status} ", self._ink(part) + Style(bold=True)), name, *signs, *counts]

    def _counts(self, change: Change) -> list[Segment]:
        if change.binary:
            return [Segment(" binary", self._ink("dim"))]
        parts = []
        if change.added:
            parts.append(Segment(f" +{change.added}", self._ink("added")))
        if change.removed:
            parts.append(Segment(f" −{change.removed}", self._ink("removed")))
        return parts
