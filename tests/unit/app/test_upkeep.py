"""What time and agents' own words bring: limits, checkpoints, claims, and no reason to look when nothing is due."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from swarmctl.core import events as e
from swarmctl.core.config import AgentSettings
from swarmctl.core.errors import EnvironmentFault
from swarmctl.core.ids import SessionId
from tests.fakes.house import LIMITS, House

FOREVER = float("inf")


@pytest.fixture
def house() -> Iterator[House]:
    house = House()
    yield house
    house.engine.close(e.SupervisorStopped("the test is over"))


# --- time -------------------------------------------------------------------------------------------------------------


def test_a_session_is_stopped_at_its_time_limit_and_not_before(house: House) -> None:
    name = house.world.running()
    house.look()
    house.look(99.0)
    assert not house.world.session(name).stop
    house.look(1.0)
    assert house.world.session(name).stop == "time limit of 100 s"
    house.look(50.0)
    assert house.count(e.StopRequested) == 1


def test_another_attempt_has_its_own_time(house: House) -> None:
    name = house.world.running()
    house.look()
    house.look(100.0)
    house.world.go()
    house.world.log.append(e.TaskReopened(house.world.session(name).task), e.SessionResumed(name, 2))
    house.world.go()
    house.look()
    house.look(60.0)
    assert not house.world.session(name).stop


def test_running_work_is_kept_now_and_then_and_only_when_it_changed(house: House) -> None:
    name = house.world.running()
    house.look()
    for number in (1, 1, 2):
        house.world.works(name, {"a": b"%d\n" % number}, None)
        house.look(30.0)
    assert house.count(e.Checkpointed) == 2
    assert house.world.repository.files(house.world.session(name).checkpoint)["a"] == b"2\n"


def test_work_is_kept_even_while_its_terminal_cannot_be_read(house: House) -> None:
    name = house.world.running()

    def capture(pane: str, session: SessionId) -> str:
        raise EnvironmentFault("the tmux server does not answer")

    house.world.host.capture = capture  # type: ignore[method-assign]
    house.look()
    house.world.works(name, {"a": b"work\n"}, None)
    house.look(30.0)
    assert house.count(e.Checkpointed) == 1


def test_an_agent_that_did_not_run_since_its_last_checkpoint_is_not_looked_at(house: House) -> None:
    name = house.world.running()
    house.parts.works = False
    house.look()
    for number in range(3):
        house.world.works(name, {"a": b"%d\n" % number}, None)
        house.look(30.0)
    assert house.count(e.Checkpointed) == 1


def test_the_next_look_is_due_when_the_next_thing_is(house: House) -> None:
    house.world.running()
    house.quiet()
    assert house.world.clock.time < house.upkeep.next_due() <= house.world.clock.time + 30.0


def test_when_nothing_runs_nothing_is_due_for_ever(house: House) -> None:
    name = house.world.running()
    house.look()
    house.world.works(name, {"a": b"work\n"})
    house.world.go()
    house.quiet()
    house.look(500.0)
    house.quiet()
    assert house.upkeep.next_due() == FOREVER


def test_what_is_due_is_never_in_the_past(house: House) -> None:
    name = house.world.running()
    house.world.machine.of(name).stubborn = True
    house.look()
    for _ in range(10):
        house.look(40.0)
        assert house.upkeep.next_due() > house.world.clock.time


def test_a_pool_that_cannot_be_filled_is_told_once_and_gives_no_reason_to_look_again(house: House) -> None:
    house.parts.pool_trouble = "there is no branch main"
    house.world.submit("one")
    for _ in range(20):
        house.look(3.0)
    notes = [event.text for event in house.world.events if isinstance(event, e.Noticed)]
    assert len(notes) == 1 and "there is no branch main" in notes[0]
    assert house.upkeep.next_due() == FOREVER


def test_limits_are_those_of_the_settings_as_they_are_now(house: House) -> None:
    name = house.world.running()
    house.look()
    house.world.settings = replace(LIMITS, agent=AgentSettings(time_limit_s=1.0))
    house.look(2.0)
    assert house.world.session(SessionId(name)).stop == "time limit of 1 s"
