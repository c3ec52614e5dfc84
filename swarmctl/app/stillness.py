"""Agents that say nothing for long: whether their processes do anything, and that nobody knows when they do not.

It never ends or judges anything: an agent that waits for a slow model looks the same as one that hangs.
"""

from __future__ import annotations

from functools import partial

from swarmctl.app.senses import Senses
from swarmctl.app.wire import Wired
from swarmctl.core.events import Event
from swarmctl.core.evidence import Evidence, Source
from swarmctl.core.ids import SessionId
from swarmctl.core.session import Session, Stage, State
from swarmctl.core.values import dataclass
from swarmctl.loops.engine.engine import Engine

SILENT_S = 600.0
"""After so long without a word its processes are looked at, and again after as long."""


@dataclass(frozen=True, slots=True)
class _Look:
    at: float
    ran: object


class Stillness:
    def __init__(self, wired: Wired, engine: Engine, senses: Senses) -> None:
        self._wired = wired
        self._engine = engine
        self._senses = senses
        self._looks: dict[tuple[SessionId, int], _Look] = {}

    def look(self) -> None:
        now = self._wired.desk.clock.now()
        quiet = [session for session in list(self._engine.facts.live.values()) if self._is_quiet(session, now)]
        keys = {(session.id, session.attempt) for session in quiet}
        self._looks = {key: look for key, look in self._looks.items() if key in keys}
        for session in quiet:
            with self._engine.apart(session.id):
                found = self._found(session, now)
                if found is not None:
                    self._engine.append_from(partial(self._weighed, session, found))

    def _is_quiet(self, session: Session, now: float) -> bool:
        if session.stage is not Stage.RUNNING or session.state not in (State.WORKING, State.UNKNOWN):
            return False
        return now - self._senses.last_word(session) >= SILENT_S

    def _found(self, session: Session, now: float) -> Evidence | None:
        """None when there was no earlier look to compare with, or it was a moment ago."""
        key = (session.id, session.attempt)
        before = self._looks.get(key)
        if before is not None and now - before.at < SILENT_S:
            return None
        ran = self._wired.ran(session.process) if session.process else None
        self._looks[key] = _Look(now, ran)
        if before is None or ran is None or before.ran is None:
            return None
        if ran != before.ran:
            return Evidence(Source.PROCESS, now, State.WORKING, why="it says nothing, and its processes work")
        return Evidence(Source.SILENCE, now, State.UNKNOWN, why="it says nothing, and its processes do nothing")

    def _weighed(self, session: Session, found: Evidence) -> list[Event]:
        change = self._senses.notice(session, found)
        return [change] if change else []
