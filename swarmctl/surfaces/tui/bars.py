"""The line above, which counts, and the line below, which says what each key does now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.cells import cell_len
from rich.segment import Segment
from rich.text import Text
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Static

from swarmctl.core.money import dollars
from swarmctl.surfaces.tui.deed import Deed, key_words
from swarmctl.surfaces.tui.rows import GLYPHS, Frame, Group
from swarmctl.surfaces.tui.swarm_list import fit
from swarmctl.surfaces.words.plain import one_line


class TopBar(Widget):
    COMPONENT_CLASSES = {"top--name", "top--need", "top--dim", "top--ready"}

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name_shown = name
        self._narrowed = ""
        self._frame = Frame()

    def show(self, frame: Frame) -> None:
        if frame.totals != self._frame.totals:
            self.refresh()
        self._frame = frame

    def rename(self, name: str) -> None:
        self._name_shown = name
        self.refresh()

    def narrow(self, words: str) -> None:
        """How many are listed, while some are not; else nothing."""
        if words != self._narrowed:
            self._narrowed = words
            self.refresh()

    def render_line(self, y: int) -> Strip:
        width, totals = self.size.width, self._frame.totals
        least = max(12, cell_len(self._narrowed) + 2)
        dim = self.get_component_rich_style("top--dim")
        need = self.get_component_rich_style("top--need") if totals.need else dim
        ready = self.get_component_rich_style("top--ready") if totals.ready else dim
        parts = [
            Segment(f" {GLYPHS[Group.BLOCKED]} {totals.need} need{'s' if totals.need == 1 else ''} you ", need),
            Segment(f" {GLYPHS[Group.UNSEEN]} {totals.ready} ready ", ready),
            Segment(f" {GLYPHS[Group.WORKING]} {totals.working} working ", dim),
            Segment(f" {GLYPHS[Group.WAITING]} {totals.waiting} waiting ", dim),
            Segment(f" queue {totals.queue} ", dim),
            Segment(f" {money_words(totals.spent, totals.cap)} ", dim),
        ]
        while parts and sum(cell_len(part.text) for part in parts) > max(20, width - least):
            parts.pop()
        used = sum(cell_len(part.text) for part in parts)
        name = Segment(
            fit(f" {self._narrowed or self._name_shown}", max(0, width - used)),
            self.get_component_rich_style("top--ready" if self._narrowed else "top--name"),
        )
        return Strip([name, *parts]).adjust_cell_length(width)


def money_words(spent: int, cap: int | None) -> str:
    return f"{dollars(spent)} today" if cap is None else f"{dollars(spent)} of {dollars(cap)} today"


class Words(Static):
    """A line of words: drawn only when they are others, and measured only where they decide how high it is."""

    _said = ""

    def say(self, words: str) -> None:
        if words != self._said:
            self._said = words
            height = self.styles.height
            self.update(Text(one_line(words)), layout=height is None or height.is_auto)


class KeyBar(Widget):
    """A key that does nothing now is dim, and says why when it is pressed."""

    COMPONENT_CLASSES = {"keys--key", "keys--dim", "keys--word"}

    class Pressed(Message):
        def __init__(self, deed: Deed[Any]) -> None:
            self.deed = deed
            super().__init__()

    def __init__(self, deeds: Mapping[str, Deed[Any]]) -> None:
        super().__init__()
        self._deeds = [(key, deed) for key, deed in deeds.items() if deed.shown]
        self._can: tuple[bool, ...] = ()
        self._spans: list[tuple[int, int, Deed[Any]]] = []

    def show(self, why_not: Mapping[str, str]) -> None:
        """Why each key does nothing now; empty when it does."""
        can = tuple(not why_not[key] for key, _ in self._deeds)
        if can != self._can:
            self._can = can
            self.refresh()

    def render_line(self, y: int) -> Strip:
        width, used = self.size.width, 0
        dim = self.get_component_rich_style("keys--dim")
        parts: list[Segment] = []
        self._spans = []
        shown = list(zip(self._deeds, self._can, strict=False))
        help_room = 8
        for (key, deed), can in shown:
            words = (f" {key_words(key)}", f" {deed.label} ")
            size = cell_len(words[0]) + cell_len(words[1])
            is_help = deed.name == "help"
            if used + size + (0 if is_help else help_room) > width:
                continue
            key_style = self.get_component_rich_style("keys--key") if can else dim
            word_style = self.get_component_rich_style("keys--word") if can else dim
            parts += [Segment(words[0], key_style), Segment(words[1], word_style)]
            self._spans.append((used, used + size, deed))
            used += size
        return Strip(parts).adjust_cell_length(width, self.rich_style)

    def on_click(self, event: events.Click) -> None:
        for begin, end, deed in self._spans:
            if begin <= event.x < end:
                self.post_message(self.Pressed(deed))
