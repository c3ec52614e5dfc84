"""The timeline: every event of the repository, the newest at the bottom, each with its record."""

from __future__ import annotations

import textwrap
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.widgets import Input, Static

from swarmctl.app.export import write_new
from swarmctl.app.here import Here
from swarmctl.core.errors import SwarmError
from swarmctl.surfaces.tui.ask_file import AskFile
from swarmctl.surfaces.tui.bars import KeyBar
from swarmctl.surfaces.tui.deed_screen import DeedScreen
from swarmctl.surfaces.tui.line_list import Item, LineList
from swarmctl.surfaces.tui.preview_pane import PreviewPane
from swarmctl.surfaces.tui.record import record_text
from swarmctl.surfaces.tui.screen_deeds import TIMELINE_DEEDS, Moment
from swarmctl.surfaces.tui.timeline_reading import Event, Filter, Reading, Window, records
from swarmctl.surfaces.words.narrate import tone_of
from swarmctl.surfaces.words.plain import one_line

BESIDE = 130
"""Columns from which on the record stands beside the events."""
REACH = 60
"""Lines before an end of what is held at which more is read."""
GLYPHS = {"good": "✓", "bad": "✗", "plain": "·"}
TONES = {"good": "good", "bad": "bad", "plain": ""}
EMPTY = "Nothing happened here yet."
NOTHING_FITS = "No event has these words. Esc shows all again."


class Timeline(DeedScreen[Moment]):
    NAME = "timeline"
    DEEDS = TIMELINE_DEEDS

    def __init__(self, place: Here, selected: str) -> None:
        super().__init__()
        self._place, self._selected = place, selected
        self._filter = Filter()
        self._window: Window | None = None
        self._by_seq: dict[str, Event] = {}
        self._recorded = ("", 0)
        self._looked = True
        self._to_newest = False

    @property
    def event(self) -> Event | None:
        item = self.query_one(LineList).current
        return self._by_seq.get(item.key) if item else None

    @property
    def ground(self) -> Moment:
        return Moment(self.event is not None, self._selected, bool(self._filter.key))

    def compose(self) -> ComposeResult:
        yield Static(id="screen-top")
        yield Input(id="find", placeholder="words that an event must have")
        with Container(id="screen-body"):
            yield LineList(id="events")
            with Vertical(id="screen-side"):
                yield Static(id="screen-about")
                yield PreviewPane(id="record")
        yield KeyBar(self.deeds)

    def on_mount(self) -> None:
        post = partial(self._made, self.app.call_later)
        self.reading = Reading(self._place, self.station.seq, post)
        self.query_one(LineList).show((), EMPTY)
        self.query_one(LineList).focus()
        self._show_words()
        self.reading.start()
        self.set_interval(0.25, self._tick)

    def on_unmount(self) -> None:
        self.reading.stop()

    def on_resize(self, event: events.Resize) -> None:
        self.query_one("#screen-body").set_class(event.size.width >= BESIDE, "beside")
        self.query_one("#screen-side").display = event.size.width >= BESIDE or event.size.height >= 12
        self.call_after_refresh(self._show_record)

    def _tick(self) -> None:
        looked = self.is_current and self.app.app_focus
        if looked != self._looked:
            self._looked = looked
            self.reading.is_looked_at(looked)
        if looked:
            self._reach()

    def _reach(self) -> None:
        """More is read before somebody comes to an end of what is held."""
        lines = self.query_one(LineList)
        top, count = int(lines.scroll_offset.y), len(lines.items)
        if min(top, lines.cursor) < REACH:
            self.reading.go("older")
        elif max(top + lines.size.height, lines.cursor) > count - REACH:
            self.reading.go("newer")

    def _made(self, tell: Callable[..., object], found: Window | SwarmError) -> None:
        """In the thread that reads: the lines of thousands of events take their time."""
        tell(self._came, found, tuple(items_of(found.events)) if isinstance(found, Window) else ())

    def _came(self, found: Window | SwarmError, items: tuple[Item, ...]) -> None:
        if not self.is_attached:
            return
        if isinstance(found, SwarmError):
            self.query_one("#screen-top", Static).update(Text(one_line(found.message)))
            if self._window is None:
                self.query_one(LineList).show((), one_line(found.message))
            return
        if found.filter != self._filter:
            return
        before, lines = self._window, self.query_one(LineList)
        is_other = before is None or before.filter != found.filter
        follows = is_other or (before is not None and before.is_newest and lines.cursor == lines.last)
        if self._to_newest and found.is_newest:
            self._to_newest, follows = False, True
        self._window = found
        self._by_seq = {str(event.stamped.seq): event for event in found.events}
        empty = "searching …" if found.searches else NOTHING_FITS if found.filter.words else EMPTY
        lines.show(items, empty, to_end=follows)
        self._show_words()
        self._show_record()

    def _show_words(self) -> None:
        top = Text("Timeline", "bold", no_wrap=True, overflow="ellipsis")
        words = top_words(self._window, self._filter, self.words["newest"])
        self.query_one("#screen-top", Static).update(top.append(f"   {words}", "not bold dim"))
        self.show_keys()

    def _show_record(self) -> None:
        event, pane = self.event, self.query_one(PreviewPane)
        key = str(event.stamped.seq) if event else ""
        if (key, pane.size.width) == self._recorded:
            return
        self._recorded = key, pane.size.width
        about = f"event {key}  {event.kind}" if event else ""
        self.query_one("#screen-about", Static).update(Text(about, no_wrap=True, overflow="ellipsis"))
        pane.show(key, tuple(wrapped(record_text(event.stamped), pane.size.width - 2)) if event else ())
        pane.scroll_home(animate=False, force=True)

    def on_line_list_pointed(self) -> None:
        self._show_record()
        self.show_keys()
        self._reach()

    def do_filter(self) -> None:
        find = self.query_one("#find", Input)
        find.add_class("shown")
        find.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        self._aim(Filter(event.value, self._filter.key))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self._close_find()

    def _close_find(self) -> None:
        self.query_one("#find", Input).remove_class("shown")
        self.query_one(LineList).focus()

    def do_session(self) -> None:
        self._aim(Filter(self._filter.words, "" if self._filter.key else self._selected))

    def _aim(self, wanted: Filter) -> None:
        if wanted != self._filter:
            self._filter = wanted
            self.reading.aim(wanted)
            self._show_words()

    def do_newest(self) -> None:
        self.query_one(LineList).action_edge(1)
        self._to_newest = self._window is not None and not self._window.is_newest
        self.reading.go("newest")

    def do_copy(self) -> None:
        event = self.event
        assert event is not None
        self.station.copy(record_text(event.stamped), f"event {event.stamped.seq}")

    def do_export(self) -> None:
        stamp = time.strftime("%Y%m%d-%H%M%S")
        self.app.push_screen(
            AskFile("Export what is listed, an event a line", f"~/swarmctl-{stamp}.ndjson"), self._export
        )

    def _export(self, path: Path | None) -> None:
        if path is None:
            return
        wanted, place = self._filter, self._place
        self.station.say(f"writes {path} …")
        self.station.in_background(
            lambda: write_new(path, records(place, wanted)),
            lambda count: self.station.say(f"{count} event{'' if count == 1 else 's'} in {path}"),
        )

    def action_back(self) -> None:
        find = self.query_one("#find", Input)
        if find.has_class("shown") or self._filter != Filter():
            find.value = ""
            self._aim(Filter())
            self._close_find()
        else:
            self.dismiss(None)


