"""A long text to read and to search; only the lines on the screen are ever drawn."""

from __future__ import annotations

from collections.abc import Callable

from rich.text import Text
from textual.app import ComposeResult
from textual.widgets import Input, Static

from swarmctl.core.errors import SwarmError
from swarmctl.surfaces.tui.bars import KeyBar
from swarmctl.surfaces.tui.deed_screen import DeedScreen
from swarmctl.surfaces.tui.preview_pane import PreviewPane
from swarmctl.surfaces.tui.screen_deeds import LOG_DEEDS
from swarmctl.surfaces.words.plain import one_line

Lines = tuple[str, ...]


class LogScreen(DeedScreen[int]):
    NAME = "log"
    DEEDS = LOG_DEEDS

    def __init__(self, title: str, read: Callable[[], Lines]) -> None:
        """`read` is called in a thread."""
        super().__init__()
        self._title, self._read = one_line(title), read
        self._lines: Lines | None = None
        self._hits = 0

    @property
    def ground(self) -> int:
        """How many lines have what is searched for."""
        return self._hits

    def compose(self) -> ComposeResult:
        yield Static(id="screen-top")
        yield Input(id="find", placeholder="search in the log")
        yield PreviewPane(id="log")
        yield KeyBar(self.deeds)

    def on_mount(self) -> None:
        self.query_one(PreviewPane).focus()
        self._show_words("reading …")
        self.show_keys()
        self.station.in_background(self._read, self._came, self._complain)

    def _came(self, lines: Lines) -> None:
        if self.is_attached:
            self._lines = lines
            self.query_one(PreviewPane).show(self._title, lines, "It is empty, or not kept any more.")
            self._show_words()

    def _complain(self, error: SwarmError) -> None:
        if self.is_attached:
            self.station.complain(error)
            self._show_words("could not be read")

    def _show_words(self, note: str = "") -> None:
        words = note or f"{len(self._lines or ())} lines" + (f", {self._hits} found" if self._hits else "")
        top = Text(self._title, "bold", no_wrap=True, overflow="ellipsis")
        self.query_one("#screen-top", Static).update(top.append(f"   {words}", "not bold dim"))

    def do_find(self) -> None:
        find = self.query_one(Input)
        find.add_class("shown")
        find.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        self._hits = self.query_one(PreviewPane).search(event.value)
        self._show_words()
        self.show_keys()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self._close_find()

    def _close_find(self) -> None:
        self.query_one(Input).remove_class("shown")
        self.query_one(PreviewPane).focus()

    def do_next(self) -> None:
        self.query_one(PreviewPane).seek(1)

    def do_previous(self) -> None:
        self.query_one(PreviewPane).seek(-1)

    def action_back(self) -> None:
        if self.query_one(Input).has_class("shown") or self._hits:
            self.query_one(Input).value = ""
            self._close_find()
        else:
            self.dismiss(None)
