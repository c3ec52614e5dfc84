"""One thing read at a time, in a thread; what was asked for last is what is told, also when it was asked meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar, cast

from textual.screen import Screen

from swarmctl.core.errors import SwarmError
from swarmctl.surfaces.tui.station import Station

T = TypeVar("T")
Act = Callable[[], T]


class Newest(Generic[T]):
    def __init__(
        self, screen: Screen[None], came: Callable[[T], object], failed: Callable[[SwarmError], object]
    ) -> None:
        """Nothing is told once the screen is gone."""
        self._screen, self._came, self._failed = screen, came, failed
        self._key: object = None
        self._next: tuple[object, Act[T]] | None = None
        self._is_reading = False
        self._under_way: object = None

    def want(self, key: object, act: Act[T], *, anew: bool = False) -> None:
        """`anew`: also when the same is under way; that is told as well, for it is older, but not wrong."""
        self._key = key
        if not self._is_reading or anew or key != self._under_way:
            self._next = key, act
        else:
            self._next = None
        if not self._is_reading:
            self._begin()

    def drop(self) -> None:
        """Nobody wants anything any more."""
        self._key = self._next = None

    def _begin(self) -> None:
        if self._next is None:
            return
        (key, act), self._next, self._is_reading = self._next, None, True
        self._under_way = key

        def came(found: T) -> None:
            self._over(key, lambda: self._came(found))

        def failed(error: SwarmError) -> None:
            self._over(key, lambda: self._failed(error))

        cast(Station, self._screen.app).in_background(act, came, failed)

    def _over(self, key: object, tell: Callable[[], object]) -> None:
        self._is_reading = False
        if not self._screen.is_attached:
            return
        is_wanted = key == self._key
        self._begin()
        if is_wanted:
            tell()
