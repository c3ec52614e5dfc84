"""A screen whose keys are a table of deeds: below is what works now; a key that does not says why."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property, partial
from pathlib import PurePath
from typing import Any, ClassVar, Generic, TypeVar, cast

from rich.style import Style
from rich.table import Table
from rich.text import Text
from textual import events
from textual.binding import BindingType
from textual.screen import Screen
from textual.widgets import Input

from swarmctl.surfaces.tui.bars import KeyBar, Words
from swarmctl.surfaces.tui.deed import Deed, key_words, with_keys
from swarmctl.surfaces.tui.deeds import DEEDS as OF_THE_LIST
from swarmctl.surfaces.tui.dialogs import Page
from swarmctl.surfaces.tui.keymap import keyed
from swarmctl.surfaces.tui.palette import Found, found_deed
from swarmctl.surfaces.tui.rows import Frame
from swarmctl.surfaces.tui.station import Station
from swarmctl.surfaces.words.plain import one_line

G = TypeVar("G")
LOW = 12
"""Rows below which trouble has one of them."""


class DeedScreen(Screen[None], Generic[G]):
    CSS_PATH: ClassVar[str | list[str | PurePath]] = "screens.tcss"
    NAME: ClassVar[str] = ""
    """Before the names of its deeds in `[tui] keys`."""
    DEEDS: ClassVar[tuple[Deed[Any], ...]] = ()
    OTHERS: ClassVar[tuple[tuple[str, str], ...]] = (("tab", "between the panes"), ("esc", "back"))
    """Keys that are no deed's, for the help."""
    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape", "back", "back"),
        ("tab", "app.focus_next", "other pane"),
    ]

    @property
    def station(self) -> Station:
        return cast(Station, self.app)

    @cached_property
    def deeds(self) -> dict[str, Deed[G]]:
        """As the person has the keys."""
        return keyed(self.station.keys, self.DEEDS, self.NAME)

    @cached_property
    def words(self) -> dict[str, str]:
        """The key of each deed here, or else in the list, and that which leaves a terminal, as on a keyboard."""
        there = keyed(self.station.keys, OF_THE_LIST)
        keys = {deed.name: key_words(key) for deeds in (there, self.deeds) for key, deed in deeds.items()}
        return {"back": key_words(self.station.own.tui.back), **keys}

    @property
    def ground(self) -> G:
        """What the deeds are judged by."""
        raise NotImplementedError

    def on_mount(self) -> None:
        """The list has a place of its own for it."""
        if not self.query("#trouble"):
            self.mount(Words(id="trouble"), before=0)
            self.tell_trouble(self.station.frame)

    def tell_trouble(self, frame: Frame) -> None:
        """That what is shown is old, on every screen."""
        words = f"{frame.trouble}   {frame.hint}".strip()
        for trouble in self.query("#trouble").results(Words):
            trouble.set_class(bool(words), "shown")
            trouble.set_class(self.size.height < LOW, "low")
            trouble.say(words)

    def show_keys(self) -> None:
        ground = self.ground
        self.query_one(KeyBar).show({key: deed.why_not(ground) for key, deed in self.deeds.items()})

    def on_key_bar_pressed(self, message: KeyBar.Pressed) -> None:
        self.do(message.deed.name)

    def on_key(self, event: events.Key) -> None:
        """After the keys that were typed before it: arrows act only once they came back to the application."""
        deed = self.deeds.get(event.key)
        if deed is not None and not isinstance(self.focused, Input):
            event.stop()
            event.prevent_default()
            self.app.call_later(self._do_if_seen, deed.name)

    def _do_if_seen(self, name: str) -> None:
        """Unless the key before it opened something over this screen."""
        if self.is_active:
            self.do(name)

    def do(self, name: str) -> None:
        """What the key does, or why it cannot now."""
        deed = next(deed for deed in self.DEEDS if deed.name == name)
        why = self._why_not(deed)
        if why:
            self.station.refuse(why)
        else:
            getattr(self, f"do_{name}")()

    def _why_not(self, deed: Deed[G]) -> str:
        return one_line(with_keys(deed.why_not(self.ground), self.words))

    def palette_deeds(self) -> Iterator[Found]:
        for key, deed in self.deeds.items():
            help = with_keys(deed.help, self.words)
            yield found_deed(key_words(key), deed.label, help, self._why_not(deed), partial(self.do, deed.name))

    def do_help(self) -> None:
        self.app.push_screen(Page("Keys", self._help()))

    def _help(self) -> Table:
        """What is too long for a line goes on under its beginning."""
        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column(min_width=8, no_wrap=True)
        table.add_column()
        for key, deed in self.deeds.items():
            why, dim = self._why_not(deed), Style(dim=True)
            table.add_row(
                Text(key_words(key), dim if why else Style(bold=True)), Text(self._does(deed), dim if why else "")
            )
            if why:
                table.add_row("", Text(f"not now: {why}", Style(dim=True, italic=True)))
        table.add_row()
        for key, words in self.OTHERS:
            table.add_row(Text(key), Text(words))
        return table

    def _does(self, deed: Deed[G]) -> str:
        return one_line(with_keys(deed.help, self.words))

    def do_leave(self) -> None:
        self.dismiss(None)

    def action_back(self) -> None:
        self.dismiss(None)
