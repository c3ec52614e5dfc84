"""Money: what agents cost by day, by agent and by model, what is left of each cap, and the caps to change."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.containers import Container, Horizontal
from textual.widgets import Static

from swarmctl.app.caps import Cap, set_caps
from swarmctl.app.here import Here
from swarmctl.app.spending import Spending, spending
from swarmctl.core.errors import SwarmError
from swarmctl.surfaces.tui.bars import KeyBar
from swarmctl.surfaces.tui.budget_dialog import BudgetDialog, cap_words
from swarmctl.surfaces.tui.deed_screen import DeedScreen
from swarmctl.surfaces.tui.line_list import LineList
from swarmctl.surfaces.tui.money_plots import Bars
from swarmctl.surfaces.tui.money_words import caps_of, figures_of, is_nothing, top_words, unit_of
from swarmctl.surfaces.tui.screen_deeds import MONEY_DEEDS, Purses
from swarmctl.surfaces.tui.when_moved import WhenMoved
from swarmctl.surfaces.words.plain import one_line

PLOTS = ("days", "agents", "models")
ROOM = 50
"""Columns that each plot has at least; those that have none are a key away."""
BESIDE = 150
"""Columns from which on the caps stand beside the figures."""


class MoneyScreen(DeedScreen[Purses]):
    NAME = "money"
    DEEDS = MONEY_DEEDS

    def __init__(self, place: Here) -> None:
        super().__init__()
        self._place = place
        self._found: Spending | None = None
        self._first = 0
        """Which plot comes first."""

    @property
    def ground(self) -> Purses:
        spent = self._found is None or not is_nothing(self._found)
        return Purses(self._found is not None, self._fitting() < len(PLOTS), spent)

    def compose(self) -> ComposeResult:
        yield Static(id="screen-top")
        with Horizontal(id="plots"):
            yield Bars("days", "by day, the last 14")
            yield Bars("agents", "by agent")
            yield Bars("models", "by model")
        with Container(id="screen-body"):
            yield LineList(id="caps")
            yield LineList(id="figures")
        yield KeyBar(self.deeds)

    def on_mount(self) -> None:
        seq, tell = self.station.seq, self.app.call_later
        self.reading = WhenMoved("money", seq, partial(spending, self._place), partial(tell, self._came))
        self.query_one("#figures").focus()
        self._show()
        self.reading.start()
        self.set_interval(1.0, lambda: self.reading.is_looked_at(self.is_current and self.app.app_focus))

    def on_unmount(self) -> None:
        self.reading.stop()

    def on_resize(self, event: events.Resize) -> None:
        self._arrange()
        self._show()

    def _fitting(self) -> int:
        return max(1, min(len(PLOTS), self.size.width // ROOM))

    def _arrange(self) -> None:
        count = self._fitting()
        seen = [PLOTS[(self._first + number) % len(PLOTS)] for number in range(count)]
        beside = self.size.width >= BESIDE
        self.query_one("#screen-body").set_class(beside, "beside")
        self.query_one("#caps").display = beside
        plots = self.query_one("#plots")
        plots.styles.height = max(7, min(16, self.size.height // 3))
        plots.display = self.size.height >= 16 and not (self._found is None or is_nothing(self._found))
        for name in PLOTS:
            self.query_one(f"#{name}", Bars).display = name in seen

    def _came(self, found: Spending | SwarmError) -> None:
        if not self.is_attached:
            return
        if isinstance(found, SwarmError):
            self.station.complain(found)
            if self._found is None:
                self.query_one("#figures", LineList).show((), one_line(found.message))
            return
        self._found = found
        self._arrange()
        self._show()

    def _show(self) -> None:
        found = self._found
        top = Text("Money", "bold", no_wrap=True, overflow="ellipsis")
        self.query_one("#screen-top", Static).update(
            top.append(f"   {top_words(found) if found else ''}", "not bold dim")
        )
        caps, beside = caps_of(found) if found else [], self.size.width >= BESIDE
        figures = figures_of(found, self.size.width // (2 if beside else 1)) if found else []
        self.query_one("#caps", LineList).show(caps)
        self.query_one("#figures", LineList).show(figures if beside else [*caps, *figures], "reading …")
        if found is not None:
            unit = unit_of(found)
            self.query_one("#days", Bars).show_days(found.days, unit)
            self.query_one("#agents", Bars).show_names(found.agents, unit)
            self.query_one("#models", Bars).show_names(found.models, unit)
        self.show_keys()

    def do_turn(self) -> None:
        self._first = (self._first + 1) % len(PLOTS)
        self._arrange()

    def do_edit(self) -> None:
        assert self._found is not None
        self.app.push_screen(BudgetDialog(self._found.caps, self._write))

    def _write(self, wanted: Mapping[str, float | None]) -> list[Cap]:
        """In a thread."""
        caps = set_caps(self._place, wanted)
        self.reading.again()
        self.station.feed.take_cap()
        words = ", ".join(cap_words(cap) for cap in caps)
        self.app.call_from_thread(self.station.say, one_line(f"{words}; a supervisor that runs takes it over"))
        return caps
