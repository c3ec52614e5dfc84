"""The terminal that the cockpit is opened in, at the size that it really has."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver

from swarmctl.core.config import TuiSettings
from swarmctl.core.errors import UsageFault


class OwnTerminal(LinuxDriver):
    """The library believes COLUMNS and LINES first, which a shell may have exported for another terminal."""

    def _get_terminal_size(self) -> tuple[int, int]:
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
