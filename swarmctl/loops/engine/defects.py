"""What cannot be decided because something unforeseen happened: it ends for whom it concerns, and for nobody else.

Told once for each place that raises it, whatever its words are by then, and looked at anew with every tick: it is over
as soon as it can be decided.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from swarmctl.core.errors import EnvironmentFault, SwarmError
from swarmctl.core.events import Event, Noticed
from swarmctl.core.facts import Facts
from swarmctl.core.ids import SessionId
from swarmctl.loops.engine.advance import Step

Mark = tuple[str, str, str, int]
"""Whom it concerns, what kind it is, and where it was raised."""


class Defects:
    def __init__(self, state: str) -> None:
        self._log = f"{state}/supervisor.log"
        self._told: set[Mark] = set()
        self._marks: dict[str, Mark] = {}
        self._begun: dict[str, EnvironmentFault] = {}
        self.now: dict[str, EnvironmentFault] = {}
        """By session; without a name what concerns all that waits."""

    @contextmanager
    def apart(self, subject: str) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            self._begun[subject] = self._fault(subject, error)
            self._marks[subject] = _mark(subject, error)
            if self._marks[subject] not in self._told:
                traceback.print_exception(error)

    def _fault(self, subject: str, error: Exception) -> EnvironmentFault:
        if isinstance(error, SwarmError):
            return EnvironmentFault(error.message, hint=error.hint)
        whose = f"what comes next for {subject}" if subject else "what comes next"
        words = f"a defect of swarmctl: {whose} cannot be decided: {type(error).__name__}: {error}"
        return EnvironmentFault(words, hint=f"tail {self._log}; swarmctl down lets the next command begin afresh")

    def holds(self, session: SessionId) -> bool:
        """Nothing happens to it, whatever is asked for."""
        return "" in self.now or session in self.now

    def of(self, name: str, facts: Facts) -> EnvironmentFault | None:
        """Why a run or a task does not go on."""
        for subject, fault in self.now.items():
            session = facts.sessions.get(SessionId(subject))
            if session is None or name in (session.run, session.task):
                return fault
        return None

    def sift(self, steps: list[Step]) -> list[Step]:
        """After all was looked at: the steps that may be taken."""
        self.now, self._begun = self._begun, {}
        return [step for step in steps if step.subject not in self.now]

    def news(self, facts: Facts) -> list[Event]:
        """Words for the log about what was not told yet."""
        untold = {each: fault for each, fault in self.now.items() if self._marks[each] not in self._told}
        return [Noticed(SessionId(each) if each in facts.sessions else None, untold[each].message) for each in untold]

    def told(self) -> None:
        self._told |= {self._marks[each] for each in self.now}


def _mark(subject: str, error: Exception) -> Mark:
    *_, (frame, line) = traceback.walk_tb(error.__traceback__)
    return subject, type(error).__name__, frame.f_code.co_filename, line
