"""The application: its screens, and what comes to them from the threads that read."""

from __future__ import annotations

import gc
import os
import re
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from textual.binding import Binding, BindingType

from swarmctl.app.here import Here
from swarmctl.app.own import Own, own_settings
from swarmctl.core.errors import EnvironmentFault
from swarmctl.surfaces.tui.closed_screens import let_go_of_closed_screens
from swarmctl.surfaces.tui.deed_screen import DeedScreen
from swarmctl.surfaces.tui.home import Home
from swarmctl.surfaces.tui.own_terminal import terminal_of
from swarmctl.surfaces.tui.palette import Palette
from swarmctl.surfaces.tui.rows import Frame
from swarmctl.surfaces.tui.station import OUT_OF_THE_BOX, FrameCame, PreviewCame, SizesCame, Station
from swarmctl.surfaces.tui.themes import THEMES, theme_of
from swarmctl.surfaces.tui.typed_bytes import take_any_bytes
from swarmctl.surfaces.words.plain import one_line

PATIENCE_S = 10.0
STAYS_S = 2.0
SETTLED_S = 0.8
"""By then the terminal and the sizes are there as well."""


class Cockpit(Station):
    CSS_PATH = ["cockpit.tcss", "overlays.tcss"]
    COMMANDS = {Palette}
    TITLE = "swarmctl"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c", "quit", "leave", show=False, priority=True),
        Binding("ctrl+q", "quit", "leave", show=False, priority=True),
        Binding("ctrl+z", "suspend_process", "to the shell", show=False),
    ]

    def __init__(self, place: Here, own: Own = OUT_OF_THE_BOX) -> None:
        super().__init__(place, own)
        let_go_of_closed_screens()
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = theme_of(own, os.environ)
        self.home = Home(place)

    @property
    def selected(self) -> str:
        row = self.home.row if self.home.is_attached else None
        return row.key if row else ""

    @property
    def words(self) -> Mapping[str, str]:
        seen = (screen for screen in reversed(self.screen_stack) if isinstance(screen, DeedScreen))
        return next(seen, self.home).words

    def attach_selected(self) -> None:
        self.home.do("attach")

    def on_mount(self) -> None:
        self.push_screen(self.home)
        self.begin()
        if not gc.isenabled():
            self.set_timer(STAYS_S, look_for_garbage)

    async def on_unmount(self) -> None:
        self.end()

    def on_home_went_to(self, message: Home.WentTo) -> None:
        if self.screen is not self.home:
            name = message.place.repository.root.name
            self.say(f"back in the list, {self.home.words['places']} looks at {name}")
            return
        self.end()
        self.clear_notifications()
        self.place, self.frame = message.place, Frame()
        self.home.begin_anew(message.place)
        self.begin()

    def on_frame_came(self, message: FrameCame) -> None:
        if self._is_shown(message.place):
            self.frame = message.frame
            self.home.show(message.frame)
            for screen in self.screen_stack:
                if isinstance(screen, DeedScreen) and screen is not self.home:
                    screen.tell_trouble(message.frame)

    def on_preview_came(self, message: PreviewCame) -> None:
        if self._is_shown(message.place):
            self.home.show_preview(message.session, message.shown)

    def on_sizes_came(self, message: SizesCame) -> None:
        if self._is_shown(message.place):
            self.home.show_sizes(message.sizes)

    def _is_shown(self, place: Here) -> bool:
        """What comes while the cockpit closes has no list any more."""
        return place is self.place and self.is_running


def look_for_garbage() -> None:
    """Only among what is new: to look through all that was loaded keeps a key waiting for 30 to 70 ms, each time."""
    gc.freeze()
    gc.enable()


def open_cockpit(place: Here) -> None:
    take_any_bytes()
    own = own_settings(place)
    terminal = terminal_of(own.tui, os.environ)
    app = Cockpit(place, own)
    app.driver_class = terminal
    app.run()


def picture(place: Here, file: Path, size: tuple[int, int], keys: Sequence[str]) -> None:
    """What these keys lead to, as an SVG that fetches nothing, once it shows what is known."""
    app = Cockpit(place, own_settings(place))
    app.is_picture = True
    try:
        file.touch()
    except OSError as error:
        words = f"cannot write {one_line(str(file))}: {error.strerror or error}"
        raise EnvironmentFault(words, hint="name a file in a folder that is there and yours") from error
    nothing = app.frame

    async def shot(pilot: Any) -> None:
        end = time.monotonic() + PATIENCE_S
        while app.frame is nothing and time.monotonic() < end:
            await pilot.pause(0.05)
        await pilot.pause(SETTLED_S)
        for key in keys:
            await pilot.press(key)
            await pilot.pause(SETTLED_S)
        drawn = app.export_screenshot(title="swarmctl")
        file.write_text(re.sub(r"\s*@font-face \{[^}]*\}", "", drawn))
        await app.action_quit()

    app.run(headless=True, size=size, auto_pilot=shot)
