"""What Ctrl-P finds: what the keys of the screen do, every command of the command line, and the themes."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, NamedTuple, cast

from rich.cells import cell_len
from rich.text import Text
from textual.app import ComposeResult
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.containers import Vertical
from textual.screen import ModalScreen, Screen
from textual.widgets import Input, Label

from swarmctl.surfaces.tui.station import Station
from swarmctl.surfaces.words.plain import one_line
from swarmctl.surfaces.words.verbs import VERBS, Verb

ID = "ID"
HELP_AT = 34
"""The column in which it is said what something is for."""


class Found(NamedTuple):
    words: str
    help: str
    act: Callable[[], object]
    can: bool = True
    """Else the help says why not."""

    def line(self, hits: Iterable[int] = ()) -> Text:
        text = Text(no_wrap=True, overflow="ellipsis")
        text.append(one_line(self.words), "" if self.can else "dim")
        for hit in hits:
            if hit < len(self.words):
                text.stylize("bold underline", hit, hit + 1)
        text.append(" " * max(2, HELP_AT - cell_len(self.words)))
        text.append(one_line(self.help), "dim")
        return text


class Palette(Provider):
    @property
    def station(self) -> Station:
        return cast(Station, self.app)

    async def discover(self) -> Hits:
        """What can be done now."""
        for found in self._all():
            if found.can:
                yield DiscoveryHit(found.line(), found.act, found.words)

    async def search(self, query: str) -> Hits:
        """By what it is called first, then by what is said of it."""
        match = self.matcher(query).fuzzy_search.match
        for found in self._all():
            score, hits = match(query, found.words)
            if not score:
                score, hits = 0.5 * match(query, found.help)[0], ()
            if score > 0:
                yield Hit(score if found.can else 0.3 * score, found.line(hits), found.act, found.words)

    def _all(self) -> Iterator[Found]:
        deeds: Callable[[], Iterable[Found]] = getattr(self.screen, "palette_deeds", lambda: ())
        yield from deeds()
        session = self.station.selected
        yield from (found_for(self.screen, verb, session) for verb in VERBS)
        for name in sorted(self.app.available_themes):
            yield Found(f"theme {name}", "Other colours, until you leave.", partial(_dress, self.screen, name))


def found_deed(key: str, label: str, help: str, why: str, act: Callable[[], object]) -> Found:
    """What a key of the screen does."""
    words = f"{key:<6} {label}"
    return Found(words, f"not now: {why}" if why else help, act, not why)


def found_for(screen: Screen[Any], verb: Verb, session: str) -> Found:
    """On the selected session where it takes one."""
    takes_one = verb.usage.lstrip("[").startswith(ID)
    name = f"swarmctl {verb.name} {session if takes_one and session else verb.usage}"
    return Found(name.rstrip(), f"{verb.help}.", partial(call, screen, verb, session if takes_one else ""))


def call(screen: Screen[Any], verb: Verb, session: str) -> None:
    """What only looks, and lacks nothing, runs at once; else its line is asked for, as far as it is known."""
    if verb.name == "attach" and session:
        cast(Station, screen.app).attach_selected()
    elif verb.group == "Look" and (not verb.usage or (verb.usage == ID and session)):
        run_line(screen, shlex.join(filter(None, (*verb.name.split(), session))))
    else:
        begun = f"{verb.name} {f'{session} ' if session else ''}"
        screen.app.push_screen(
            AskLine(begun, f"{verb.name} {verb.usage}".rstrip(), verb.help), partial(run_line, screen)
        )


def run_line(screen: Screen[Any], line: str | None) -> None:
    from swarmctl.surfaces.tui.verb_page import VerbPage

    if line:
        screen.app.push_screen(VerbPage(shlex.split(line)))


def _dress(screen: Screen[Any], theme: str) -> None:
    screen.app.theme = theme


class AskLine(ModalScreen[str | None]):
    """One line of the command line, begun already."""

    BINDINGS = [("escape", "leave", "leave")]

    def __init__(self, begun: str, usage: str, help: str) -> None:
        super().__init__()
        self._begun, self._usage, self._help = begun, usage, help

    def compose(self) -> ComposeResult:
        with Vertical(classes="box"):
            yield Label(Text(f"swarmctl {self._usage}"), classes="title")
            yield Label(Text(f"{self._help}."), classes="note")
            yield Input(self._begun, compact=True, select_on_focus=False)
            yield Label(Text("⏎ run   esc leave   --help at the end tells more"), classes="note", id="note")

    def on_mount(self) -> None:
        line = self.query_one(Input)
        line.focus()
        line.cursor_position = len(line.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        try:
            words = shlex.split(event.value)
        except ValueError as error:
            self.query_one("#note", Label).update(Text(f"not a line of words yet: {one_line(str(error).lower())}"))
            return
        if words[:1] == ["swarmctl"]:
            words = words[1:]
        if words:
            self.dismiss(shlex.join(words))

    def action_leave(self) -> None:
        self.dismiss(None)
