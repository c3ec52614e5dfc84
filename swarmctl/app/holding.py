"""Limits of providers as a supervisor sees them: whose account is whose, what time it is, and when to look again.

Resets are told by the wall's clock. One that is set back makes nothing wait longer than steady time says; one that is
set forth lets one session try too early.
"""

from __future__ import annotations

from collections.abc import Mapping

from swarmctl.core.events import Event, Noticed, ProviderLimited
from swarmctl.core.ids import RunId
from swarmctl.core.limits import account_of
from swarmctl.core.ports import Agents, Desk, known_profile
from swarmctl.core.session import Session, Stage
from swarmctl.core.task import Task
from swarmctl.flow.session.limiting import Met
from swarmctl.loops.engine.engine import Engine
from swarmctl.loops.engine.turns import eases, next_turn


def limited(session: Session, met: Met, agents: Agents) -> ProviderLimited:
    """The word of it for all that use the same account."""
    profile = known_profile(agents, session.agent)
    account = session.talk.account or (profile.provider if profile else "") or session.agent
    return ProviderLimited(session.id, account, met.kind, met.words, met.until)


class Holding:
    def __init__(self, desk: Desk, envs: Mapping[RunId, Mapping[str, str]], engine: Engine) -> None:
        self._desk = desk
        self._envs = envs
        self._engine = engine
        self._accounts: dict[tuple[str, str, int], str] = {}
        self._forsaken_told = False
        self._wall, self._steady = desk.clock.now(), desk.clock.monotonic()

    def now(self) -> float:
        clock = self._desk.clock
        return max(clock.now(), self._wall + clock.monotonic() - self._steady)

    def look(self, settled_in: bool = True) -> None:
        """Once a tick; `settled_in` as soon as whoever waited had time to come back."""
        self._accounts.clear()
        if settled_in and not self._forsaken_told:
            self._forsaken_told = True
            self._engine.append_from(self._forsaken)
        if self._engine.facts.limited:
            self._engine.append_from(self._eases)

    def _forsaken(self) -> list[Event]:
        """What the supervisor before this one parked, and no environment is left to start it in."""
        sessions = [s for s in list(self._engine.facts.live.values()) if s.stage is Stage.LIMITED and not s.stop]
        words = "it does not go on by itself any more, for swarmctl was restarted: swarmctl resume {}, or resume --all"
        return [Noticed(session.id, words.format(session.id)) for session in sessions if session.run not in self._envs]

    def _eases(self) -> list[Event]:
        return eases(self._engine.facts, self.now())

    def account_of(self, agent: str, task: Task) -> str:
        """Empty when nobody's environment is at hand to say."""
        environ = self._envs.get(task.run)
        if environ is None:
            return ""
        key = (agent, task.terms.model, id(environ))
        if key not in self._accounts:
            profile = known_profile(self._desk.agents, agent)
            seen = self._desk.agents.env(agent, environ) if profile else {}
            self._accounts[key] = account_of(profile, task.terms.model, seen) if profile else ""
        return self._accounts[key]

    def next_due(self) -> float:
        """On the monotonic clock."""
        if not self.waits:
            return float("inf")
        now = self.now()
        return self._desk.clock.monotonic() + next_turn(self._engine.facts, now) - now

    @property
    def waits(self) -> bool:
        """Something goes on by itself later."""
        facts = self._engine.facts
        held = (session.run for session in list(facts.live.values()) if session.stage is Stage.LIMITED)
        tasks = (task.run for task in list(facts.unfinished.values()) if task.waits_for)
        return any(run in self._envs for run in (*held, *tasks))
