"""A command of the command line at work: what it prints while it runs, and how it ended."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import cast

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Label, Log

from swarmctl.app.verbs import Verb
from swarmctl.core.outcome import ExitCode
from swarmctl.surfaces.tui.station import Station
from swarmctl.surfaces.words.plain import one_line

MOST_LINES = 20_000
LEAVING = "esc leave"


class VerbPage(ModalScreen[None]):
    BINDINGS = [("escape,q", "leave", "leave")]

    def __init__(self, words: Sequence[str]) -> None:
        super().__init__()
        self._words = tuple(words)
        self._verb: Verb | None = None

    @property
    def station(self) -> Station:
        return cast(Station, self.app)

    def compose(self) -> ComposeResult:
        with Vertical(classes="box page"):
            yield Label(Text(one_line(f"$ swarmctl {shlex.join(self._words)}")), classes="title")
            yield Log(max_lines=MOST_LINES)
            yield Label("running …   esc leave: what it asked for goes on", classes="note", id="state")

    def on_mount(self) -> None:
        self.query_one(Log).focus()
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        columns = max(20, self.query_one(Log).scrollable_content_region.width - 1)
        self.station.in_background(lambda: self._run(columns), self._show_end)

    def _run(self, columns: int) -> int:
        """In a thread."""
        self._verb = verb = Verb(self._words, self.station.place.repository.root, columns)
        if not self.is_attached:
            verb.end()
        for text in verb.output():
            self.app.call_from_thread(self._hear, text)
        return verb.rc()

    def _hear(self, text: str) -> None:
        if self.is_attached:
            log = self.query_one(Log)
            log.write("\n".join(one_line(line.expandtabs()) for line in text.replace("\r\n", "\n").split("\n")))

    def _show_end(self, rc: int) -> None:
        if self.is_attached:
            state = self.query_one("#state", Label)
            state.set_class(rc != 0, "bad")
            state.update(Text(f"{end_words(rc)}   {LEAVING}"))

    def action_leave(self) -> None:
        self.dismiss(None)

    def on_unmount(self) -> None:
        if self._verb is not None:
            self._verb.end()


def end_words(rc: int) -> str:
    if rc == 0:
        return "✓ done"
    if rc < 0:
        return f"✗ ended by signal {-rc}"
    known = {int(code): code.name.lower().replace("_", " ") for code in ExitCode}
    return f"✗ ended with {rc}: {known[rc]}" if rc in known else f"✗ ended with {rc}"
