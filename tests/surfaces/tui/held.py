"""A read that a test holds up, lets go, or lets fail."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from swarmctl.core.errors import EnvironmentFault

PATIENCE_S = 20.0


class Held:
    """In place of a function of a module; it does what that did, once it is let go."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, home: ModuleType, name: str) -> None:
        self._act: Callable[..., Any] = getattr(home, name)
        self._free = threading.Event()
        self._free.set()
        self.calls: list[tuple[Any, ...]] = []
        self.done = 0
        """Of them, those that found what they give once they are let go."""
        self.fails: Callable[..., bool] = lambda *_, **__: False
        """By the arguments of a call."""
        monkeypatch.setattr(home, name, self)

    def __call__(self, *args: Any, **named: Any) -> Any:
        self.calls.append((*args, *named.values()))
        fails = self.fails(*args, **named)
        found = None if fails else self._act(*args, **named)
        self.done += 1
        assert self._free.wait(PATIENCE_S), "nobody let it go"
        if fails:
            raise EnvironmentFault("that cannot be read", hint="swarmctl doctor")
        return found

    def hold(self) -> None:
        self._free.clear()

    def let_go(self) -> None:
        self._free.set()
