"""Why a session is as it is: the lines of `swarmctl why`, which go on as long as somebody looks."""

from __future__ import annotations

import textwrap
import time
from collections.abc import Iterable, Iterator
from functools import partial

from rich.text import Text
from textual.app import ComposeResult
from textual.widgets import Static

from swarmctl.app.here import Here
from swarmctl.core.errors import SwarmError
from swarmctl.core.ids import SessionId, TaskId
from swarmctl.surfaces.tui.bars import KeyBar
from swarmctl.surfaces.tui.deed_screen import DeedScreen
from swarmctl.surfaces.tui.dialogs import Page
from swarmctl.surfaces.tui.line_list import Item, LineList
from swarmctl.surfaces.tui.record import record_text
from swarmctl.surfaces.tui.screen_deeds import WHY_DEEDS
from swarmctl.surfaces.tui.when_moved import WhenMoved
from swarmctl.surfaces.words.chain import Told, chain_of, told_of
from swarmctl.surfaces.words.narrate import tone_of
from swarmctl.surfaces.words.plain import one_line

TONES = {"good": "good", "bad": "bad", "plain": ""}
MOST = 2_000
"""Events that are shown, the newest."""


class Chain:
    """Read again only when something is new about it."""

    def __init__(self, place: Here, key: str) -> None:
        self._place, self._key = place, key
        self._seq = 0

    def read(self) -> list[Told] | None:
        with self._place.glance() as board:
            facts = board.facts
            session = facts.sessions.get(SessionId(self._key))
            task = facts.tasks[session.task if session else TaskId(self._key)]
            if self._seq and not board.page(1, after=self._seq, task=task.id):
                return None
            chain = chain_of(board.about(task), task, session)
            told = list(told_of(facts, chain, task, session))[-MOST:]
            self._seq = facts.seq
            return told


class WhyScreen(DeedScreen[Told | None]):
    NAME = "why"
    DEEDS = WHY_DEEDS

    def __init__(self, place: Here, key: str, title: str) -> None:
        super().__init__()
        self._place, self._key, self._title = place, key, one_line(title)
        self._told: list[Told] = []

    @property
    def ground(self) -> Told | None:
        item = self.query_one(LineList).current
        return next((told for told in self._told if item and str(told.stamped.seq) == item.key), None)

    def compose(self) -> ComposeResult:
        yield Static(id="screen-top")
        yield LineList(id="chain")
        yield KeyBar(self.deeds)

    def on_mount(self) -> None:
        seq, tell = self.station.seq, self.app.call_later
        self.watch_chain = WhenMoved("why", seq, Chain(self._place, self._key).read, partial(tell, self._came))
        top = Text(f"Why {self._key}", "bold", no_wrap=True, overflow="ellipsis")
        self.query_one("#screen-top", Static).update(top.append(f"   {self._title}", "not bold dim"))
        lines = self.query_one(LineList)
        lines.show((), "reading …")
        lines.focus()
        self.show_keys()
        self.watch_chain.start()
        self.set_interval(1.0, lambda: self.watch_chain.is_looked_at(self.is_current and self.app.app_focus))

    def on_unmount(self) -> None:
        self.watch_chain.stop()

    def on_resize(self) -> None:
        self._show()

    def _came(self, found: list[Told] | SwarmError) -> None:
        if not self.is_attached:
            return
        lines, first = self.query_one(LineList), not self._told
        if isinstance(found, SwarmError):
            self.station.complain(found)
            if first:
                lines.show((), one_line(found.message))
            return
        follows = first or lines.cursor == lines.last
        self._told = found
        self._show(to_end=follows)

    def _show(self, *, to_end: bool = False) -> None:
        if self._told:
            width = max(30, self.size.width - 3)
            self.query_one(LineList).show(list(items_of(self._told, width)), to_end=to_end)
            self.show_keys()

    def on_line_list_pointed(self) -> None:
        self.show_keys()

    def on_line_list_opened(self) -> None:
        self.do("record")

    def do_record(self) -> None:
        assert self.ground is not None
        self.app.push_screen(Page(f"Event {self.ground.stamped.seq}", Text(record_text(self.ground.stamped))))

    def do_copy(self) -> None:
        assert self.ground is not None
        self.station.copy(record_text(self.ground.stamped), f"event {self.ground.stamped.seq}")


def items_of(chain: Iterable[Told], width: int) -> Iterator[Item]:
    """Broken at spaces, under where the words begin; days where they change."""
    day = ""
    for told in chain:
        at = time.localtime(told.stamped.at)
        if (today := time.strftime("%A, %Y-%m-%d", at)) != day:
            day = today
            yield Item(f"day {told.stamped.seq}", ((day, "head"),), can=False)
        clock = f"{time.strftime('%H:%M:%S', at)}  "
        tone, room = TONES[tone_of(told.stamped.event)], width - len(clock)
        for number, words in enumerate(textwrap.wrap(told.words, room) or [""]):
            key = f"{told.stamped.seq}.{number}" if number else str(told.stamped.seq)
            yield Item(key, ((" " * len(clock) if number else clock, "dim"), (words, tone)), can=not number)
        for number, words in enumerate(line for each in told.reasons for line in textwrap.wrap(each, room - 2)):
            yield Item(f"{told.stamped.seq}-{number}", ((f"{' ' * len(clock)}  {words}", "dim"),), can=False)
