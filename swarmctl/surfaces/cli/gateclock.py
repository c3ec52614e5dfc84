"""The gate that runs, with its seconds, where there is a terminal to show them on."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from swarmctl.surfaces.words.plain import age, one_line

if TYPE_CHECKING:
    from rich.text import Text


class GateClock:
    """As of whenever it is drawn."""

    def __init__(self, gate: str, since: float) -> None:
        self._gate = one_line(gate)
        self._since = since

    def __rich__(self) -> Text:
        from rich.text import Text

        return Text(f"gate {self._gate} runs for {age(time.time() - self._since)}", style="dim")


@contextmanager
def gate_clock(as_json: bool) -> Iterator[Callable[[str], None]]:
    """Told which gate begins, it shows that one until it is told of the next."""
    if as_json or not sys.stderr.isatty():
        yield lambda gate: None
        return
    from rich.console import Console
    from rich.live import Live
    from rich.spinner import Spinner

    with Live(console=Console(stderr=True, highlight=False), refresh_per_second=8, transient=True) as live:
        yield lambda gate: live.update(Spinner("dots", GateClock(gate, time.time())))
