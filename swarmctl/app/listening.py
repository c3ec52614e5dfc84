"""Who waits for an agent's word that a turn began, and what it said: whoever types a text into its terminal."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from swarmctl.core.ids import SessionId


class Ear:
    """One who listens; `begun` holds what was said since he began to."""

    def __init__(self, since: float, over: threading.Event) -> None:
        self._since = since
        self._over = over
        self._said: list[str] = []
        self._news = threading.Event()

    def hear(self, payload: str, at: float) -> None:
        """What was said earlier is of another turn, however late it was read."""
        if at >= self._since:
            self._said.append(payload)
            self._news.set()

    def begun(self) -> tuple[str, ...]:
        return tuple(self._said)

    def wait(self, seconds: float) -> None:
        if self._news.wait(seconds):
            self._news.clear()

    def over(self) -> bool:
        return self._over.is_set()

    def wake(self) -> None:
        self._news.set()


class Listeners:
    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._ears: dict[Ear, SessionId] = {}

    @contextmanager
    def listen(self, session: SessionId) -> Iterator[Ear]:
        ear = Ear(self._now(), self._over)
        with self._lock:
            self._ears[ear] = session
        try:
            yield ear
        finally:
            with self._lock:
                del self._ears[ear]

    def began(self, session: SessionId, payload: str, at: float) -> None:
        """Its agent says that a turn began, by the wall's clock."""
        with self._lock:
            ears = [ear for ear, name in self._ears.items() if name == session]
        for ear in ears:
            ear.hear(payload, at)

    def end(self) -> None:
        """Whoever types stops; who begins to listen from now on hears the same."""
        self._over.set()
        with self._lock:
            ears = list(self._ears)
        for ear in ears:
            ear.wake()