def items_of(held: Iterable[Event]) -> Iterator[Item]:
    """A heading for each day."""
    day = ""
    for event in held:
        at, seq = time.localtime(event.stamped.at), event.stamped.seq
        if (today := time.strftime("%A, %Y-%m-%d", at)) != day:
            day = today
            yield Item(f"day {seq}", ((day, "head"),), can=False)
        tone = tone_of(event.stamped.event)
        yield Item(
            str(seq),
            (
                (f"{time.strftime('%H:%M:%S', at)} ", "dim"),
                (f"{GLYPHS[tone]} ", TONES[tone] or "dim"),
                (f"{event.who:<6} ", "accent"),
                (event.words, TONES[tone]) if event.words else (event.kind, "dim"),
            ),
            str(seq),
        )


def top_words(window: Window | None, wanted: Filter, newest: str) -> str:
    if window is None:
        return "reading …"
    parts = [f"{window.total:,} events"]
    parts += [f"only {one_line(wanted.key)}"] if wanted.key else []
    parts += [f"with “{one_line(wanted.words)}”"] if wanted.words else []
    if window.searches or window.filter != wanted:
        parts.append(f"searching, back to {window.back:,}")
    elif wanted.words:
        parts.append(f"{len(window.events):,}{'+' if window.back > 1 or not window.is_newest else ''} found")
    if window.filter == wanted and not window.is_newest:
        parts.append(f"there are newer ones: {newest}")
    return "  ·  ".join(parts)


def wrapped(text: str, width: int) -> Iterator[str]:
    """Under where each value begins."""
    for line in text.split("\n"):
        indent = " " * (len(line) - len(line.lstrip()) + 2)
        yield from textwrap.wrap(
            line, max(10, width), subsequent_indent=indent, drop_whitespace=False, replace_whitespace=False
        ) or [""]
