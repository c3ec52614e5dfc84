"""Small questions over the list: a choice, a page to read. Escape leaves each without a trace."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Label, OptionList, Static
from textual.widgets.option_list import Option


class Choose(ModalScreen[str | None]):
    """One of a few."""

    BINDINGS = [("escape", "leave", "leave")]

    def __init__(self, title: str, options: Sequence[tuple[str, str]], about: str = "") -> None:
        super().__init__()
        self._title, self._options, self._about = title, options, about

    def compose(self) -> ComposeResult:
        with Vertical(classes="box"):
            yield Label(Text(self._title), classes="title")
            if self._about:
                yield Label(Text(self._about), classes="about")
            yield OptionList(*(Option(Text(words), id=name) for name, words in self._options))
            yield Label("⏎ choose   esc leave", classes="note")

    def on_mount(self) -> None:
        self.query_one(OptionList).focus()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option.id)

    def action_leave(self) -> None:
        self.dismiss(None)


class Page(ModalScreen[None]):
    """Something to read."""

    BINDINGS = [("escape,q", "leave", "leave")]

    def __init__(self, title: str, body: Text | Table) -> None:
        super().__init__()
        self._title, self._body = title, body

    def compose(self) -> ComposeResult:
        with Vertical(classes="box page"):
            yield Label(Text(self._title), classes="title")
            with VerticalScroll():
                yield Static(self._body)
            yield Label("esc leave", classes="note")

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()

    def action_leave(self) -> None:
        self.dismiss(None)
