"""The till of a supervisor, and its look at what running agents use: seldom, for each look may be a line in the log."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from swarmctl.app.costs import day_of
from swarmctl.app.meters import Meters
from swarmctl.core.events import Event, Noticed
from swarmctl.core.facts import Facts
from swarmctl.core.ids import RunId, SessionId
from swarmctl.core.ports import Desk, known_profile
from swarmctl.core.session import Session, SpoolPlace
from swarmctl.core.usage import UsageRules
from swarmctl.edges.files.spool import SpoolLine, read_spool
from swarmctl.edges.models.prices import price_of
from swarmctl.flow.spend.till import Till
from swarmctl.loops.engine.engine import Engine

LOOK_EVERY_S = 30.0


def make_till(
    facts: Facts, desk: Desk, envs: Mapping[RunId, Mapping[str, str]], token_of: Callable[[Session], str]
) -> Till:
    def rules_of(agent: str) -> UsageRules | None:
        profile = known_profile(desk.agents, agent)
        return profile.usage if profile else None

    def provider_of(agent: str) -> str:
        profile = known_profile(desk.agents, agent)
        return profile.provider if profile else ""

    def spool(session: Session, heard: SpoolPlace, only: frozenset[str]) -> tuple[list[SpoolLine], SpoolPlace]:
        lines, end, _ = read_spool(desk.places.spool(session.id), heard, token_of(session), only)
        return lines, end

    meters = Meters(facts, rules_of, provider_of, spool, price_of, desk.places.agent_files)
    return Till(
        settings=desk.settings,
        rules_of=rules_of,
        environ_of=lambda agent, run: desk.agents.env(agent, envs.get(run, {})),
        read=meters.read,
        today=lambda: day_of(desk.clock.now()),
        now=desk.clock.now,
    )


@dataclass(slots=True)
class Counting:
    """While agents run."""

    till: Till
    engine: Engine
    clock: Callable[[], float]
    _looked_at: float = 0.0
    _told: set[tuple[SessionId, int]] = field(default_factory=set)

    def look(self) -> None:
        """Once a tick; starts work in the engine's threads and returns at once."""
        now = self.clock()
        if self.engine.facts.open and now - self._looked_at >= LOOK_EVERY_S:
            self._looked_at = now
            self.engine.work(("money", ""), self._used)

    def has_money(self, session: Session) -> bool:
        """Said once for each start that waits."""
        if self.till.room(session, self.engine.facts) != "waits":
            return True
        if (session.id, session.attempt) not in self._told:
            self._told.add((session.id, session.attempt))
            words = "waits until others give back what they reserved: swarmctl budget"
            self.engine.append(Noticed(session.id, words))
        return False

    def _used(self) -> Iterator[Event]:
        yield from self.till.look_around(self.engine.facts)
