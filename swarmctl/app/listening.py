"""Who waits for an agent's word that a turn began, and what it said: whoever types a text into its terminal."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from swarmctl.core.ids import SessionId


class Ear:
    """One who listens; `begun` holds what was said since he began to."""

    def __init__(self) -> None:
        self._said: list[str] = []
        self._news = threading.Event()

    def hear(self, payload: str) -> None:
        self._said.append(payload)
        self._news.set()

    def begun(self) -> tuple[str, ...]:
        return tuple(self._said)

    def wait(self, seconds: float) -> None:
        if self._news.wait(seconds):
            self._news.clear()


class Listeners:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ears: dict[Ear, SessionId] = {}

    @contextmanager
    def listen(self, session: SessionId) -> Iterator[Ear]:
        ear = Ear()
        with self._lock:
            self._ears[ear] = session
        try:
            yield ear
        finally:
            with self._lock:
                del self._ears[ear]

    def began(self, session: SessionId, payload: str) -> None:
        """Its agent says that a turn began."""
        with self._lock:
            ears = [ear for ear, name in self._ears.items() if name == session]
        for ear in ears:
            ear.hear(payload)
