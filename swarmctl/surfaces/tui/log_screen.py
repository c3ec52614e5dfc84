"""A long text to read and to search, while it grows as well; only the lines on the screen are ever drawn."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from rich.text import Text
from textual.app import ComposeResult
from textual.widgets import Input, Static

from swarmctl.core.errors import SwarmError
from swarmctl.surfaces.tui.bars import KeyBar
from swarmctl.surfaces.tui.deed_screen import DeedScreen
from swarmctl.surfaces.tui.log_pane import LogPane
from swarmctl.surfaces.tui.screen_deeds import LOG_DEEDS
from swarmctl.surfaces.tui.when_moved import WhenMoved
from swarmctl.surfaces.words.plain import one_line

Lines = tuple[str, ...]


class LogScreen(DeedScreen[int]):
    NAME = "log"
    DEEDS = LOG_DEEDS

    def __init__(self, title: str, read: Callable[[], Lines], mark: Callable[[], object] = lambda: 0) -> None:
        """`read` is called in a thread, again whenever `mark` is another one."""
        super().__init__()
        self._title = one_line(title)
        self._made = mark, read
        self._lines: Lines | None = None
        self._hits = 0

    @property
    def ground(self) -> int:
        """How many lines have what is searched for."""
        return self._hits

    def compose(self) -> ComposeResult:
        yield Static(id="screen-top")
        yield Input(id="find", placeholder="search in the log")
        yield LogPane(id="log")
        yield KeyBar(self.deeds)

    def on_mount(self) -> None:
        self.query_one(LogPane).focus()
        self._show_words("reading …")
        self.show_keys()
        self.reading = WhenMoved("log", *self._made, partial(self.app.call_later, self._came))
        self.reading.start()
        self.set_interval(1.0, self._tick)

    def on_unmount(self) -> None:
        self.reading.stop()

    def _tick(self) -> None:
        self.reading.is_looked_at(self.is_current and self.app.app_focus)
        if self._lines is not None:
            self._show_words()

    def _came(self, found: Lines | SwarmError) -> None:
        if not self.is_attached:
            return
        if isinstance(found, SwarmError):
            self.station.complain(found)
            self._show_words("could not be read")
            return
        self._lines = found
        pane = self.query_one(LogPane)
        pane.show(self._title, found, "It is empty, or not kept any more.")
        self._hits = pane.count()
        self._show_words()
        self.show_keys()

    def _show_words(self, note: str = "") -> None:
        words = note or f"{len(self._lines or ())} lines" + (f", {self._hits} found" if self._hits else "")
        if self.query_one(LogPane).is_behind:
            words += "  ·  more came: end"
        top = Text(self._title, "bold", no_wrap=True, overflow="ellipsis")
        self.query_one("#screen-top", Static).update(top.append(f"   {words}", "not bold dim"))

    def do_find(self) -> None:
        find = self.query_one(Input)
        find.add_class("shown")
        find.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        self._hits = self.query_one(LogPane).search(event.value)
        self._show_words()
        self.show_keys()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self._close_find()

    def _close_find(self) -> None:
        self.query_one(Input).remove_class("shown")
        self.query_one(LogPane).focus()

    def do_next(self) -> None:
        self.query_one(LogPane).seek(1)

    def do_previous(self) -> None:
        self.query_one(LogPane).seek(-1)

    def action_back(self) -> None:
        if self.query_one(Input).has_class("shown") or self._hits:
            self.query_one(Input).value = ""
            self._close_find()
        else:
            self.dismiss(None)
