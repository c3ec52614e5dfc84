"""Colours of code for the file on the screen, read when it has been there for a moment."""

from __future__ import annotations

from functools import partial
from typing import cast

from textual.screen import Screen

from swarmctl.app.here import Here
from swarmctl.surfaces.tui.diff_model import Inks, Opened, coloured
from swarmctl.surfaces.tui.diff_view import DiffView
from swarmctl.surfaces.tui.station import Station

READING_S = 0.1
"""A file that is shown so long is read as code."""


def colour_soon(screen: Screen[None], view: DiffView, place: Here, found: Opened) -> None:
    def is_shown() -> bool:
        return screen.is_attached and view.opened is found

    def came(inks: Inks) -> None:
        found.inks.update(inks)
        if is_shown():
            view.colour(inks)

    def begin() -> None:
        if is_shown() and not found.inks:
            act = partial(coloured, place, found.change, found.lines)
            cast(Station, screen.app).in_background(act, came)

    screen.set_timer(READING_S, begin)
