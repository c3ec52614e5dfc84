"""Reads something of the ledger in a thread of its own, again whenever the ledger moved while somebody looks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from swarmctl.core.errors import SwarmError
from swarmctl.surfaces.tui.watching import Watching, as_fault

LOOK_S = 0.5

T = TypeVar("T")


class WhenMoved(Watching, Generic[T]):
    def __init__(
        self,
        name: str,
        mark: Callable[[], object],
        read: Callable[[], T | None],
        post: Callable[[T | SwarmError], object],
    ) -> None:
        """`mark` is another one when the ledger moved; `read` gives None when nothing is new."""
        super().__init__(name, LOOK_S)
        self._mark, self._read, self._post = mark, read, post
        self._seen: object = None
        self._trouble = ""

    def again(self) -> None:
        """Although it did not move."""
        self._seen = None
        self.poke()

    def look(self) -> None:
        mark = self._mark()
        if mark == self._seen:
            return
        try:
            found = self._read()
        except Exception as error:
            self._complain(as_fault(error))
            return
        self._seen, self._trouble = mark, ""
        if found is not None:
            self._post(found)

    def _complain(self, error: SwarmError) -> None:
        """Once for as long as it is the same; meanwhile it is tried again."""
        if error.message != self._trouble:
            self._trouble = error.message
            self._post(error)
