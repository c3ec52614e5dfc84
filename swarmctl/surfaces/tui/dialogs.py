"""Small questions over the list: a text, a choice, a page to read. Escape leaves each without a trace."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Label, OptionList, Static, TextArea
from textual.widgets.option_list import Option


class Ask(ModalScreen[str | None]):
    """A text of several lines; Ctrl-S gives it, escape keeps nothing."""

    BINDINGS = [("escape", "leave", "leave"), ("ctrl+s,ctrl+enter", "give", "send")]

    def __init__(self, title: str, note: str = "", text: str = "") -> None:
        super().__init__()
        self._title, self._note, self._text = title, note, text

    def compose(self) -> ComposeResult:
        with Vertical(classes="box"):
            yield Label(Text(self._title), classes="title")
            yield TextArea(self._text, id="text", soft_wrap=True, tab_behavior="indent")
            yield Label(Text(f"^s send   esc leave   {self._note}".rstrip()), classes="note")

    def on_mount(self) -> None:
        self.query_one(TextArea).focus()

    def action_give(self) -> None:
        text = self.query_one(TextArea).text.strip()
        if text:
            self.dismiss(text)
        else:
            self.notify("nothing is written yet", severity="warning")

    def action_leave(self) -> None:
        self.dismiss(None)


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

    def __init__(self, title: str, body: Text) -> None:
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
