"""The ledger on disk: what the tables hold is what the events add up to, after any history and any restart."""

from __future__ import annotations

import dataclasses
import itertools
import os
import sqlite3
import stat
import tempfile
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from swarmctl.core import events as e
from swarmctl.core.contest import Size
from swarmctl.core.ids import RunId, SessionId, TaskId
from swarmctl.core.machine import Facts, Row
from swarmctl.core.outcome import Outcome
from swarmctl.core.session import ACTIVE, ProcessId
from swarmctl.edges.store import fast, rows, shape
from swarmctl.edges.store.log import SqliteLog
from swarmctl.edges.store.reading import open_readonly
from swarmctl.edges.store.replay import replay
from swarmctl.edges.store.rows import TABLES
from tests.bench.history import landed
from tests.fakes.events import histories

RUN, TASK, SESSION = RunId("r"), TaskId("t"), SessionId("s")
OPENING: tuple[e.Event, ...] = (
    e.RunSubmitted(RUN, waits=True, lands="waited", target="main"),
    e.TaskAdded(TASK, RUN, 1, "a title", "a prompt", "fake"),
    e.SessionPlanned(SESSION, TASK, RUN, "fake", "swarm/a-s", "main", "0" * 40, "main", "/w/a-s", 41000),
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "swarm.db"


def in_order(facts: Facts) -> list[Row]:
    """Every row, in the order of the dictionaries: equal facts in another order are another projection."""
    return [row for table in TABLES for row in getattr(facts, table.name).values()]


@given(history=histories(), cuts=st.lists(st.integers(1, 5), max_size=12))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_after_any_history_events_tables_and_memory_say_the_same(history: list[e.Event], cuts: list[int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "swarm.db"
        log = SqliteLog(path)
        rest = list(history)
        for cut in [*cuts, len(history)]:
            log.append(*rest[:cut])
            rest = rest[cut:]
        log.append(*rest)
        written = log.facts
        assert [each.event for each in log.read()] == history
        reader = open_readonly(path)
        assert reader.facts() == written == replay(log.read())
        assert in_order(reader.facts()) == in_order(written) == in_order(replay(log.read()))
        reader.close()
        added_up = replay(log.read())
        log.close()
        again = SqliteLog(path)
        assert again.facts == added_up
        assert in_order(again.facts) == in_order(added_up)
        again.close()


def test_what_the_gates_said_of_a_session_that_is_over_is_read_when_asked_for(path: Path) -> None:
    entry = e.TaskAdded(TASK, RUN, 1, "a title", "a prompt", "fake", contest="c")
    said = e.Rehearsed(SESSION, "h", "b", "t", (), Size(1, 2, 3), "")
    kept = e.SessionKept(SESSION, Outcome.FAILED, "x")
    gone = (e.WorktreeTrashed(SESSION, "/t", "k"), e.WorktreeDeleted(SESSION), e.TaskFinished(TASK, kept.outcome, "x"))
    log = SqliteLog(path)
    log.append(OPENING[0], entry, OPENING[2], said, kept, *gone)
    written = log.facts
    assert written.gated[SESSION].size == Size(1, 2, 3)
    log.close()

    again = SqliteLog(path)
    assert SESSION not in again.facts.gated
    assert again.facts.rehearsals[SESSION] == written.rehearsals[SESSION]
    assert again.facts.contests["c"].base == "0" * 40
    assert again.facts == replay(again.read())
    again.close()


def test_columns_are_the_fields_of_the_dataclasses(path: Path) -> None:
    SqliteLog(path).close()
    connection = sqlite3.connect(path)
    for table in TABLES:
        columns = {row[1] for row in connection.execute(f"PRAGMA table_info({table.name})")}
        assert columns == {field.name for field in dataclasses.fields(table.kind)}, table.name
    connection.close()


def test_the_file_is_for_its_owner_only(path: Path) -> None:
    log = SqliteLog(path)
    log.append(*OPENING)
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    log.close()
    assert modes == {"swarm.db": 0o600, "swarm.db-wal": 0o600, "swarm.db-shm": 0o600}


@pytest.mark.parametrize("change", ["UPDATE events SET body = '{}'", "DELETE FROM events"])
def test_events_refuse_to_be_changed(path: Path, change: str) -> None:
    log = SqliteLog(path)
    log.append(*OPENING)
    log.close()
    connection = sqlite3.connect(path)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute(change)
    connection.close()


def test_writers_in_several_threads_take_turns(path: Path) -> None:
    log = SqliteLog(path)
    log.append(*OPENING)

    def write(name: int) -> None:
        for count in range(25):
            log.append(e.Noticed(SESSION, f"{name}.{count}"))

    threads = [threading.Thread(target=write, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    texts = [each.event.text for each in log.read() if isinstance(each.event, e.Noticed)]
    log.close()
    assert sorted(texts) == sorted(f"{name}.{count}" for name in range(4) for count in range(25))
    SqliteLog(path).close()


def test_another_thread_does_not_see_an_append_before_it_is_committed(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = SqliteLog(path)
    log.append(*OPENING)
    seen: list[int] = []
    reader = threading.Thread(target=lambda: seen.append(len(list(log.read()))))
    write = rows.write

    def look_inside_the_transaction(connection: sqlite3.Connection, row: Row) -> None:
        reader.start()
        reader.join(0.2)
        write(connection, row)

    monkeypatch.setattr(rows, "write", look_inside_the_transaction)
    log.append(e.MergeAsked(SESSION, "me"), e.Noticed(SESSION, "x"))
    reader.join()
    log.close()
    assert seen == [5]


def test_a_reader_sees_what_was_committed_and_when_something_was(path: Path) -> None:
    log = SqliteLog(path)
    reader = open_readonly(path)
    before = reader.data_version()
    assert reader.data_version() == before
    log.append(*OPENING)
    assert reader.data_version() != before
    assert reader.facts() == log.facts
    assert [each.event for each in reader.events(after=1)] == list(OPENING[1:])
    reader.close()
    log.close()


def test_a_reader_cannot_write(path: Path) -> None:
    SqliteLog(path).close()
    reader = open_readonly(path)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader._connection.execute("DELETE FROM runs")
    reader.close()


def test_a_history_longer_than_a_page_is_read_whole(path: Path) -> None:
    log = SqliteLog(path)
    log.append(*OPENING)
    log.append(*[e.Noticed(SESSION, str(number)) for number in range(2500)])
    assert [each.seq for each in log.read()] == list(range(1, 2504))
    log.close()


def test_the_fast_question_lists_waiting_tasks_and_sessions(path: Path) -> None:
    log = SqliteLog(path, now=lambda: 5.0)
    log.append(*OPENING, e.TaskAdded(TaskId("t2"), RUN, 2, "waits", "p", "fake", after=(TASK,)))
    rows = fast.tasks(str(path))
    log.close()
    assert rows is not None
    first, second = rows
    assert (first["id"], first["session"], first["stage"], first["branch"]) == ("t", "s", "planned", "swarm/a-s")
    assert (second["id"], second["session"], second["created_at"]) == ("t2", None, 5.0)


def test_the_fast_question_leaves_out_what_is_long_over(path: Path) -> None:
    clock = itertools.count(5.0)
    log = SqliteLog(path, now=lambda: next(clock))
    log.append(*OPENING)
    for number in range(2, 32):
        task = TaskId(f"t{number}")
        log.append(e.TaskAdded(task, RUN, number, "old", "p", "fake"), e.TaskFinished(task, Outcome.FAILED, "x"))
    lately = fast.tasks(str(path), since=1e9)
    everything = fast.tasks(str(path))
    log.close()
    assert lately is not None and everything is not None
    assert len(everything) == fast.count(str(path)) == 31
    assert lately == [everything[0], *everything[-20:]]
    assert fast.tasks(str(path), since=5.0) == everything


def test_the_fast_question_calls_no_session_working_that_went_down_with_its_machine(path: Path) -> None:
    log = SqliteLog(path)
    log.append(
        *OPENING,
        e.WorktreeReady(SESSION, False),
        e.LaunchIntended(SESSION, "process", 1),
        e.SessionStarted(SESSION, ProcessId(1, 2, "before"), ""),
    )
    rows = [(fast.tasks(str(path), boot) or [{}])[0] for boot in ("before", "another")]
    log.close()
    assert [row["stage"] for row in rows] == ["running", "running"]
    assert rows[0]["state"] != "lost" and rows[1]["state"] == "lost"


def test_the_fast_question_finds_a_database_under_any_path(tmp_path: Path) -> None:
    path = tmp_path / "a #odd?%20 name" / "swarm.db"
    path.parent.mkdir()
    log = SqliteLog(path)
    log.append(*OPENING)
    assert len(fast.tasks(str(path)) or ()) == 1
    assert open_readonly(path).facts() == log.facts
    log.close()


def test_the_quick_look_knows_which_stages_have_an_agent() -> None:
    assert set(fast.ACTIVE) == set(ACTIVE)


def test_the_fast_question_gives_way_where_it_has_no_answer(path: Path) -> None:
    assert fast.tasks(str(path)) is None
    assert not path.exists()
    path.write_text("this is my diary\n" * 100)
    assert fast.tasks(str(path)) is None


def test_on_a_read_only_disk_the_ledger_can_still_be_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = SqliteLog(path)
    log.append(*OPENING)
    facts = replay(log.read())
    log.close()
    monkeypatch.setattr(os, "access", lambda *_: False)
    reader = open_readonly(path)
    assert reader.facts() == facts
    assert len(fast.tasks(str(path)) or ()) == 1
    assert [file.name for file in path.parent.iterdir()] == ["swarm.db"], "a file was written beside it"
    reader.close()


def test_the_views_speak_to_people(path: Path) -> None:
    log = SqliteLog(path, now=lambda: 86400.5)
    log.append(*OPENING)
    log.close()
    connection = sqlite3.connect(path)
    time, kind, task = connection.execute("SELECT time, kind, task FROM swarm_timeline WHERE seq = 3").fetchone()
    since = connection.execute("SELECT since FROM swarm_sessions").fetchone()[0]
    landings = connection.execute("SELECT * FROM swarm_landings").fetchall()
    connection.close()
    assert (time, kind, task) == ("1970-01-02T00:00:00.500Z", "SessionPlanned", "t")
    assert since == "1970-01-02T00:00:00Z"
    assert landings == []


def test_pages_are_read_from_both_sides_of_everything_or_of_one_task(path: Path) -> None:
    log = SqliteLog(path)
    other = TaskId("other")
    log.append(*OPENING, e.TaskAdded(other, RUN, 2, "another", "another", "fake"), e.Noticed(SESSION, "a word"))
    reader = open_readonly(path)
    assert [each.seq for each in reader.page(2)] == [1, 2]
    assert [each.seq for each in reader.page(2, after=3)] == [4, 5]
    assert [each.seq for each in reader.page(2, before=5)] == [3, 4]
    assert [each.seq for each in reader.page(9, task=TASK)] == [2, 3, 5]
    assert [each.seq for each in reader.page(1, before=5, task=TASK)] == [3]
    assert reader.page(9, after=5) == [] and reader.page(9, before=1) == []
    reader.close()
    log.close()


def test_what_is_sifted_has_every_part_or_is_of_a_kind_or_not_plain(path: Path) -> None:
    log = SqliteLog(path)
    notes = ["A needle", "hay", "NEEDLES", "na\u00efve", "needle hay", "an odd \udcff path"]
    log.append(
        *OPENING, *(e.Noticed(SESSION, words) for words in notes), e.TaskAdded(TaskId("o"), RUN, 2, "x", "x", "a")
    )
    reader = open_readonly(path)

    def found(*parts: tuple[str, tuple[str, ...]], **which: Any) -> list[int]:
        return [each.seq for each in reader.sift(1, 11, parts, **which)]

    assert found(("needle", ())) == [4, 6, 7, 8, 9]
    assert found(("needle", ()), ("hay", ())) == [7, 8, 9]
    assert found(("needle", ("TaskAdded",))) == [2, 4, 6, 7, 8, 9, 10]
    assert found(("needle", ("TaskAdded",)), task=TASK) == [2, 4, 6, 7, 8, 9]
    assert found(("needle", ()), newest=2) == [8, 9]
    assert found() == list(range(1, 11))
    assert [each.seq for each in reader.sift(5, 8, [("needle", ())])] == [6, 7]
    assert reader.names() == ["fake", "main"]
    reader.close()
    log.close()


def test_what_happened_lately_has_the_gates_however_long_ago(path: Path) -> None:
    log = SqliteLog(path)
    log.append(*landed("1"))
    reader = open_readonly(path)
    assert [type(each.event) for each in reader.lately("s1", 1)] == [e.MergeStaged, e.GateFinished, e.WorktreeDeleted]
    assert len(reader.lately("s1", 99)) == sum(getattr(each.event, "session", "") == "s1" for each in reader.events())
    assert reader.lately("another", 9) == []
    reader.close()
    log.close()


def test_nobody_sees_a_ledger_that_has_no_tables_yet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A screen that looks at the very first task finds no file, or all of it."""
    path = tmp_path / "swarm.db"
    seen: list[bool] = []

    def look(connection: sqlite3.Connection) -> None:
        seen.append(path.exists())
        rebuild(connection)

    rebuild = shape.rebuild
    monkeypatch.setattr(shape, "rebuild", look)
    SqliteLog(path).close()
    assert seen == [False]
    assert [file.name for file in tmp_path.iterdir()] == ["swarm.db"]
    reader = open_readonly(path)
    assert reader.facts().seq == 0
    reader.close()
