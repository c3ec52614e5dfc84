"""The promises of the `Log` port, kept by the ledger on disk and by the one in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from swarmctl.core import events as e
from swarmctl.core.ids import RunId, SessionId, TaskId
from swarmctl.core.machine import ImpossibleEvent
from swarmctl.core.ports import Log
from swarmctl.core.session import Stage
from swarmctl.edges.store.log import SqliteLog
from tests.fakes.store import MemoryLog

RUN, TASK, SESSION = RunId("r"), TaskId("t"), SessionId("s")
SUBMITTED = e.RunSubmitted(RUN, waits=True, lands="waited", target="main")
ADDED = e.TaskAdded(TASK, RUN, 1, "a title", "a prompt", "fake")
PLANNED = e.SessionPlanned(SESSION, TASK, RUN, "fake", "swarm/a-s", "main", "0" * 40, "main", "/w/a-s", 41000)


class Watch:
    """A clock that shows what it is told to."""

    def __init__(self) -> None:
        self.time = 1000.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture(params=["sqlite", "memory"])
def log(request: pytest.FixtureRequest, tmp_path: Path, watch: Watch) -> Iterator[Log]:
    makers: dict[str, Callable[[], Log]] = {
        "sqlite": lambda: SqliteLog(tmp_path / "swarm.db", watch),
        "memory": lambda: MemoryLog(watch),
    }
    log = makers[request.param]()
    yield log
    log.close()


def test_a_new_log_holds_nothing(log: Log) -> None:
    assert list(log.read()) == []
    assert (log.facts.seq, log.facts.runs) == (0, {})


def test_events_are_numbered_from_one_and_read_back_in_order(log: Log) -> None:
    first = log.append(SUBMITTED)
    rest = log.append(ADDED, PLANNED)
    assert [each.seq for each in first + rest] == [1, 2, 3]
    assert list(log.read()) == first + rest
    assert [each.event for each in log.read(after=2)] == [PLANNED]


def test_each_event_of_one_append_stands_on_the_one_before(log: Log) -> None:
    log.append(SUBMITTED, ADDED, PLANNED, e.WorktreeReady(SESSION, warm=False))
    assert log.facts.sessions[SESSION].stage is Stage.PROVISIONED
    assert log.facts.tasks[TASK].session == SESSION


def test_an_impossible_event_takes_its_whole_append_with_it(log: Log) -> None:
    log.append(SUBMITTED, ADDED)
    with pytest.raises(ImpossibleEvent):
        log.append(PLANNED, e.Landed(SESSION, "main", "1" * 40))
    assert [each.event for each in log.read()] == [SUBMITTED, ADDED]
    assert log.facts.sessions == {}
    assert log.facts.tasks[TASK].session is None
    assert log.facts.seq == 2


@pytest.mark.parametrize("event", [e.RunLeft(RunId("nobody"), "gone"), e.TaskReopened(TaskId("nothing")), PLANNED])
def test_an_event_about_something_unknown_is_impossible(log: Log, event: e.Event) -> None:
    with pytest.raises(ImpossibleEvent):
        log.append(event)
    assert list(log.read()) == []


def test_an_append_of_nothing_changes_nothing(log: Log) -> None:
    assert log.append() == []
    assert log.facts.seq == 0


def test_time_never_goes_back_when_the_clock_does(log: Log, watch: Watch) -> None:
    log.append(SUBMITTED)
    watch.time -= 3600
    (later,) = log.append(ADDED)
    assert later.at == 1000.0
    assert log.facts.tasks[TASK].created_at == 1000.0
    watch.time = 2000.0
    assert log.append(PLANNED)[0].at == 2000.0


def test_text_that_is_no_utf8_comes_back_as_it_was(log: Log) -> None:
    worktree = "/w/caf\udce9 \ud800 \x00 ☃"
    event = e.SessionPlanned(SESSION, TASK, RUN, "fake", "b", "main", "0", "main", worktree, 1)
    log.append(SUBMITTED, ADDED, event)
    assert list(log.read())[-1].event == event
    assert log.facts.sessions[SESSION].worktree == worktree
