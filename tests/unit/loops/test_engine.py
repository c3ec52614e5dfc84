"""The tick: steps run in lanes, what fails is tried again and then given up in words, and asking again forgives."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from swarmctl.core import events as e
from swarmctl.core.errors import EnvironmentFault
from swarmctl.core.ids import SessionId
from swarmctl.core.machine import ImpossibleEvent
from swarmctl.core.outcome import Outcome
from swarmctl.core.ports import Base
from swarmctl.core.session import Exit, Stage
from swarmctl.loops.engine import engine as engine_module
from swarmctl.loops.engine.advance import Kind, Step
from swarmctl.loops.engine.engine import MAX_FAILURES, Engine
from tests.fakes.desk import World

PATIENCE_S = 20.0


class Bell:
    """Rung after every append and every step."""

    def __init__(self) -> None:
        self._rung = threading.Condition()

    def __call__(self) -> None:
        with self._rung:
            self._rung.notify_all()

    def until(self, condition: Callable[[], bool]) -> None:
        with self._rung:
            assert self._rung.wait_for(condition, PATIENCE_S)


class House:
    """A world whose steps the engine takes."""

    def __init__(self) -> None:
        self.world = World()
        self.bell = Bell()
        self.engine = Engine(self.world.log, self.world.shop, self.bell)

    def tick(self) -> None:
        """One look at the facts, and whatever came of it done."""
        self.engine.tick(self.world.around)
        self.bell.until(lambda: self.engine.is_idle)

    def ticks(self, seconds: float = 10.0) -> None:
        """As many as change something, with time for every second try."""
        for _ in range(40):
            before = self.world.facts.seq
            self.tick()
            if self.world.facts.seq == before and self.engine.next_retry() == float("inf"):
                return
            self.world.clock.time += seconds
        raise AssertionError("comes to no rest")


@pytest.fixture
def house() -> Iterator[House]:
    house = House()
    yield house
    house.engine.close(e.SupervisorStopped("the test is over"))


def fails(
    times: int, then: Callable[..., object], error: Exception | None = None
) -> tuple[list[int], Callable[..., object]]:
    """A function that fails some times, and how often it was asked."""
    asked: list[int] = []

    def call(*args: object, **named: object) -> object:
        asked.append(1)
        if len(asked) <= times:
            raise error or EnvironmentFault("disk is full")
        return then(*args, **named)

    return asked, call


def test_a_task_goes_from_asking_to_landing(house: House) -> None:
    (task,) = house.world.submit("one")
    house.ticks()
    name = house.world.current(task)
    house.world.works(name, {"a": b"work\n"})
    house.ticks()
    assert house.world.outcomes() == [Outcome.LANDED]
    assert house.world.main()["a"] == b"work\n"


def running(house: House) -> SessionId:
    (task,) = house.world.submit("one")
    house.ticks()
    return house.world.current(task)


def test_a_step_that_fails_is_tried_again_after_a_while_and_not_before(house: House) -> None:
    name = running(house)
    asked, house.world.worktrees.checkpoint = fails(1, house.world.worktrees.checkpoint)  # type: ignore[assignment,method-assign]
    house.world.works(name, {"a": b"work\n"})
    for _ in range(5):
        house.tick()
    assert len(asked) == 1, "time stands still"
    assert house.world.session(name).stage is Stage.ENDED
    assert house.engine.next_retry() > house.world.clock.time
    house.ticks()
    assert house.world.session(name).stage is Stage.LANDED


def test_a_step_that_always_fails_is_given_up_in_words_and_leaves_everything_where_it_is(house: House) -> None:
    name = running(house)
    asked, house.world.worktrees.checkpoint = fails(99, house.world.worktrees.checkpoint)  # type: ignore[assignment,method-assign]
    house.world.works(name, {"a": b"work\n"})
    house.ticks()
    session = house.world.session(name)
    assert len(asked) == MAX_FAILURES
    assert (session.stage, session.outcome, session.reason) == (Stage.KEPT, Outcome.UNKNOWN, "settle: disk is full")
    assert house.world.bench(name).files["a"] == b"work\n"
    assert house.world.outcomes() == [Outcome.UNKNOWN]


def test_an_agent_that_cannot_be_looked_at_is_never_taken_for_ended(house: House) -> None:
    name = running(house)
    asked, house.world.processes.stop = fails(30, house.world.processes.stop)  # type: ignore[assignment,method-assign]
    house.engine.stop(house.world.session(name), "swarmctl stop")
    for _ in range(30):
        house.tick()
        house.world.clock.time += 10.0
        assert house.world.session(name).stage is Stage.RUNNING
    assert len(asked) == 30
    notes = [event.text for event in house.world.events if isinstance(event, e.Noticed)]
    assert notes == ["end: disk is full; tried again until it works"]
    house.ticks()
    assert (house.world.session(name).stage, house.world.session(name).outcome) == (Stage.KEPT, Outcome.INTERRUPTED)


def test_what_cannot_even_be_given_up_in_words_is_tried_again(house: House) -> None:
    name = running(house)
    _, house.world.worktrees.checkpoint = fails(99, house.world.worktrees.checkpoint)  # type: ignore[assignment,method-assign]
    full, append = [True], house.world.log.append

    def on_a_full_disk(*events: e.Event) -> list[e.Stamped]:
        if full and any(isinstance(event, e.SessionKept) for event in events):
            raise EnvironmentFault("disk is full")
        return append(*events)

    house.world.log.append = on_a_full_disk  # type: ignore[method-assign]
    house.world.works(name, {"a": b"work\n"})
    for _ in range(MAX_FAILURES + 1):
        house.tick()
        house.world.clock.time += 10.0
    assert house.world.session(name).stage is Stage.ENDED
    full.clear()
    house.ticks()
    assert (house.world.session(name).stage, house.world.session(name).outcome) == (Stage.KEPT, Outcome.UNKNOWN)


def test_a_landing_that_always_fails_does_not_hold_up_the_queue_for_ever(house: House) -> None:
    _, house.world.integration.land = fails(MAX_FAILURES, house.world.integration.land)  # type: ignore[assignment,method-assign]
    house.world.submit("one", "two")
    house.ticks()
    for session in list(house.world.facts.sessions.values()):
        house.world.works(session.id, {session.id: b"work\n"})
    house.ticks()
    assert sorted(str(outcome) for outcome in house.world.outcomes()) == ["landed", "unknown"]


def test_asking_again_forgives_what_failed_before(house: House) -> None:
    name = running(house)
    asked, house.world.integration.stage = fails(MAX_FAILURES, house.world.integration.stage)  # type: ignore[assignment,method-assign]
    house.world.works(name, {"a": b"work\n"})
    house.ticks()
    assert house.world.session(name).outcome is Outcome.UNKNOWN
    house.engine.append(e.TaskReopened(house.world.session(name).task), e.MergeAsked(name, "merge"))
    house.ticks()
    assert house.world.session(name).stage is Stage.LANDED
    assert len(asked) == MAX_FAILURES + 1


def test_a_task_that_cannot_be_planned_fails_with_words_and_may_be_asked_again(house: House) -> None:
    asked, base = fails(MAX_FAILURES, house.world.worktrees.base, EnvironmentFault("there is no branch main"))
    house.world.worktrees.base = base  # type: ignore[assignment,method-assign]
    (task,) = house.world.submit("one")
    house.ticks()
    assert len(asked) == MAX_FAILURES
    found = house.world.facts.tasks[task]
    assert (found.outcome, found.reason) == (Outcome.FAILED, "plan: there is no branch main")
    house.engine.append(e.TaskReopened(task))
    house.ticks()
    assert house.world.session(house.world.current(task)).stage is Stage.RUNNING


def test_facts_that_moved_on_under_a_step_are_no_failure(house: House) -> None:
    name = running(house)
    _, house.world.worktrees.checkpoint = fails(99, house.world.worktrees.checkpoint, ImpossibleEvent("moved on"))  # type: ignore[assignment,method-assign]
    house.world.works(name, {"a": b"work\n"})
    for _ in range(MAX_FAILURES + 3):
        house.tick()
        house.world.clock.time += 10.0
    assert house.world.session(name).stage is Stage.ENDED
    assert house.engine.next_retry() < float("inf") or house.engine.is_idle


def test_one_step_at_a_time_in_a_lane(house: House) -> None:
    entered, leave = threading.Event(), threading.Event()

    def slow() -> Iterator[e.Event]:
        entered.set()
        assert leave.wait(PATIENCE_S)
        yield e.Noticed(None, "done")

    assert house.engine.work(("pool", ""), slow)
    assert entered.wait(PATIENCE_S)
    assert not house.engine.work(("pool", ""), slow)
    assert house.engine.work(("other", ""), lambda: iter(()))
    leave.set()
    house.bell.until(lambda: house.engine.is_idle)
    assert [event for event in house.world.events if isinstance(event, e.Noticed)] == [e.Noticed(None, "done")]
    assert house.engine.work(("pool", ""), lambda: iter(()))
    house.bell.until(lambda: house.engine.is_idle)


def test_a_session_takes_one_step_at_a_time_however_often_the_clock_ticks(house: House) -> None:
    entered, leave = threading.Event(), threading.Event()
    add, calls = house.world.worktrees.add, []

    def slow(path: str, branch: str, base: str) -> bool:
        calls.append(path)
        entered.set()
        assert leave.wait(PATIENCE_S)
        return add(path, branch, base)

    house.world.worktrees.add = slow  # type: ignore[method-assign]
    house.world.submit("one")
    house.tick()
    for _ in range(3):
        house.engine.tick(house.world.around)
        assert entered.wait(PATIENCE_S)
    leave.set()
    house.bell.until(lambda: house.engine.is_idle)
    assert len(calls) == 1


def test_work_that_fails_is_told_to_whoever_wanted_it_or_noticed(house: House) -> None:
    heard: list[Exception] = []

    def broken() -> Iterator[e.Event]:
        raise EnvironmentFault("no space")

    house.engine.work(("a", ""), broken, heard.append)
    house.engine.work(("b", ""), broken)
    house.bell.until(lambda: house.engine.is_idle)
    assert [str(error) for error in heard] == ["no space"]
    assert e.Noticed(None, "EnvironmentFault: no space") in house.world.events


def test_a_batch_is_written_together_or_not_at_all(house: House) -> None:
    heard: list[Exception] = []
    batch = (e.Noticed(None, "with it"), e.SessionEnded(SessionId("nobody"), Exit(0), "x"))
    house.engine.work(("a", ""), lambda: iter((batch,)), heard.append)
    house.bell.until(lambda: house.engine.is_idle)
    assert isinstance(heard[0], ImpossibleEvent)
    assert house.world.events == []


def test_after_the_end_was_announced_no_step_gets_further_than_its_next_event() -> None:
    house = House()
    leave = threading.Event()

    def long() -> Iterator[e.Event]:
        yield e.Noticed(None, "first")
        assert leave.wait(PATIENCE_S)
        yield e.Noticed(None, "second")

    house.engine.work(("a", ""), long)
    house.bell.until(lambda: len(house.world.events) == 1)
    house.engine.quiesce()
    leave.set()
    house.engine.close(e.SupervisorStopped("down"))
    assert house.world.events == [e.Noticed(None, "first"), e.SupervisorStopped("down")]


def test_a_stop_is_asked_once_and_only_of_what_is_under_way(house: House) -> None:
    name = running(house)
    for _ in range(2):
        house.engine.stop(house.world.session(name), "time limit")
    house.ticks()
    house.engine.stop(house.world.session(name), "too late")
    assert [event.why for event in house.world.events if isinstance(event, e.StopRequested)] == ["time limit"]
    assert house.world.session(name).outcome is Outcome.INTERRUPTED


def test_a_freshness_notice_of_the_base_is_passed_on(house: House) -> None:
    plain = house.world.worktrees.base
    house.world.worktrees.base = lambda target, *, fetch: replace(plain(target, fetch=fetch), notice="origin is away")  # type: ignore[method-assign]
    name = running(house)
    assert isinstance(house.world.worktrees.base("main", fetch=False), Base)
    assert e.Noticed(name, "origin is away") in house.world.events
    assert Kind.PLAN not in {step.kind for step in house.world.steps()}


def test_a_step_that_ends_while_the_facts_are_looked_at_is_not_taken_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    house = House()
    (task,) = house.world.submit("one")
    go_on = threading.Event()
    names = iter(["first", "second"])

    def slow_name() -> str:
        assert go_on.wait(PATIENCE_S)
        return next(names)

    house.world.shop.new_id = slow_name
    house.engine.tick(house.world.around)
    lanes = engine_module._lanes

    def let_it_end(step: Step) -> engine_module.Lanes:
        go_on.set()
        house.bell.until(lambda: house.engine.is_idle)
        return lanes(step)

    monkeypatch.setattr(engine_module, "_lanes", let_it_end)
    house.tick()
    planned = [event for event in house.world.events if isinstance(event, e.SessionPlanned)]
    assert [event.session for event in planned] == ["first"]
    assert next(names) == "second"
    assert house.world.current(task) == "first"
