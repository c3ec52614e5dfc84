"""A long ledger is verified from the point that was remembered; what that point does not vouch for is still found."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from swarmctl.core import events as e
from swarmctl.core.errors import EnvironmentFault
from swarmctl.core.ids import RunId, SessionId, TaskId
from swarmctl.core.outcome import Outcome
from swarmctl.core.session import Stage
from swarmctl.edges.store import shape, verify
from swarmctl.edges.store.log import SHORT, SqliteLog
from swarmctl.edges.store.reading import open_readonly
from swarmctl.edges.store.remembered import EVERY, recall, recall_rows
from swarmctl.edges.store.replay import replay
from swarmctl.edges.store.shelf import shelved
from tests.bench.history import landed

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
UNLOCK = ("DROP TRIGGER events_are_never_changed", "DROP TRIGGER events_are_never_deleted")
LAST = SessionId("sffff")
TAIL = 15
"""Events after the point: a session up to its intent to land, and an old one that is taken up again."""


def open_killed(path: Path, *events: e.Event) -> None:
    """Append in a process that ends without closing anything."""
    log = SqliteLog(path)
    log.append(*events)
    log._connection.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "swarm.db"
    log = SqliteLog(path)
    for number in range(SHORT // 20 + 5):
        log.append(*landed(f"{number:04x}"))
    log.close()
    tail = list(landed("ffff"))[: TAIL - 2]
    open_killed(path, *tail, e.TaskReopened(TaskId("t0001")), e.WorktreeRestored(SessionId("s0001"), "/w/again"))
    return path


@pytest.fixture
def whole(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Every verification of the whole ledger."""
    asked: list[Path] = []
    really = verify.whole

    def noted(connection: sqlite3.Connection, path: Path) -> None:
        asked.append(path)
        really(connection, path)

    monkeypatch.setattr(verify, "whole", noted)
    return asked


def alter(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in statements:
        connection.execute(statement)
    connection.close()


def point_of(path: Path) -> int:
    connection = sqlite3.connect(path)
    point = recall(connection)
    connection.close()
    assert point is not None
    return point.seq


def test_only_what_came_after_the_point_is_verified(path: Path, whole: list[Path]) -> None:
    log = SqliteLog(path)
    assert whole == []
    assert log.facts.seq == point_of(path) + TAIL
    assert log.facts == replay(log.read())
    log.close()


def test_what_is_at_hand_is_what_is_not_over(path: Path) -> None:
    log = SqliteLog(path)
    added_up = replay(log.read())
    assert log.facts.live == added_up.live
    assert log.facts.live.keys() == {LAST, SessionId("s0001")}
    assert log.facts.unfinished == added_up.unfinished
    assert log.facts.awaited == added_up.awaited
    log.close()


def test_what_is_over_is_found_by_key_by_field_and_by_time(path: Path) -> None:
    log = SqliteLog(path)
    facts, all_of_it = log.facts, replay(log.read())
    assert facts.sessions[SessionId("s0003")] == all_of_it.sessions[SessionId("s0003")]
    assert SessionId("s9999") not in facts.sessions
    assert facts.tasks.where("run", RunId("r0003")) == all_of_it.tasks.where("run", RunId("r0003"))
    assert facts.sessions.beginning("id", "s002") == all_of_it.sessions.beginning("id", "s002")
    assert len(facts.sessions.beginning("id", "s002")) > 1
    assert facts.landings.last("landed_at", 3) == all_of_it.landings.last("landed_at", 3)
    log.close()


def test_a_session_that_was_over_is_taken_up_again_as_it_was(path: Path, whole: list[Path]) -> None:
    log = SqliteLog(path)
    old = SessionId("s0004")
    before = log.facts.sessions[old]
    log.append(e.WorktreeRestored(old, "/w/back"))
    assert log.facts.live[old].worktree == "/w/back"
    assert before.place == "deleted"
    log._connection.close()
    assert SqliteLog(path).facts.live[old].worktree == "/w/back"
    assert whole == []


@pytest.mark.parametrize(
    ("tampering", "words"),
    [
        ("UPDATE events SET at = at - 60 WHERE seq = {last}", "event {last} is not the one"),
        ("DELETE FROM events WHERE seq = {point} + 1", "is missing"),
        ("DELETE FROM events WHERE seq = {last}", "do not follow from its events"),
        ("UPDATE sessions SET stage = 'landed' WHERE id = 'sffff'", "do not follow from its events"),
        ("UPDATE sessions SET worktree = '/etc' WHERE id = 's0001'", "do not follow from its events"),
        ("DELETE FROM runs WHERE id = 'r0002'", "do not follow from its events"),
        ("INSERT INTO approvals VALUES ('d1', 'hooks', 1.0)", "do not follow from its events"),
        ("UPDATE sessions SET stage = 'no such' WHERE id = 'sffff'", "a row cannot be read"),
    ],
)
def test_what_was_edited_after_the_point_is_refused(path: Path, tampering: str, words: str) -> None:
    point = point_of(path)
    places = {"point": point, "last": point + TAIL}
    alter(path, *UNLOCK, tampering.format(**places))
    with pytest.raises(EnvironmentFault, match=words.format(**places)):
        SqliteLog(path)


def test_an_old_event_that_was_edited_is_found_by_a_look_at_all(path: Path, whole: list[Path]) -> None:
    alter(path, *UNLOCK, "UPDATE events SET at = at - 60 WHERE seq = 7")
    SqliteLog(path).close()
    assert whole == []
    reader = open_readonly(path)
    with pytest.raises(EnvironmentFault, match="event 7 is not the one that was written"):
        reader.verify()
    reader.close()


def test_a_look_at_all_of_a_sound_ledger_counts_its_events(path: Path) -> None:
    reader = open_readonly(path)
    assert reader.verify() == point_of(path) + TAIL
    reader.close()


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM remembered",
        "UPDATE remembered SET seq = seq - 3",
        "UPDATE remembered SET link = 'x'",
        "UPDATE remembered SET counts = '{}'",
        "UPDATE remembered SET counts = 'no json'",
        "INSERT INTO remembered VALUES (1, '', '{}', '')",
        "DELETE FROM remembered_rows",
        "DELETE FROM remembered_rows WHERE key = 's0001'",
        "UPDATE remembered_rows SET row = 'no json' WHERE key = 's0001'",
        "UPDATE remembered_rows SET row = NULL WHERE key = 's0001'",
    ],
)
def test_a_damaged_point_is_replaced_after_a_look_at_all(path: Path, damage: str, whole: list[Path]) -> None:
    alter(path, damage)
    log = SqliteLog(path)
    assert whole == [path]
    assert log.facts == replay(log.read())
    log._connection.close()
    SqliteLog(path).close()
    assert whole == [path]


