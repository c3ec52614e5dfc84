"""The parts of a supervisor that look after sessions, over a world in memory: what time brings, and what agents say."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast

from swarmctl.app.ears import Ears
from swarmctl.app.listening import Listeners
from swarmctl.app.upkeep import Upkeep
from swarmctl.app.wire import Wired
from swarmctl.core import events as e
from swarmctl.core.config import AgentSettings, Settings
from swarmctl.core.errors import EnvironmentFault
from swarmctl.core.machine import Facts
from swarmctl.core.ports import Desk
from swarmctl.core.session import ProcessId, Session, SpoolPlace
from swarmctl.edges.files.spool import SpoolLine
from swarmctl.loops.engine.engine import Engine
from swarmctl.loops.engine.steps import Workshop
from tests.fakes.desk import World

LIMITS = Settings(agent=AgentSettings(time_limit_s=100.0, checkpoint_every_s=30.0))


@dataclass
class Parts:
    """The parts of a supervisor that upkeep uses."""

    desk: Desk
    shop: Workshop
    spoken: list[tuple[str, str]] = field(default_factory=list)
    """Words of an agent's hooks, and the text with each."""
    forged: int = 0
    panes: None = None
    """Nobody looks at terminals."""
    pool_trouble: str = ""
    filled: int = 0
    cpu: int = 0
    """What its processes used so far; it grows at each question while they work."""
    works: bool = True
    listeners: Listeners = field(default_factory=Listeners)

    def ran(self, process: ProcessId) -> object:
        self.cpu += int(self.works)
        return self.cpu

    def read_spool(self, session: Session, heard: SpoolPlace) -> tuple[list[SpoolLine], SpoolPlace, int]:
        lines = [SpoolLine(word, text, "", 0.0) for word, text in self.spoken[heard.offset :]]
        return lines, SpoolPlace(len(self.spoken), "x"), self.forged

    def fill_pool(self) -> Iterator[e.Event]:
        self.filled += 1
        if self.pool_trouble:
            raise EnvironmentFault(self.pool_trouble)
        return iter(())

    def empty_trash(self, facts: Facts) -> Iterator[e.Event]:
        return iter(())


class House:
    def __init__(self) -> None:
        self.world = World(LIMITS)
        self.parts = Parts(self.world.desk, self.world.shop)
        self._idle = threading.Condition()
        self.engine = Engine(self.world.log, self.world.shop, self._ring)
        self.ears = Ears(cast(Wired, self.parts), self.engine)
        self.upkeep = Upkeep(cast(Wired, self.parts), self.engine)

    def _ring(self) -> None:
        with self._idle:
            self._idle.notify_all()

    def look(self, later: float = 0.0) -> None:
        self.world.clock.time += later
        self.ears.catch_up()
        self.upkeep.look()
        with self._idle:
            assert self._idle.wait_for(lambda: self.engine.is_idle, 20.0)

    def quiet(self) -> None:
        """Everything that a stir brings is over."""
        for _ in range(4):
            self.look(2.5)

    def count(self, kind: type[e.Event]) -> int:
        return sum(isinstance(event, kind) for event in self.world.events)
