"""One fetch for all who ask at about the same time: who comes while it runs, or shortly after, shares what it found."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

REUSE_S = 5.0


@dataclass
class _Flight:
    turn: threading.Lock = field(default_factory=threading.Lock)
    ended: float | None = None
    words: str = ""


class Fetches:
    def __init__(self, reuse_s: float = REUSE_S) -> None:
        self._reuse_s = reuse_s
        self._guard = threading.Lock()
        self._flights: dict[Hashable, _Flight] = {}

    def shared(self, what: Hashable, fetch: Callable[[], str]) -> str:
        """What `fetch` said went wrong, now or in the last seconds; a fetch that raised is not shared."""
        asked = _now()
        with self._guard:
            flight = self._flights.setdefault(what, _Flight())
        with flight.turn:
            if flight.ended is None or flight.ended + self._reuse_s < asked:
                flight.words = fetch()
                flight.ended = _now()
            return flight.words


def _now() -> float:
    """Goes on while the machine sleeps."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)
