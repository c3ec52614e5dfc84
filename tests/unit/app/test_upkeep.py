"""What time and agents' own words bring: limits, checkpoints, claims, and no reason to look when nothing is due."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import cast

import pytest

from swarmctl.app.upkeep import Upkeep
from swarmctl.app.wire import Wired
from swarmctl.core import events as e
from swarmctl.core.config import AgentSettings, Settings
from swarmctl.core.errors import EnvironmentFault
from swarmctl.core.ids import SessionId
from swarmctl.core.machine import Facts
from swarmctl.core.ports import Desk
from swarmctl.core.session import Exit, ProcessId, Session, SpoolPlace, Stage, State
from swarmctl.loops.engine.engine import Engine
from tests.fakes.desk import World

LIMITS = Settings(agent=AgentSettings(time_limit_s=100.0, checkpoint_every_s=30.0))
FOREVER = float("inf")


@dataclass
class Parts:
    """The parts of a supervisor that upkeep uses."""

    desk: Desk
    spoken: list[tuple[str, str]] = field(default_factory=list)
    forged: int = 0
    pool_trouble: str = ""
    filled: int = 0
    cpu: int = 0
    """What its processes used so far; it grows at each question while they work."""
    works: bool = True

    def ran(self, process: ProcessId) -> object:
        self.cpu += int(self.works)
        return self.cpu

    def read_spool(self, session: Session, heard: SpoolPlace) -> tuple[list[tuple[str, str]], SpoolPlace, int]:
        return self.spoken[heard.offset :], SpoolPlace(len(self.spoken), "x"), self.forged

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
        self.parts = Parts(self.world.desk)
        self._idle = threading.Condition()
        self.engine = Engine(self.world.log, self.world.shop, self._ring)
        self.upkeep = Upkeep(cast(Wired, self.parts), self.engine)

    def _ring(self) -> None:
        with self._idle:
            self._idle.notify_all()

    def look(self, later: float = 0.0) -> None:
        self.world.clock.time += later
        self.upkeep.look()
        with self._idle:
            assert self._idle.wait_for(lambda: self.engine.is_idle, 20.0)

    def quiet(self) -> None:
        """Everything that a stir brings is over."""
        for _ in range(4):
            self.look(2.5)

    def count(self, kind: type[e.Event]) -> int:
        return sum(isinstance(event, kind) for event in self.world.events)


@pytest.fixture
def house() -> Iterator[House]:
    house = House()
    yield house
    house.engine.close(e.SupervisorStopped("the test is over"))


# --- claims -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("working", State.WORKING),
        ("blocked", State.BLOCKED),
        ("idle", State.IDLE),
        ("rate_limited", State.RATE_LIMITED),
    ],
)
def test_an_agents_word_changes_what_is_believed_of_it(house: House, word: str, state: State) -> None:
    name = house.world.running()
    house.parts.spoken = [(word, "because")]
    house.upkeep.heard({name})
    session = house.world.session(name)
    assert (session.state, session.stage) == (state, Stage.RUNNING)
    assert session.state_why == "agent hook: because"


def test_words_that_the_log_could_not_take_are_heard_again(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    name = house.world.running()
    house.parts.spoken = [("blocked", "may I?")]

    def full(*_events: e.Event) -> list[e.Stamped]:
        raise EnvironmentFault("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(house.world.log, "append", full)
        with pytest.raises(EnvironmentFault):
            house.upkeep.heard({name})
    house.upkeep.heard({name})

    assert house.world.session(name).state is State.BLOCKED


@pytest.mark.parametrize("word", ["landed", "exited", "done", "", "SessionEnded", "unknown", "lost"])
def test_any_other_word_changes_nothing(house: House, word: str) -> None:
    name = house.world.running()
    before = house.world.session(name)
    house.parts.spoken = [(word, "believe me")]
    house.upkeep.heard({name})
    assert house.world.session(name) == before


def test_a_word_of_a_session_that_does_not_run_is_not_believed(house: House) -> None:
    name = house.world.ready()
    before = house.world.session(name)
    house.parts.spoken = [("working", "still here")]
    house.upkeep.heard({name, "nobody"})
    assert replace(house.world.session(name), heard=before.heard) == before
    assert house.world.events[-1] == e.WordsRead(name, SpoolPlace(1, "x"))


def test_forged_lines_are_told_and_not_believed(house: House) -> None:
    name = house.world.running()
    house.parts.forged = 3
    house.parts.spoken = [("landed", "believe me")]
    house.upkeep.heard({name})
    assert house.world.events[-2:] == [
        e.Noticed(name, "3 lines with a wrong token were ignored"),
        e.WordsRead(name, SpoolPlace(1, "x")),
    ]


def test_a_line_is_heard_once(house: House) -> None:
    name = house.world.running()
    house.parts.spoken = [("idle", "done")]
    house.upkeep.heard({name})
    house.parts.spoken.append(("blocked", "may I?"))
    house.upkeep.heard({name})
    assert [event.state for event in house.world.events if isinstance(event, e.StateChanged)] == [
        State.IDLE,
        State.BLOCKED,
    ]


def test_the_same_word_without_anything_new_is_not_written_again(house: House) -> None:
    name = house.world.running()
    house.parts.spoken = [("idle", ""), ("idle", ""), ("idle", "")]
    house.upkeep.heard({name})
    assert house.count(e.StateChanged) == 1


def test_another_supervisor_goes_on_where_the_last_one_stopped_to_listen(house: House) -> None:
    name = house.world.running()
    house.parts.spoken = [("idle", "done"), ("blocked", "may I?")]
    house.upkeep.heard({name})
    house.parts.spoken.append(("working", "on it"))
    for _ in range(2):
        house.upkeep = Upkeep(cast(Wired, house.parts), house.engine)
        house.look()
    changes = [event for event in house.world.events if isinstance(event, e.StateChanged)]
    assert [change.why for change in changes] == ["done", "may I?", "on it"]
    assert house.world.session(name).heard == SpoolPlace(3, "x")


def test_a_word_and_how_far_was_read_are_written_together_or_not_at_all(house: House) -> None:
    name = house.world.running()
    house.parts.spoken = [("idle", "done"), ("working", "again")]
    plain, batches = house.world.log.append, []

    def append(*events: e.Event) -> list[e.Stamped]:
        batches.append(events)
        return plain(*events)

    house.world.log.append = append  # type: ignore[method-assign]
    house.upkeep.heard({name})
    [batch] = batches
    assert [event.heard for event in batch if isinstance(event, e.StateChanged)] == [None, SpoolPlace(2, "x")]


def test_what_was_said_before_its_start_was_known_is_heard_once_it_runs(house: House) -> None:
    name = house.world.running()
    session = house.world.session(name)
    house.world.facts.sessions[name] = replace(session, stage=Stage.LAUNCHING)
    house.parts.spoken = [("blocked", "may I?")]
    house.upkeep.heard({name})
    assert house.count(e.StateChanged) == 0
    house.world.facts.sessions[name] = session
    house.look()
    assert house.world.session(name).state is State.BLOCKED


def test_what_an_earlier_attempt_said_last_is_not_believed_of_the_next_one(house: House) -> None:
    name = house.world.running()
    house.world.works(name, {}, None)
    house.world.machine.end(name, Exit(1))
    house.world.go()
    house.parts.spoken = [("blocked", "said at the very end")]
    house.world.log.append(e.TaskReopened(house.world.session(name).task), e.SessionResumed(name, 2))
    house.look()
    house.world.go()
    house.look()
    assert (house.world.session(name).stage, house.world.session(name).state) == (Stage.RUNNING, State.WORKING)
    assert house.world.session(name).heard == SpoolPlace(1, "x")


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
