"""A page in a browser as the terminal of the cockpit; it has no shell behind it, and cannot be lent.

What the server of the page puts into the environment is for this process alone, not for the agents that it starts.
"""

from __future__ import annotations

import os
from functools import partial
from typing import Any

from textual import events, messages
from textual.app import App
from textual.drivers import web_driver
from textual.drivers.web_driver import WebDriver

from swarmctl.surfaces.tui.typed_bytes import take_any_bytes

FROM_THE_SERVER = (
    "TEXTUAL_DRIVER",
    "TEXTUAL_FPS",
    "TEXTUAL_COLOR_SYSTEM",
    "TERM_PROGRAM",
    "TERM_PROGRAM_VERSION",
    "COLUMNS",
    "ROWS",
    "SWARMCTL__TUI__BROWSER",
)


class PageTerminal(WebDriver):
    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._write = partial(_write, self.fileno)
        for name in FROM_THE_SERVER:
            os.environ.pop(name, None)

    def start_application_mode(self) -> None:
        """A page that was just opened is looked at until it says otherwise; the library has it the other way round."""
        super().start_application_mode()
        self._app.call_later(self._app.post_message, events.AppFocus())

    def run_input_thread(self) -> None:
        """Its server closes the input when it ends, however it ends."""
        take_any_bytes(web_driver)
        super().run_input_thread()
        self._app.post_message(messages.ExitApp())


def _write(fileno: int, data: bytes) -> int:
    """What nobody reads any more goes nowhere."""
    try:
        return os.write(fileno, data)
    except BrokenPipeError:
        return len(data)