def test_a_damaged_point_hides_no_damaged_event(path: Path) -> None:
    alter(path, *UNLOCK, "DELETE FROM remembered", "UPDATE events SET at = at - 60 WHERE seq = 7")
    with pytest.raises(EnvironmentFault, match="event 7 is not the one"):
        SqliteLog(path)


def test_a_point_is_taken_while_the_log_is_written(path: Path, whole: list[Path]) -> None:
    first = point_of(path)
    open_killed(path, *[e.Noticed(None, "x")] * EVERY)
    assert point_of(path) == first + TAIL + EVERY
    connection = sqlite3.connect(path)
    assert recall_rows(connection) == {}
    connection.close()
    SqliteLog(path).close()
    assert whole == []


def test_an_append_that_failed_leaves_nothing_of_it_in_memory(path: Path, whole: list[Path]) -> None:
    log = SqliteLog(path)
    log._connection.execute("PRAGMA query_only = ON")
    with pytest.raises(EnvironmentFault):
        log.append(e.TaskReopened(TaskId("t0002")))
    log._connection.execute("PRAGMA query_only = OFF")
    log.append(e.TaskReopened(TaskId("t0002")))
    log._connection.close()
    assert SqliteLog(path).facts.unfinished.keys() >= {TaskId("t0002")}
    assert whole == []


def test_a_writer_killed_anywhere_leaves_a_point_that_holds(path: Path, whole: list[Path]) -> None:
    argv = [sys.executable, str(HERE / "appender.py"), str(path)]
    for round, after in enumerate((3, 200, 499, 501, 700)):
        with subprocess.Popen([*argv, str(round)], stdout=subprocess.PIPE, env={"PYTHONPATH": str(ROOT)}) as writer:
            assert writer.stdout is not None
            for _ in range(after):
                assert writer.stdout.readline(), "the writer could not start on what the one before it left"
            writer.kill()
        log = SqliteLog(path)
        assert log.facts.seq - point_of(path) <= EVERY
        log._connection.close()
    assert whole == []
    reader = open_readonly(path)
    reader.verify()
    reader.close()


def test_a_ledger_of_the_first_format_is_brought_forward(tmp_path: Path) -> None:
    path = tmp_path / "swarm.db"
    connection = sqlite3.connect(path)
    connection.executescript((HERE / "format-1.sql").read_text())
    connection.close()
    log = SqliteLog(path)
    assert log.facts == replay(log.read())
    assert log.facts.seq == 15
    assert log.facts.sessions[SessionId("s1")].worktree == "/w/caf\udce9"
    assert log.facts.sessions[SessionId("s1")].stage is Stage.READY
    log.append(e.TaskFinished(TaskId("t1"), Outcome.READY, ""))
    log.close()
    assert path.with_name("swarm.db.v1").exists()
    fresh = SqliteLog(tmp_path / "fresh.db")
    assert _shape(path) == _shape(tmp_path / "fresh.db")
    fresh.close()
    assert open_readonly(path).verify() == 16


def _shape(path: Path) -> set[str]:
    connection = sqlite3.connect(path)
    assert shape.version(connection) == shape.newest()
    made = {" ".join(sql.split()) for (sql,) in connection.execute("SELECT sql FROM sqlite_master WHERE sql <> ''")}
    connection.close()
    return made


def test_the_questions_about_what_is_not_over_read_no_more_than_that(path: Path) -> None:
    log = SqliteLog(path)
    asked: list[str] = []
    log._connection.set_trace_callback(asked.append)
    shelved(lambda question, values: log._connection.execute(question, values).fetchall())
    log._connection.set_trace_callback(None)
    for question in asked:
        for row in log._connection.execute(f"EXPLAIN QUERY PLAN {question}"):
            scanned = row[3].startswith("SCAN") and "INDEX" not in row[3] and row[3].split()[1] not in SMALL
            assert not scanned, f"{row[3]}: {question}"
    assert len(asked) > 4
    log.close()


SMALL = ("approvals", "limits", "events")
"""Tables that are read whole, and one of which the last row is."""
