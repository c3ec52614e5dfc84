"""The ledger when disk, file or another program will not have it: one line, a hint, and nothing half-written."""

from __future__ import annotations

import resource
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from swarmctl.core import events as e
from swarmctl.core.errors import EnvironmentFault
from swarmctl.core.ids import RunId, TaskId
from swarmctl.core.session import SpoolPlace
from swarmctl.edges.store import log as log_module, shape
from swarmctl.edges.store.log import SqliteLog
from swarmctl.edges.store.reading import open_readonly

ROOT = Path(__file__).resolve().parents[3]


def submitted(number: int) -> tuple[e.Event, e.Event]:
    run = RunId(f"r{number}")
    return (
        e.RunSubmitted(run, waits=False, lands="no", target="main"),
        e.TaskAdded(TaskId(f"t{number}"), run, number, "title", "prompt " * 40, "fake"),
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "swarm.db"
    log = SqliteLog(path)
    for number in range(3):
        log.append(*submitted(number))
    log.close()
    return path


def alter(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in statements:
        connection.execute(statement)
    connection.close()


def test_a_database_from_the_future_is_left_alone(path: Path) -> None:
    alter(path, "PRAGMA journal_mode = DELETE", "PRAGMA user_version = 99")
    before = path.read_bytes()
    for opening in (SqliteLog, open_readonly):
        with pytest.raises(EnvironmentFault, match="newer swarmctl") as fault:
            opening(path)
        assert fault.value.hint.startswith("upgrade:")
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == ["swarm.db"]


def rename_a_column(connection: sqlite3.Connection) -> None:
    connection.execute("ALTER TABLE runs RENAME COLUMN target TO aim")


def fail_halfway(connection: sqlite3.Connection) -> None:
    connection.execute("DROP TABLE sessions")
    raise sqlite3.OperationalError("the machine stopped here")


def test_an_old_database_is_copied_and_brought_forward(path: Path) -> None:
    old = list(open_readonly(path).events())
    log = SqliteLog(path, migrations=(*shape.MIGRATIONS, rename_a_column))
    assert list(log.read()) == old
    assert log.facts.runs[RunId("r1")].target == "main"
    log.append(*submitted(9))
    log.close()
    SqliteLog(path, migrations=(*shape.MIGRATIONS, rename_a_column)).close()
    copy = SqliteLog(path.with_name(f"swarm.db.v{shape.newest()}"))
    assert list(copy.read()) == old
    copy.close()


def test_a_database_from_before_spools_were_remembered_is_brought_forward(path: Path) -> None:
    old = list(open_readonly(path).events())
    alter(path, "ALTER TABLE sessions DROP COLUMN heard", "DROP INDEX events_of_run", "PRAGMA user_version = 1")
    log = SqliteLog(path)
    assert list(log.read()) == old
    assert all(session.heard == SpoolPlace() for session in log.facts.sessions.values())
    log.append(*submitted(9))
    log.close()
    assert path.with_name("swarm.db.v1").exists()


def test_a_migration_that_fails_leaves_the_old_database(path: Path) -> None:
    with pytest.raises(EnvironmentFault, match="the machine stopped here"):
        SqliteLog(path, migrations=(*shape.MIGRATIONS, fail_halfway))
    log = SqliteLog(path)
    assert len(list(log.read())) == 6
    log.close()


def test_a_damaged_page_is_named_with_what_to_do(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(4096 * 2)
        file.write(b"\xff" * 4096 * 6)
    with pytest.raises(EnvironmentFault, match="is damaged") as fault:
        SqliteLog(path)
    assert f"mv {path} {path}.damaged" in fault.value.hint


def test_a_file_that_is_no_database_is_named(path: Path) -> None:
    path.write_text("this is my diary\n" * 100)
    for opening in (SqliteLog, open_readonly):
        with pytest.raises(EnvironmentFault, match="not a swarmctl database"):
            opening(path)
    assert path.read_text().startswith("this is my diary")


@pytest.mark.parametrize(
    ("tampering", "words"),
    [
        ("UPDATE events SET body = replace(body, 'title', 'other') WHERE seq = 4", "event 4 is not the one"),
        ("UPDATE events SET at = at - 60 WHERE seq = 2", "event 2 is not the one"),
        ("DELETE FROM events WHERE seq = 3", "event 3 is missing"),
        ("DELETE FROM runs WHERE id = 'r1'", "do not follow from its events"),
        ("INSERT INTO approvals VALUES ('d1', 'hooks', 1.0)", "do not follow from its events"),
    ],
)
def test_a_row_edited_by_hand_is_found_at_the_next_start(path: Path, tampering: str, words: str) -> None:
    alter(path, "DROP TRIGGER events_are_never_changed", "DROP TRIGGER events_are_never_deleted", tampering)
    with pytest.raises(EnvironmentFault, match=words):
        SqliteLog(path)


def test_a_locked_database_is_said_to_be_locked(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_module, "BUSY_TIMEOUT_S", 0.05)
    log = SqliteLog(path)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(EnvironmentFault, match="locked by another program"):
        log.append(*submitted(9))
    assert RunId("r9") not in log.facts.runs
    other.execute("ROLLBACK")
    other.close()
    log.append(*submitted(9))
    assert RunId("r9") in log.facts.runs
    log.close()


def test_a_full_disk_is_said_to_be_full_and_the_log_goes_on_afterwards(path: Path) -> None:
    log = SqliteLog(path)
    pages = log._connection.execute("PRAGMA page_count").fetchone()[0]
    log._connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(EnvironmentFault, match="no space left"):
        for number in range(10, 100):
            log.append(*submitted(number))
    kept = log.facts.seq
    log._connection.execute("PRAGMA max_page_count = 100000")
    assert log.append(*submitted(500))[0].seq == kept + 1
    log.close()
    SqliteLog(path).close()


def test_a_database_that_became_read_only_is_said_to_be(path: Path) -> None:
    log = SqliteLog(path)
    log._connection.execute("PRAGMA query_only = ON")
    with pytest.raises(EnvironmentFault, match="cannot be written"):
        log.append(*submitted(9))
    assert log.facts.seq == 6
    log.close()


@pytest.mark.parametrize("other", [False, True], ids=["gone", "another file"])
def test_what_was_moved_away_is_not_written_to_and_goes_on_when_it_is_back(path: Path, other: bool) -> None:
    log = SqliteLog(path)
    away = {each: each.rename(f"{each}.away") for each in sorted(path.parent.glob("swarm.db*"))}
    if other:
        path.touch()
    with pytest.raises(EnvironmentFault, match="is gone") as fault:
        log.append(*submitted(9))
    assert "bring it back" in fault.value.hint and log.facts.seq == 6
    for each, there in away.items():
        there.rename(each)
    assert log.append(*submitted(9))[0].seq == 7
    log.close()
    assert RunId("r9") in open_readonly(path).facts().runs


def test_a_place_where_no_file_can_be_is_one_line() -> None:
    with pytest.raises(EnvironmentFault, match=r"/proc/self/swarm.db cannot be opened"):
        SqliteLog("/proc/self/swarm.db")


def test_reading_where_nothing_ran_says_how_to_begin(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault) as fault:
        open_readonly(tmp_path / "swarm.db")
    assert "swarmctl run" in fault.value.hint


def test_the_disk_refusing_any_one_write_leaves_whole_appends_only(tmp_path: Path) -> None:
    """Run in a process of its own, because the limit on file sizes that refuses the write is the process's."""
    argv = [sys.executable, __file__, str(tmp_path)]
    done = subprocess.run(argv, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    refused, finished = (int(word) for word in done.stdout.split())
    assert refused > 50, "the limit never bit"
    assert finished > 0, "no run came to its end, so that the largest limit is too small"


def _refuse_writes(folder: Path) -> None:
    """For each size of file that the disk would allow: a short run, then a look at what is left of it."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    refused = finished = 0
    for limit in range(0, 800_000, 4_096):
        path = folder / f"{limit}.db"
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
        acknowledged, failed = _short_run(path)
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        refused, finished = refused + failed, finished + (not failed)
        log = SqliteLog(path)
        events = [each.event for each in log.read()]
        whole = [event for number in range(len(events) // 2) for event in submitted(number)]
        assert events == whole, f"limit {limit}: half of an append was kept"
        assert len(events) >= 2 * acknowledged, f"limit {limit}: an acknowledged append is gone"
        log.close()
    print(refused, finished)


def _short_run(path: Path) -> tuple[int, bool]:
    """How many appends were acknowledged, and whether one was refused; memory must agree with what was acknowledged."""
    try:
        log = SqliteLog(path)
    except EnvironmentFault:
        return 0, True
    acknowledged, failed = 0, False
    try:
        for number in range(12):
            log.append(*submitted(number))
            acknowledged += 1
    except EnvironmentFault:
        failed = True
    assert (log.facts.seq, len(log.facts.tasks)) == (2 * acknowledged, acknowledged)
    log.close()
    return acknowledged, failed


if __name__ == "__main__":
    _refuse_writes(Path(sys.argv[1]))
