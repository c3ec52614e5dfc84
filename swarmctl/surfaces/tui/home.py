"""The first screen: who needs you, what everybody does, and what the selected terminal shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.message import Message
from textual.widgets import Input

from swarmctl.app.here import Here, everywhere, here
from swarmctl.core.session import Session, Stage
from swarmctl.surfaces.tui.bars import KeyBar, TopBar, Words
from swarmctl.surfaces.tui.deed_screen import DeedScreen
from swarmctl.surfaces.tui.deeds import DEEDS, At
from swarmctl.surfaces.tui.dialogs import Choose
from swarmctl.surfaces.tui.home_words import EMPTY, EMPTY_FILTER, about, place_words, step_words
from swarmctl.surfaces.tui.preview_pane import PreviewPane
from swarmctl.surfaces.tui.rows import Frame, Group, Row, matches
from swarmctl.surfaces.tui.station import view_of
from swarmctl.surfaces.tui.submit import Submit
from swarmctl.surfaces.tui.swarm_list import SwarmList
from swarmctl.surfaces.words.plain import one_line

if TYPE_CHECKING:
    from swarmctl.app.preview import Shown
    from swarmctl.app.sizes import Size

WIDE, LOW = 150, 12
NOTHING_SHOWN = "Its terminal shows nothing: it has just begun, or it is gone."


class Home(DeedScreen[At]):
    CSS_PATH = []
    """The application has it."""
    DEEDS = DEEDS
    OTHERS = (("tab", "between the list and the terminal below it"), ("^p", "every command of swarmctl"))

    class WentTo(Message):
        """A person wants to look at another repository."""

        def __init__(self, place: Here) -> None:
            self.place = place
            super().__init__()

    def __init__(self, place: Here) -> None:
        super().__init__()
        self._place = place
        self._frame = Frame()
        self._is_ready = self._came_early = False
        """Its widgets are there; what is known came before them."""
        self._wanted = ""
        self.submit = Submit(lambda: self.station)

    @property
    def row(self) -> Row | None:
        return self.query_one(SwarmList).current

    @property
    def ground(self) -> At:
        return At(self.row, self._frame, bool(self.query_one(PreviewPane).wanted))

    def compose(self) -> ComposeResult:
        yield TopBar(place_words(self._place))
        yield Words(id="trouble")
        yield Input(id="find", placeholder="words that its line must have")
        with Container(id="body"):
            yield SwarmList(id="list")
            with Vertical(id="look"):
                yield Words(id="about")
                yield PreviewPane(id="preview")
        yield KeyBar(self.deeds)

    def on_mount(self) -> None:
        self.query_one(SwarmList).focus()
        self.set_interval(1.0, self._tick)
        self.show_keys()
        self._is_ready = True
        if self._came_early:
            self.show(self._frame)

    def on_resize(self, event: events.Resize) -> None:
        self.query_one("#body").set_class(event.size.width >= WIDE, "wide")
        self._show_trouble(self._frame)
        self.query_one("#look").display = event.size.height >= LOW or event.size.width >= WIDE
        self.call_after_refresh(self._show_selected)

    def _tick(self) -> None:
        """Ages go on."""
        if self.is_current and self.app.app_focus and self._frame.rows:
            self.query_one(SwarmList).redraw()

    def begin_anew(self, place: Here) -> None:
        self._place, self._frame, self._wanted = place, Frame(), ""
        self.submit.forget_picks()
        self.query_one(TopBar).rename(place_words(place))
        self.query_one(SwarmList).show((), {})

    def show(self, frame: Frame) -> None:
        self._frame = replace(frame, removed=self._frame.removed)
        if not self._is_ready:
            self._came_early = True
            return
        self.submit.tell_picks(frame)
        self.query_one(TopBar).show(frame)
        self._show_trouble(frame)
        self._show_rows()

    def _show_rows(self) -> None:
        frame = self._frame
        rows = tuple(row for row in frame.rows if matches(row, self._wanted)) if self._wanted else frame.rows
        empty = EMPTY_FILTER if self._wanted else "" if frame.trouble else EMPTY.format_map(self.words)
        narrowed = f'{len(rows)} of {len(frame.rows)} with "{one_line(self._wanted)}"' if self._wanted else ""
        self.query_one(TopBar).narrow(narrowed)
        self.query_one(SwarmList).show(rows, frame.details or {}, empty)
        self._go_to_begun()
        self._show_selected()

    def _go_to_begun(self) -> None:
        """To what was begun here last, unless somebody went elsewhere since."""
        begun, rows = self.submit.begun, self.query_one(SwarmList)
        row = next((row for row in rows.rows if begun and row.task.id == begun.task), None)
        if begun and row:
            self.submit.begun = None
            if begun.beside == self.station.selected:
                rows.go_to(row.key)

    def _show_trouble(self, frame: Frame) -> None:
        words = f"{frame.trouble}   {frame.hint}".strip()
        if not words and not frame.supervised:
            words = f"No supervisor runs: what is shown is what it knew last. {self.words['up']} starts it."
        trouble = self.query_one("#trouble", Words)
        trouble.set_class(bool(words), "shown")
        trouble.set_class(self.size.height < LOW, "low")
        trouble.say(words)

    def _show_selected(self) -> None:
        row = self.row
        self.show_keys()
        line = self.query_one("#about", Words)
        line.say(about(row, self.words, line.content_size.width))
        self.station.previewing.aim(row.session if row else None)
        if row is None or row.session is None:
            note = "" if row is None else row.task.prompt
            self.query_one(PreviewPane).show(row.key if row else "", tuple(note.splitlines()))

    def show_preview(self, session: str, shown: Shown) -> None:
        if self.row is not None and self.row.key == session:
            self.query_one(PreviewPane).show(session, shown.lines, NOTHING_SHOWN)

    def show_sizes(self, sizes: Mapping[str, Size]) -> None:
        self.query_one(SwarmList).show_sizes(sizes)

    def on_swarm_list_pointed(self, message: SwarmList.Pointed) -> None:
        if message.row is None or message.row.key != self._frame.removed:
            self._frame = replace(self._frame, removed="")
        self._show_selected()
        self._aim()

    def on_swarm_list_seen(self, message: SwarmList.Seen) -> None:
        self.station.feed.look_at(message.keys)
        self._aim()

    def _aim(self) -> None:
        seen = self.query_one(SwarmList)
        rows = {row.key: row for row in seen.rows}
        sessions = [rows[key].session for key in seen.seen if key in rows]
        selected = self.row.key if self.row else ""
        self.station.sizing.aim([session for session in sessions if session], selected)

    def on_swarm_list_opened(self) -> None:
        self.do("attach")

    def do_attach(self) -> None:
        row = self.row
        assert row is not None and row.session is not None
        self.attach(row.session)

    def attach(self, session: Session) -> None:
        place = self._place
        self.station.in_background(lambda: view_of(place, session), self._lend)

    def _lend(self, argv: tuple[str, ...]) -> None:
        from textual.widgets import TextArea

        if isinstance(self.app.focused, Input | TextArea):
            self.station.say("its terminal stays closed while you write")
            return
        self.station.lend(argv)
        self.refresh(layout=True)

    def do_next(self) -> None:
        """Round among those who need somebody, from the one that needs most."""
        needy = [row.key for row in self.query_one(SwarmList).rows if row.group <= Group.UNSEEN]
        here_now = self.row.key if self.row else ""
        if needy:
            place = needy.index(here_now) + 1 if here_now in needy else 0
            self.query_one(SwarmList).go_to(needy[place % len(needy)])

    def do_filter(self) -> None:
        find = self.query_one("#find", Input)
        find.placeholder = "search in the preview" if self._in_preview() else "words that its line must have"
        find.value = self.query_one(PreviewPane).wanted if self._in_preview() else self._wanted
        self._finds_in_preview = self._in_preview()
        find.add_class("shown")
        find.focus()

    def do_seek(self) -> None:
        self.query_one(PreviewPane).seek(-1)

    def _in_preview(self) -> bool:
        return isinstance(self.focused, PreviewPane)

    def on_input_changed(self, event: Input.Changed) -> None:
        if self._finds_in_preview:
            self.query_one(PreviewPane).search(event.value)
            self.show_keys()
        else:
            self._wanted, before = event.value, self.station.selected
            self._show_rows()
            if self.station.selected != before:
                self.query_one(SwarmList).cursor = 0

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self._leave_find()

    def _leave_find(self) -> None:
        find = self.query_one("#find", Input)
        find.remove_class("shown")
        (self.query_one(PreviewPane) if self._finds_in_preview else self.query_one(SwarmList)).focus()

    _finds_in_preview = False

    def action_back(self) -> None:
        """To the whole list."""
        find = self.query_one("#find", Input)
        if find.has_class("shown") or self._wanted or self.query_one(PreviewPane).wanted:
            find.value = ""
            self._wanted = ""
            self.query_one(PreviewPane).search("")
            self._leave_find()
            self._show_rows()
        else:
            self.query_one(SwarmList).focus()

    def do_new(self) -> None:
        from swarmctl.surfaces.tui.new_task import NewTask

        self.app.push_screen(NewTask(self.submit), lambda _: self._show_rows())

    def do_send(self) -> None:
        from swarmctl.surfaces.tui.writing import Tell

        row = self.row
        assert row is not None
        title = f"To {row.key}: {row.title}"
        send = partial(self.submit.send, row)
        self.app.push_screen(Tell(title, f"send-{row.key}", step_words(row), send))

    def do_answer(self) -> None:
        row = self.row
        assert row is not None and row.session is not None
        options = [("allow", "allow"), ("deny", "deny"), ("pane", "leave it to its own terminal")]
        asked = Choose(one_line(f"{row.key} asks: {row.session.state_why}"), options)
        self.app.push_screen(asked, lambda said: self.submit.answer(row, said))

    def do_diff(self) -> None:
        from swarmctl.surfaces.tui.diff_screen import DiffScreen

        row = self.row
        assert row is not None and row.session is not None
        self.app.push_screen(DiffScreen(self._place, row.session, row.title))

    def do_merge(self) -> None:
        row = self.row
        assert row is not None
        self.submit.merge(row)

    def do_compare(self) -> None:
        from swarmctl.surfaces.tui.compare_screen import CompareScreen

        name = self.row.task.id if self.row and self.row.task.contest else ""
        self.app.push_screen(CompareScreen(self._place, self.submit, self.attach, name))

    def do_pick(self) -> None:
        row = self.row
        assert row is not None
        rivals = sum(each.task.contest == row.task.contest for each in self._frame.rows) - 1
        self.submit.pick(row.key, row.title, rivals)

    def do_stop(self) -> None:
        self.submit.on_row(self.row, "stop", "{} stops at a safe point; {resume} goes on with it")

    def do_resume(self) -> None:
        self.submit.on_row(self.row, "resume", "{} goes on", env=True)

    def do_sync(self) -> None:
        self.submit.on_row(self.row, "sync", "the target comes into {}", env=True)

    def do_remove(self) -> None:
        self._frame = replace(self._frame, removed=self.row.key if self.row else "")
        self.submit.on_row(self.row, "rm", "{} is in the trash; {undo} brings it back")

    def do_undo(self) -> None:
        """What was just removed comes back, even before the list knows of it: no landing is taken back in its stead."""
        row, frame = self.row, self._frame
        assert row is not None
        if row.comes_back or row.key == frame.removed:
            self.submit.undo(row.key)
        elif frame.landed is not None:
            self.submit.take_back(row, frame.landed)

    def do_land(self) -> None:
        rows = [each.session for each in (self.row, *self._frame.rows) if each and each.session]
        self.submit.land(next(session.target for session in rows if session.stage is Stage.PARKED))

    def do_up(self) -> None:
        self.station.in_background(partial(start_supervisor, self._place), lambda _: self.station.say("it runs again"))

    def do_queue(self) -> None:
        from swarmctl.surfaces.tui.queue_screen import QueueScreen

        self.app.push_screen(QueueScreen(self._place))

    def do_money(self) -> None:
        from swarmctl.surfaces.tui.money_screen import MoneyScreen

        self.app.push_screen(MoneyScreen(self._place))

    def do_timeline(self) -> None:
        from swarmctl.surfaces.tui.timeline import Timeline

        self.app.push_screen(Timeline(self._place, self.station.selected))

    def do_why(self) -> None:
        if self.row is not None:
            from swarmctl.surfaces.tui.why_screen import WhyScreen

            self.app.push_screen(WhyScreen(self._place, self.row.key, self.row.title))

    def do_settings(self) -> None:
        from swarmctl.surfaces.tui.settings_screen import SettingsScreen

        self.app.push_screen(SettingsScreen())

    def do_places(self) -> None:
        """The one that is shown comes first."""
        shown = self._place.paths.database

        def look() -> list[tuple[bool, str]]:
            return sorted({(base != shown, str(root)) for root, base in everywhere()})

        self.station.in_background(look, self._choose_place)

    def _choose_place(self, places: list[tuple[bool, str]]) -> None:
        found = [(str(n), one_line(f"{' ' if other else '●'} {root}")) for n, (other, root) in enumerate(places)]

        def go(chosen: str | None) -> None:
            if chosen is not None:
                root = Path(places[int(chosen)][1])
                self.station.in_background(lambda: here(root), lambda place: self.post_message(self.WentTo(place)))

        self.app.push_screen(Choose("Repositories", found), go)

    def do_quit(self) -> None:
        self.app.exit()


def start_supervisor(place: Here) -> None:
    """Waits until it answers."""
    client = place.client()
    try:
        client.greet()
    finally:
        client.hang_up()
