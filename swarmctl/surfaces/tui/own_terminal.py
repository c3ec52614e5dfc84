"""The terminal that the cockpit is opened in: at the size that it really has, and left as it was found."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Mapping

from textual import messages
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver

from swarmctl.core.config import TuiSettings
from swarmctl.core.errors import UsageFault

LEAVING_S = 5
"""A terminal that takes nothing any more keeps it for no longer."""


class OwnTerminal(LinuxDriver):
    _lent = _leaving = False

    def start_application_mode(self) -> None:
        loop = asyncio.get_running_loop()

        def leave(_number: int, _frame: object) -> None:
            """At once, or when a terminal that is lent comes back."""
            self._leaving = True
            signal.alarm(0 if self._lent else LEAVING_S)
            loop.call_soon_threadsafe(self._app.post_message, messages.ExitApp())

        self._lent = False
        signal.alarm(LEAVING_S if self._leaving else 0)
        super().start_application_mode()  # type: ignore[no-untyped-call]

        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, leave)

    def suspend_application_mode(self) -> None:
        self._lent = True
        super().suspend_application_mode()

    def _get_terminal_size(self) -> tuple[int, int]:
        """The library believes COLUMNS and LINES first, which a shell may have exported for another terminal."""
        for stream in (sys.__stderr__, sys.__stdout__, sys.__stdin__):
            try:
                size = os.get_terminal_size(stream.fileno()) if stream else None
            except (OSError, ValueError):
                continue
            if size and size.columns and size.lines:
                return size.columns, size.lines
        return super()._get_terminal_size()


def terminal_of(settings: TuiSettings, environ: Mapping[str, str]) -> type[Driver]:
    """The one that the cockpit was started in, or the page that stands for it."""
    if "TEXTUAL_DRIVER" not in environ:
        return OwnTerminal
    if not settings.browser:
        words = "a page without a guard lets in whoever reaches its port, and every page that your browser shows"
        raise UsageFault(words, hint="swarmctl web; or your own [tui] browser = true")
    from swarmctl.surfaces.tui.page_terminal import PageTerminal

    return PageTerminal
