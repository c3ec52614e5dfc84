"""Who died: one pidfd for every running session in the supervisor's select loop, no polling and no forks."""

from __future__ import annotations

import os
import selectors
from collections.abc import Callable

from swarmctl.core.errors import SwarmError
from swarmctl.core.ids import SessionId
from swarmctl.core.machine import Facts
from swarmctl.core.session import ProcessId, Session, Stage

Watch = Callable[[ProcessId], int]
"""A descriptor that becomes readable when the process dies; -1 when it is dead already."""


class Deaths:
    def __init__(self, selector: selectors.BaseSelector, watch: Watch) -> None:
        self._selector = selector
        self._watch = watch
        self._fds: dict[tuple[SessionId, int], int] = {}
        self._dead: set[tuple[SessionId, int]] = set()

    def follow(self, facts: Facts) -> None:
        """Watch what runs, forget what does not."""
        running = {(s.id, s.attempt): s for s in list(facts.live.values()) if s.stage is Stage.RUNNING}
        for key in self._fds.keys() - running.keys():
            self._forget(key)
        self._dead &= running.keys()
        for key in running.keys() - self._fds.keys() - self._dead:
            self._begin(key, running[key])

    def is_alive(self, session: Session) -> bool:
        return (session.id, session.attempt) not in self._dead

    def _begin(self, key: tuple[SessionId, int], session: Session) -> None:
        try:
            fd = self._watch(session.process) if session.process else -1
        except SwarmError:
            return  # Not known to be dead: the next tick looks again.
        if fd < 0:
            self._dead.add(key)
            return
        self._fds[key] = fd
        self._selector.register(fd, selectors.EVENT_READ, lambda _mask: self._died(key))

    def _died(self, key: tuple[SessionId, int]) -> None:
        self._dead.add(key)
        self._forget(key)

    def _forget(self, key: tuple[SessionId, int]) -> None:
        fd = self._fds.pop(key)
        self._selector.unregister(fd)
        os.close(fd)
