from __future__ import annotations

import selectors
from collections.abc import Iterator

from swarmctl.app.watch import Deaths
from swarmctl.core.errors import EnvironmentFault
from swarmctl.core.session import ProcessId, Stage
from tests.fakes.asking import at
from tests.fakes.desk import World


def test_a_process_that_cannot_be_watched_now_is_not_taken_for_dead() -> None:
    world = World()
    session = world.session(at(world, Stage.RUNNING))
    answers: Iterator[int] = iter([-2, -1])

    def watch(process: ProcessId) -> int:
        answer = next(answers)
        if answer == -2:
            raise EnvironmentFault("too many open files")
        return answer

    deaths = Deaths(selectors.DefaultSelector(), watch)
    deaths.follow(world.facts)
    assert deaths.is_alive(session)
    deaths.follow(world.facts)
    assert not deaths.is_alive(session)
