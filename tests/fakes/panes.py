"""Terminals in memory: a test paints them, and they tell that they printed once for each look."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from swarmctl.core.errors import EnvironmentFault
from swarmctl.core.ids import SessionId


@dataclass(frozen=True)
class FakeLook:
    title: str = ""
    text: str = ""
    viewers: int = 0


@dataclass
class FakePanes:
    shown: dict[str, FakeLook] = field(default_factory=dict)
    looked: list[str] = field(default_factory=list)
    forgotten: set[str] = field(default_factory=set)
    broken: bool = False
    lying: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._bell = os.eventfd(0, os.EFD_NONBLOCK)
        self._lock = threading.Lock()
        self._armed: set[str] = set()
        self._printed: set[str] = set()

    def paint(self, pane: str, text: str = "", title: str = "", viewers: int = 0) -> None:
        with self._lock:
            self.shown[pane] = FakeLook(title, text, viewers)
            if pane in self._armed:
                self._armed.discard(pane)
                self._printed.add(pane)
                os.eventfd_write(self._bell, 1)

    def fileno(self) -> int:
        return self._bell

    def printed(self) -> set[str]:
        with self._lock, suppress(BlockingIOError):
            os.eventfd_read(self._bell)
        with self._lock:
            found, self._printed = self._printed, set()
        return found

    def attend(self, pane: str) -> None:
        """They tell once for each look all the same."""

    def look(self, panes: Sequence[tuple[str, SessionId]]) -> dict[str, FakeLook | None]:
        if self.broken:
            raise EnvironmentFault("no server", hint="swarmctl up")
        with self._lock:
            self.looked += [pane for pane, _ in panes]
            self._armed |= {pane for pane, _ in panes}
            return {pane: None if pane in self.lying else self.shown[pane] for pane, _ in panes if pane in self.shown}

    def forget(self, pane: str) -> None:
        self.forgotten.add(pane)

    def close(self) -> None:
        os.close(self._bell)
