"""Asks for the name of a file that is to be written."""

from __future__ import annotations

from pathlib import Path

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Label


class AskFile(ModalScreen[Path | None]):
    BINDINGS = [("escape", "leave", "leave")]

    def __init__(self, title: str, path: str) -> None:
        super().__init__()
        self._title, self._path = title, path

    def compose(self) -> ComposeResult:
        with Vertical(classes="box"):
            yield Label(Text(self._title), classes="title")
            yield Input(self._path, compact=True, select_on_focus=False)
            yield Label("⏎ write it   esc leave   a file that is there already stays", classes="note")

    def on_mount(self) -> None:
        self.query_one(Input).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        if event.value.strip():
            self.dismiss(Path(event.value.strip()).expanduser().absolute())

    def action_leave(self) -> None:
        self.dismiss(None)
