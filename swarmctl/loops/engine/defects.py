"""What cannot be decided because something unforeseen happened: it ends for whom it concerns, and for nobody else.

Told once, and looked at anew with every tick: it is over as soon as it can be decided.
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


class Defects:
    def __init__(self, state: str) -> None:
        self._log = f"{state}/supervisor.log"
        self._told: set[tuple[str, str]] = set()
        self._begun: dict[str, EnvironmentFault] = {}
        self.now: dict[str, EnvironmentFault] = {}
        """By session; without a name what concerns all that waits."""

    @contextmanager
    def apart(self, subject: str) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            fault = self._fault(subject, error)
            if (subject, fault.message) not in self._told:
                traceback.print_exception(error)
            self._begun[subject] = fault

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
        untold = {each: fault for each, fault in self.now.items() if (each, fault.message) not in self._told}
        return [Noticed(SessionId(each) if each in facts.sessions else None, untold[each].message) for each in untold]

    def told(self) -> None:
        self._told |= {(each, fault.message) for each, fault in self.now.items()}
