"""The merge queue: who stands in it, the gate that runs and its log as it comes, what landed, and what was refused."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.widgets import Static

from swarmctl.app.gating import is_served
from swarmctl.app.here import Here
from swarmctl.app.in_queue import GateRun, Line, Queue, log_end, log_mark, whole_log
from swarmctl.core.errors import SwarmError
from swarmctl.core.session import Session
from swarmctl.surfaces.tui.bars import KeyBar
from swarmctl.surfaces.tui.deed_screen import DeedScreen
from swarmctl.surfaces.tui.line_list import LineList
from swarmctl.surfaces.tui.log_pane import LogPane
from swarmctl.surfaces.tui.log_screen import LogScreen
from swarmctl.surfaces.tui.queue_words import EMPTY, Subject, about_words, gate_of, lines_of, proof_of, sheet_of, totals
from swarmctl.surfaces.tui.screen_deeds import QUEUE_DEEDS
from swarmctl.surfaces.tui.when_moved import WhenMoved
from swarmctl.surfaces.words.plain import one_line

BESIDE = 130
"""Columns from which on the log stands beside the queue."""
NO_LOG = {
    True: "It printed nothing yet.",
    False: "Its log is empty, or not kept any more.",
}
NOTHING_KEPT = "This gate keeps no log."

SERVED_S = 2.0
"""Between two questions whether there is a supervisor: it goes without a word."""

Logged = tuple[Session, GateRun]


class Looking(WhenMoved[Line]):
    """The ledger when it moved or its supervisor went, and the log of one gate when that grew."""

    def __init__(self, place: Here, seq: Callable[[], int], post: Callable[[Line | SwarmError], object]) -> None:
        super().__init__("queue", lambda: (seq(), self._is_served()), Queue(place.paths).look, post)
        self._place = place
        self._served = False
        self._asked_at = float("-inf")
        self._wanted: Logged | None = None
        self._shown: tuple[object, ...] = ()
        self.logged: Callable[[str, tuple[str, ...]], object] = lambda log, lines: None

    def aim(self, wanted: Logged | None) -> None:
        """A log that was left is told again when somebody comes back to it."""
        before, self._wanted = self._wanted, wanted
        if (wanted and wanted[1].log) != (before and before[1].log):
            self._shown = ()
        self.poke()

    def look(self) -> None:
        super().look()
        self._look_at_log()

    def _is_served(self) -> bool:
        now = time.monotonic()
        if now - self._asked_at >= SERVED_S:
            self._served, self._asked_at = is_served(self._place.paths), now
        return self._served

    def _look_at_log(self) -> None:
        wanted = self._wanted
        if wanted is None:
            return
        session, gate = wanted
        mark = (gate.log, *log_mark(gate.log))
        if mark != self._shown:
            self._shown = mark
            self.logged(gate.log, log_end(self._place.paths, session, gate.log))


class QueueScreen(DeedScreen[Subject | None]):
    NAME = "queue"
    DEEDS = QUEUE_DEEDS

    def __init__(self, place: Here) -> None:
        super().__init__()
        self._place = place
        self._line: Line | None = None
        self._instead = "reading …"
        """Of what is not known."""
        self._subjects: dict[str, Subject] = {}
        self._log = ""

    @property
    def ground(self) -> Subject | None:
        item = self.query_one(LineList).current
        return self._subjects.get(item.key) if item else None

    def compose(self) -> ComposeResult:
        yield Static(id="screen-top")
        with Container(id="screen-body"):
            yield LineList(id="queue")
            with Vertical(id="screen-side"):
                yield Static(id="screen-about")
                yield LogPane(id="log")
        yield KeyBar(self.deeds)

    def on_mount(self) -> None:
        tell = self.app.call_later
        self.looking = Looking(self._place, self.station.seq, partial(tell, self._came))
        self.looking.logged = partial(tell, self._log_came)
        self.query_one(LineList).focus()
        self.looking.start()
        self.set_interval(1.0, self._tick)
        self._show()

    def on_unmount(self) -> None:
        self.looking.stop()

    def on_resize(self, event: events.Resize) -> None:
        self.query_one("#screen-body").set_class(event.size.width >= BESIDE, "beside")
        self.query_one("#screen-side").display = event.size.width >= BESIDE or event.size.height >= 12

    def _tick(self) -> None:
        """Seconds go on; nothing is looked up while nobody looks at the terminal."""
        self.looking.is_looked_at(self.is_current and self.app.app_focus)
        if self.is_current and self.app.app_focus:
            self._show()

    def _came(self, found: Line | SwarmError) -> None:
        if not self.is_attached:
            return
        if isinstance(found, SwarmError):
            self._instead = one_line(found.message)
            self._show()
            return
        is_first, self._line = self._line is None, found
        self._show()
        at_work = next((entry for entry in (*found.queued, *found.rehearsed) if entry.running), None)
        if is_first and at_work is not None:
            self.query_one(LineList).go_to(at_work.session.id)

    def _show(self) -> None:
        line = self._line
        items, self._subjects = lines_of(line, time.time()) if line else ([], {})
        self.query_one(LineList).show(items, EMPTY.format_map(self.words) if line else self._instead)
        top = Text("Merge queue", "bold", no_wrap=True, overflow="ellipsis")
        self.query_one("#screen-top", Static).update(top.append(f"   {totals(line)}" if line else "", "not bold dim"))
        self._show_selected()

    def _show_selected(self) -> None:
        subject = self.ground
        self.show_keys()
        about = about_words(subject, time.time()) + ("  ·  more came: end" if self.query_one(LogPane).is_behind else "")
        self.query_one("#screen-about", Static).update(Text(about, no_wrap=True, overflow="ellipsis"))
        gate, proof = gate_of(subject), proof_of(subject)
        log = gate.log if gate and not proof else ""
        if log != self._log or not log:
            self._log = log
            sheet = tuple(sheet_of(subject.entry, proof, time.time())) if subject and proof else ()
            key = f"proof of {subject.entry.session.id}" if subject and proof else log
            self.query_one(LogPane).show(key, sheet, "" if log else NOTHING_KEPT if gate else "No gate ran for it yet.")
        self.looking.aim((subject.entry.session, gate) if subject and gate and log else None)

    def _log_came(self, log: str, lines: tuple[str, ...]) -> None:
        gate = gate_of(self.ground) if self.is_attached else None
        if gate is not None and log == self._log:
            self.query_one(LogPane).show(log, lines, NO_LOG[gate.runs])

    def on_line_list_pointed(self) -> None:
        self._show_selected()

    def on_line_list_opened(self) -> None:
        self.do("log")

    def do_log(self) -> None:
        subject, gate = self.ground, gate_of(self.ground)
        assert subject is not None and gate is not None
        read = partial(whole_log, self._place.paths, subject.entry.session, gate.log)
        self.app.push_screen(LogScreen(f"{subject.entry.session.id}  {gate.gate}", read, partial(log_mark, gate.log)))

    def do_retry(self) -> None:
        self._ask("merge", "{} stands in the merge queue")

    def do_out(self) -> None:
        self._ask("stop", "{} is out of the queue; {merge} in the list puts it back")

    def do_land(self) -> None:
        assert self.ground is not None
        target = self.ground.entry.session.target
        self.station.ask("land", {"target": target}, lambda answer: self.station.say("what was parked goes on"))

    def _ask(self, kind: str, said: str) -> None:
        assert self.ground is not None
        name = self.ground.entry.session.id
        self.station.ask(kind, {"id": name}, lambda answer: self.station.say(said.format(name, **self.words)))
