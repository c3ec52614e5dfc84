"""Something that nobody foresaw while the next steps are decided: told once, and it concerns only what it concerns."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace

import pytest

from swarmctl.core import events as e
from swarmctl.core.ids import SessionId
from swarmctl.core.outcome import Outcome
from swarmctl.core.session import Session, Stage
from swarmctl.loops.engine.advance import Around, Kind, Step
from swarmctl.loops.engine.defects import Defects
from tests.unit.loops.test_engine import House


@pytest.fixture
def house() -> Iterator[House]:
    house = House()
    yield house
    house.engine.close(e.SupervisorStopped("the test is over"))


def breaks_for(house: House, name: str) -> Around:
    right = house.world.around.is_alive

    def is_alive(session: Session) -> bool:
        if session.id == name:
            raise KeyError("nobody thought of this")
        return right(session)

    return replace(house.world.around, is_alive=is_alive)


def looks(house: House, around: Around, times: int = 6) -> None:
    for _ in range(times):
        house.engine.tick(around)
        house.bell.until(lambda: house.engine.is_idle)
        house.world.clock.time += 5.0


def notes(house: House) -> list[e.Noticed]:
    return [event for event in house.world.events if isinstance(event, e.Noticed)]


def test_a_session_that_nothing_can_be_decided_for_holds_up_nobody_else(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    broken, other = house.world.running("broken"), house.world.running("other")
    house.world.works(broken, {"a": b"work\n"})
    house.world.works(other, {"b": b"work\n"})

    for _ in range(10):
        looks(house, breaks_for(house, broken))

    assert house.world.session(other).outcome is Outcome.LANDED
    assert house.world.session(broken).stage is Stage.RUNNING
    (told,) = notes(house)
    assert told.session == broken and "a defect of swarmctl" in told.text and "nobody thought of this" in told.text
    assert capsys.readouterr().err.count("Traceback") == 1, "the supervisor's log has it, once"
    fault = house.engine.defects.of(house.world.session(broken).run, house.world.facts)
    assert fault is not None and fault.exit_code == 3 and "supervisor.log" in fault.hint
    assert house.engine.defects.of(house.world.session(other).run, house.world.facts) is None


def test_it_goes_on_as_soon_as_it_can_be_decided(house: House) -> None:
    name = house.world.running("one")
    house.world.works(name, {"a": b"work\n"})
    looks(house, breaks_for(house, name))

    house.ticks()

    assert house.world.session(name).outcome is Outcome.LANDED
    assert not house.engine.defects.now


def test_where_nothing_can_be_started_what_runs_comes_to_its_end(house: House) -> None:
    name = house.world.running("one")
    house.world.works(name, {"a": b"work\n"})
    (later,) = house.world.submit("later")

    def no_room(agents: object) -> bool:
        raise RuntimeError("nobody thought of this")

    looks(house, replace(house.world.around, has_room=no_room), 12)

    assert house.world.session(name).outcome is Outcome.LANDED
    assert house.world.facts.tasks[later].session is None
    assert house.engine.defects.of(house.world.facts.tasks[later].run, house.world.facts)
    assert [told.session for told in notes(house)] == [None]


def test_what_says_something_else_each_time_is_told_once_for_each_place_that_says_it(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    name = house.world.running("broken")
    numbers = itertools.count()

    def is_alive(session: Session) -> bool:
        number = next(numbers)
        if number < 5:
            raise OSError(f"{number} bytes are left")
        raise OSError(f"{number} bytes are left, and from another line")

    looks(house, replace(house.world.around, is_alive=is_alive), 12)

    assert next(numbers) > 7
    assert [told.session for told in notes(house)] == [name, name]
    assert capsys.readouterr().err.count("Traceback") == 2


def test_no_step_is_taken_for_what_is_broken_by_whichever_way_it_came() -> None:
    defects = Defects("/state")
    with defects.apart("one"):
        int("nobody thought of this")
    steps = [Step(Kind.LAND, "one"), Step(Kind.LAND, "two")]
    assert defects.sift(steps) == steps[1:]
    assert defects.holds(SessionId("one")) and not defects.holds(SessionId("two"))
    assert defects.sift(steps) == steps
