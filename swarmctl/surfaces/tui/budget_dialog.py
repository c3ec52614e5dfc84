"""The caps of a task, a run and a day, to change: written into the person's own file, or why not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import cast

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Label

from swarmctl.app.caps import Cap, amount_of
from swarmctl.app.here import own_file
from swarmctl.core.errors import SwarmError
from swarmctl.core.money import dollars, micros_of
from swarmctl.surfaces.tui.station import Station
from swarmctl.surfaces.words.plain import one_line

TITLES = {"task_usd": "each task", "run_usd": "each run", "day_usd": "each day"}
Wanted = Mapping[str, float | None]


class BudgetDialog(ModalScreen[None]):
    BINDINGS = [("escape", "leave", "leave"), ("ctrl+s", "give", "write")]

    def __init__(self, caps: Sequence[Cap], write: Callable[[Wanted], object]) -> None:
        """`write` is called in a thread."""
        super().__init__()
        self._caps, self._write = caps, write
        self._is_done = False

    def compose(self) -> ComposeResult:
        with Vertical(classes="box"):
            yield Label("What agents may cost, in dollars", classes="title")
            for cap in self._caps:
                with Horizontal(classes="field"):
                    yield Label(TITLES[cap.name], classes="label")
                    yield Input(amount_words(cap), id=cap.name, placeholder="no cap", compact=True)
                    yield Label(Text(source_words(cap), no_wrap=True, overflow="ellipsis"), classes="source")
            yield Label(id="reason")
            yield Label(Text(one_line(f"⏎ write into {own_file()}   esc leave")), classes="note")

    def on_mount(self) -> None:
        self.query_one(f"#{self._caps[-1].name}", Input).focus()

    def on_input_submitted(self) -> None:
        self.action_give()

    def action_give(self) -> None:
        try:
            wanted = {cap.name: amount_of(self.query_one(f"#{cap.name}", Input).value) for cap in self._caps}
        except SwarmError as error:
            self._complain(error)
            return
        station = cast(Station, self.app)
        station.in_background(partial(self._write, wanted), lambda _: self._done(), self._complain)

    def _complain(self, error: SwarmError) -> None:
        if self.is_attached:
            reason = self.query_one("#reason", Label)
            reason.add_class("shown")
            reason.update(Text(f"{one_line(error.message)}\nhint: {one_line(error.hint)}"))

    def _done(self) -> None:
        """Once nothing stands over it any more."""
        self._is_done = True
        if self.is_active:
            self.dismiss(None)

    def on_screen_resume(self) -> None:
        if self._is_done:
            self.dismiss(None)

    def action_leave(self) -> None:
        self.dismiss(None)


def amount_words(cap: Cap) -> str:
    """Every digit of it."""
    return "" if cap.usd is None else repr(float(cap.usd)).removesuffix(".0")


def source_words(cap: Cap) -> str:
    return {
        "": "not set",
        "own": "your own file",
        "repository": "swarm.toml of this repository",
        "environment": one_line(f"{cap.source}, which wins"),
    }[cap.whose]


def cap_words(cap: Cap) -> str:
    return f"{TITLES[cap.name]} {'no cap' if cap.usd is None else dollars(micros_of(cap.usd))}"
