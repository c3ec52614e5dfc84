"""Memory as a limit beside `max_running`: measured when somebody wants to start, and said when it is short."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from swarmctl.core.errors import EnvironmentFault
from swarmctl.core.machine import Facts
from swarmctl.core.ports import Agents, Clock, known_profile
from swarmctl.core.room import Holder, lack
from swarmctl.core.session import ProcessId
from swarmctl.edges.shell import memory

MB = 1 << 20
FRESH_S = 5.0
"""A measurement is good for so long."""


class Room:
    def __init__(
        self,
        facts: Facts,
        agents: Agents,
        clock: Clock,
        available: Callable[[], int | None] = memory.available,
        held: Callable[[ProcessId], int] = memory.held,
    ) -> None:
        self._facts = facts
        self._agents = agents
        self._clock = clock
        self._available = available
        self._held = held
        self._measured: dict[ProcessId, tuple[float, int]] = {}

    def shortage(self, wanted: Sequence[str]) -> EnvironmentFault | None:
        """Why the last of `wanted` has to wait, once the others have started; None when it need not."""
        active = [session for session in list(self._facts.live.values()) if session.active]
        free = self._available() if wanted and (active or len(wanted) > 1) else None
        if free is None:
            return None
        processes = [session.process for session in active if session.process is not None]
        self._measured = {process: found for process, found in self._measured.items() if process in processes}
        holders = [Holder(s.agent, self._of(s.process) if s.process else 0) for s in active]
        names = {*wanted, *(session.agent for session in active)}
        short = lack(wanted, {name: self._declared(name) for name in names}, holders, free)
        if short is None:
            return None
        has, needs = (round(amount / MB) for amount in short)
        words = f"waits for memory: {has} MB are left for another agent, and {wanted[-1]} needs {needs} MB"
        return EnvironmentFault(words, hint="it starts when a session ends; swarmctl ps shows what runs")

    def _of(self, process: ProcessId) -> int:
        at, found = self._measured.get(process, (float("-inf"), 0))
        if self._clock.monotonic() - at > FRESH_S:
            found = self._held(process)
            self._measured[process] = self._clock.monotonic(), found
        return found

    def _declared(self, agent: str) -> int:
        profile = known_profile(self._agents, agent)
        return profile.memory_mb * MB if profile else 0
