"""The terminal that the cockpit is opened in, at the size that it really has."""

from __future__ import annotations

import os
import sys

from textual.drivers.linux_driver import LinuxDriver


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
