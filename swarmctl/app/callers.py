"""The environments of those who asked for something, by run. In memory only; runs from one terminal share one."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

from swarmctl.core.ids import RunId

REMEMBERED = 32
"""So many different ones are compared with a new one."""


class Callers(dict[RunId, Mapping[str, str]]):
    def __init__(self) -> None:
        super().__init__()
        self._recent: deque[Mapping[str, str]] = deque(maxlen=REMEMBERED)

    def __setitem__(self, run: RunId, env: Mapping[str, str]) -> None:
        known = next((each for each in self._recent if each == env), None)
        if known is None:
            self._recent.append(env)
        super().__setitem__(run, env if known is None else known)
