"""Reads something of the ledger in a thread of its own, again whenever the ledger moved while somebody looks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from swarmctl.core.errors import SwarmError
from swarmctl.surfaces.tui.watching import Watching

LOOK_S = 0.5

T = TypeVar("T")


class WhenMoved(Watching, Generic[T]):
    def __init__(
        self,
        name: str,
        seq: Callable[[], int],
        read: Callable[[], T | None],
        post: Callable[[T | SwarmError], object],
    ) -> None:
        """`seq` is how far the ledger is known to be; `read` gives None when nothing is new."""
        super().__init__(name, LOOK_S)
        self._seq, self._read, self._post = seq, read, post
        self._seen = -1

    def again(self) -> None:
        """Although it did not move."""
        self._seen = -1
        self.poke()

    def look(self) -> None:
        seq = self._seq()
        if seq == self._seen:
            return
        try:
            found = self._read()
        except SwarmError as error:
            self._post(error)
            return
        self._seen = seq
        if found is not None:
            self._post(found)
