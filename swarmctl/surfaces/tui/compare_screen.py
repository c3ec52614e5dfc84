"""Several attempts at one task beside each other: how they stand and why, and what each of them changed."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.widgets import Static

from swarmctl.app.comparing import Comparing
from swarmctl.app.contests import Entry, Ranking, may_be_gated
from swarmctl.app.here import Here
from swarmctl.core.errors import SwarmError
from swarmctl.core.patch import Change
from swarmctl.core.session import Session
from swarmctl.surfaces.tui.bars import KeyBar
from swarmctl.surfaces.tui.compare_deeds import COMPARE_DEEDS, Ground
from swarmctl.surfaces.tui.compare_entries import Entries
from swarmctl.surfaces.tui.compare_files import files_of
from swarmctl.surfaces.tui.compare_reading import Read, Reader, work_of
from swarmctl.surfaces.tui.compare_sheet import is_away
from swarmctl.surfaces.tui.compare_words import asked_words, path_note, top_words
from swarmctl.surfaces.tui.deed_screen import DeedScreen
from swarmctl.surfaces.tui.diff_colours import colour_soon
from swarmctl.surfaces.tui.diff_screen import DiffScreen
from swarmctl.surfaces.tui.diff_view import DiffView
from swarmctl.surfaces.tui.diff_words import path_words
from swarmctl.surfaces.tui.line_list import LineList
from swarmctl.surfaces.tui.newest import Newest
from swarmctl.surfaces.tui.submit import Submit
from swarmctl.surfaces.tui.why_screen import WhyScreen
from swarmctl.surfaces.words.plain import one_line

TICK_S = 0.5
AGES_S = 5.0
"""After which the seconds of those who still work are looked up again."""
BESIDE = 100
"""Columns from which on the files stand beside the lines."""


class CompareScreen(DeedScreen[Ground]):
    CSS_PATH = ["diff.tcss", "screens.tcss", "compare.tcss"]
    NAME = "compare"
    DEEDS = COMPARE_DEEDS
    BINDINGS: ClassVar[list[BindingType]] = [
        ("pagedown", "page(1)", "further down in the lines"),
        ("pageup", "page(-1)", "further up in the lines"),
    ]

    def __init__(self, place: Here, submit: Submit, attach: Callable[[Session], object], name: str = "") -> None:
        """`name`: of a task among several attempts; empty for the newest of those."""
        super().__init__()
        self._place, self._submit, self._open_terminal = place, submit, attach
        self._asked_for = name
        self._comparing = Comparing(place, (name,) if name else ())
        self._reader = Reader(place)
        self._looking, self._looked_at, self._seq = False, 0.0, -1
        self._reading = Newest[Read](self, self._read_came, self._read_not)
        self._read: Read | None = None

    @property
    def entries(self) -> Entries:
        return self.query_one(Entries)

    @property
    def view(self) -> DiffView:
        return self.query_one(DiffView)

    @property
    def files(self) -> LineList:
        return self.query_one(LineList)

    @property
    def ground(self) -> Ground:
        entry, ranking = self.entries.current, self.entries.ranking
        if entry is None or ranking is None:
            return Ground()
        session = entry.session
        rows = self.station.frame.rows
        return Ground(
            name=entry.name,
            session=session,
            row=next((row for row in rows if row.key == entry.name), None),
            picked=ranking.picked or "",
            decided=ranking.decided,
            aside=session is not None and is_away(ranking, session),
            at_rest=any(each.session and may_be_gated(each.session) for each in ranking.entries),
            paths=len(self.files.items),
        )

    def compose(self) -> ComposeResult:
        yield Static(id="screen-top")
        yield Entries(id="entries")
        yield Static(id="compare-path")
        with Container(id="compare-body"):
            yield LineList(id="compare-files")
            yield DiffView(id="lines")
        yield KeyBar(self.deeds)

    def on_mount(self) -> None:
        self.view.say("reading …")
        self.entries.focus()
        self.set_interval(TICK_S, self._tick)
        self.show_keys()
        self._look()

    def on_resize(self, event: events.Resize) -> None:
        self.query_one("#compare-body").set_class(event.size.width >= BESIDE, "beside")
        self.call_after_refresh(self._show)

    def _tick(self) -> None:
        """The ledger moved, or somebody goes on working; nothing is looked up while nobody looks."""
        ranking = self.entries.ranking
        if not self.is_current or not self.app.app_focus:
            return
        active = ranking is not None and any(each.session and each.session.active for each in ranking.entries)
        if self.station.frame.seq != self._seq or (active and time.monotonic() - self._looked_at > AGES_S):
            self._look()

    def _look(self) -> None:
        if not self._looking:
            self._looking, self._looked_at, self._seq = True, time.monotonic(), self.station.frame.seq
            self.station.in_background(self._comparing.look, self._came, self._came_not)

    def _came_not(self, error: SwarmError) -> None:
        self._looking = False
        if self.is_attached:
            self.query_one("#screen-top", Static).update(Text(one_line(f"{error.message}   {error.hint}")))
            if self.entries.ranking is None:
                self.view.say("")

    def _came(self, ranking: Ranking) -> None:
        self._looking = False
        if not self.is_attached:
            return
        first = self.entries.ranking is None
        self.entries.show(ranking, self._asked_for if first else "")
        self._show()
        current = self.entries.current
        if first and current is not None and current.paths:
            self.files.go_to(min(current.paths))

    def _show(self) -> None:
        ranking, entry = self.entries.ranking, self.entries.current
        if ranking is None or entry is None:
            return
        self.query_one("#screen-top", Static).update(top_words(ranking, self.size.width - 2, self.words))
        self.files.show(files_of(ranking, entry, self._changes(entry), self.files.size.width))
        self._want(entry)

    def _changes(self, entry: Entry) -> dict[str, Change]:
        """What is known of the files of this attempt."""
        read = self._read
        if read is None or entry.session is None or read.session.id != entry.session.id:
            return {}
        return {change.new: change for change in read.comparison.changes}

    def _want(self, entry: Entry) -> None:
        """The file that is pointed at, as this attempt has it; those that the cursor only passed are not read."""
        if entry.session is None:
            self._reading.drop()
            self._read = None
            self.view.say(f"{entry.name} has no session yet.")
            self._show_words()
            return
        item, read, session = self.files.current, self._read, entry.session
        key = work_of(session), item.key if item else ""
        if read is not None and (work_of(read.session), read.path) == key:
            self._reading.drop()
            self._show_words()
        else:
            self._reading.want(key, partial(self._reader.read, session, key[1]))

    def _read_not(self, error: SwarmError) -> None:
        self._read = None
        self.view.say(one_line(error.message))
        self._show_words()

    def _read_came(self, read: Read) -> None:
        self._read = read
        self._show_lines(read)
        self._show()

    def _show_lines(self, read: Read) -> None:
        name = read.session.id
        if read.opened is not None:
            self.view.show(read.opened, (), read.opened.note)
            colour_soon(self, self.view, self._place, read.opened)
        elif not read.comparison.after:
            self.view.say(f"{name} has no work yet.")
        elif read.path:
            self.view.say(f"{name} does not change {one_line(read.path)}.")
        else:
            self.view.say(f"{name} changes nothing.")

    def _show_words(self) -> None:
        ranking, item = self.entries.ranking, self.files.current
        self.show_keys()
        if ranking is None:
            return
        text = path_words(self.view.opened, self.view.change)
        if self.view.opened is None:
            text = Text(one_line(item.key) if item else "", style="bold", no_wrap=True, overflow="ellipsis")
        if item is not None:
            text.append(f"   {path_note(ranking, item.key)}", "not bold dim")
        self.query_one("#compare-path", Static).update(text)

    def on_entries_pointed(self) -> None:
        self._show()

    def on_entries_stepped(self, message: Entries.Stepped) -> None:
        self.files.action_move(message.by)

    def on_entries_opened(self) -> None:
        self.do("diff")

    def on_line_list_pointed(self) -> None:
        if self.entries.current is not None:
            self._want(self.entries.current)

    def on_diff_view_pointed(self) -> None:
        self._show_words()

    def action_page(self, by: int) -> None:
        self.view.action_page(by)

    def do_pick(self) -> None:
        ranking, entry = self.entries.ranking, self.entries.current
        assert ranking is not None and entry is not None
        self._submit.pick(entry.name, ranking.title, len(ranking.entries) - 1)

    def do_diff(self) -> None:
        entry = self.entries.current
        assert entry is not None and entry.session is not None
        self.app.push_screen(DiffScreen(self._place, entry.session, entry.task.title))

    def do_attach(self) -> None:
        entry = self.entries.current
        assert entry is not None and entry.session is not None
        self._open_terminal(entry.session)

    def do_gate(self) -> None:
        ranking = self.entries.ranking
        assert ranking is not None
        station, target = self.station, ranking.target
        station.ask("rehearse", {"ids": [ranking.id]}, lambda answer: station.say(asked_words(answer, target)))

    def do_next_file(self) -> None:
        self.files.action_move(1)

    def do_previous_file(self) -> None:
        self.files.action_move(-1)

    def do_why(self) -> None:
        ranking, name = self.entries.ranking, self.ground.name
        self.app.push_screen(WhyScreen(self._place, name, ranking.title if ranking else ""))

    def do_undo(self) -> None:
        self._submit.undo(self.ground.name)
