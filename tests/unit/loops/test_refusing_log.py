"""A log that takes nothing for a while: the engine knows why, and for how long somebody waits for it."""

from __future__ import annotations

from swarmctl.core import events as e
from swarmctl.core.errors import EnvironmentFault
from swarmctl.core.session import Stage
from tests.unit.loops.test_engine import House


def test_why_the_log_took_nothing_is_known_until_it_takes_something_again() -> None:
    house = House()
    name = house.world.running()
    full, append = [True], house.world.log.append

    def on_a_full_disk(*events: e.Event) -> list[e.Stamped]:
        if full:
            raise EnvironmentFault("the disk is full")
        return append(*events)

    house.world.log.append = on_a_full_disk  # type: ignore[method-assign]
    house.world.works(name, {"made": b"work\n"})
    house.tick()
    refused, waits = str(house.engine.refused), house.engine.is_retrying
    full.clear()
    house.ticks()

    assert (refused, waits) == ("the disk is full", True)
    assert (house.engine.refused, house.engine.is_retrying) == (None, False)
    assert house.world.session(name).stage is Stage.LANDED
    house.engine.close(e.SupervisorStopped("the test is over"))
