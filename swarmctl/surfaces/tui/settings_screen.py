"""The settings in force, where each comes from and how to change it; the theme is changed here and written nowhere."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import cast

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Label, Select, Static

from swarmctl.app.here import Here, own_file
from swarmctl.app.own import Held, files_of, in_force
from swarmctl.core.errors import SwarmError
from swarmctl.surfaces.tui.pick import Pick
from swarmctl.surfaces.tui.station import Station
from swarmctl.surfaces.words.plain import one_line

Read = tuple[list[Held], list[tuple[Path, bool]]]


class SettingsScreen(ModalScreen[None]):
    BINDINGS = [("escape,q", "leave", "leave")]

    @property
    def station(self) -> Station:
        return cast(Station, self.app)

    def compose(self) -> ComposeResult:
        names = sorted(self.app.available_themes, key=lambda name: (not name.startswith("swarm"), name))
        with Vertical(classes="box page"):
            yield Label("Settings", classes="title")
            with Horizontal(classes="field"):
                yield Label("theme", classes="label")
                yield Pick("theme", [(name, name) for name in names])
            yield Label(id="keep", classes="note")
            with VerticalScroll():
                yield Static("reading …", id="held")
            yield Label("tab theme or list   esc leave", classes="note")

    def on_mount(self) -> None:
        self.query_one(Pick).wish(self.app.theme)
        self.query_one(VerticalScroll).focus()
        self._say_how_to_keep()
        place = self.station.place
        self.station.in_background(lambda: _read(place), self._show, self._complain)

    def on_select_changed(self, message: Select.Changed) -> None:
        self.app.theme = str(message.value)
        self._say_how_to_keep()

    def _say_how_to_keep(self) -> None:
        words = f'Until you leave. To keep it: theme = "{self.app.theme}" below [tui] in {own_file()}'
        self.query_one("#keep", Label).update(Text(one_line(words)))

    def _show(self, read: Read) -> None:
        if self.is_attached:
            self.query_one("#held", Static).update(_table(*read, self.station.place.repository.root))

    def _complain(self, error: SwarmError) -> None:
        if self.is_attached:
            self.query_one("#held", Static).update(Text(f"{one_line(error.message)}\n{one_line(error.hint)}"))

    def action_leave(self) -> None:
        self.dismiss(None)


def _read(place: Here) -> Read:
    return in_force(place), files_of(place)


def _table(held: Iterable[Held], files: Iterable[tuple[Path, bool]], root: Path) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), expand=True)
    table.add_column(min_width=24, overflow="fold")
    for _ in range(2):
        table.add_column(ratio=1, overflow="fold")
    section = ""
    for each in held:
        top = each.key.partition(".")[0].partition(" ")[0]
        if top != section:
            table.add_row()
            section = top
        style = "bold" if each.source else ""
        table.add_row(
            Text(one_line(each.key), style), Text(one_line(each.value), style), Text(_short(each.source, root), "dim")
        )
    for words in _files_words(files):
        table.add_row(*words)
    return table


def _files_words(files: Iterable[tuple[Path, bool]]) -> Iterable[tuple[Text, ...]]:
    yield (Text(""),)
    yield Text("How to change one", "bold"), Text("the later wins; docs/config.md explains each"), Text("")
    whose = ("this repository's", "your own")
    for who, (path, is_there) in zip(whose, files, strict=True):
        yield Text(who), Text(_short(str(path))), Text("" if is_there else "not there yet", "dim")
    yield Text("for once"), Text("SWARMCTL__SECTION__KEY=value swarmctl"), Text("")


def _short(source: str, root: Path | None = None) -> str:
    """Below the repository as there, below the home as people write it."""
    words = one_line(source or "default")
    for folder, sign in ((root, ""), (Path.home(), "~/")):
        if folder is not None and words.startswith(f"{folder}/"):
            return sign + words[len(f"{folder}/") :]
    return words
