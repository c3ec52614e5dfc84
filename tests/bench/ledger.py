"""How many events a second become durable: straight into the log, and through the supervisor's socket."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from swarmctl.core import events as e
from swarmctl.core.ids import RunId, SessionId, TaskId
from swarmctl.core.outcome import Outcome
from swarmctl.core.session import Exit, ProcessId
from swarmctl.edges.store.log import SqliteLog
from swarmctl.edges.store.remembered import EVERY
from tests.bench import history
from tests.bench.figures import Row, row
from tests.bench.place import place

SECONDS = 3.0
SESSIONS = 2_000
CLIENTS = 8
LENGTHS = (20_000, 200_000)
TIMED = """\
import os, resource, sys, time
from swarmctl.edges.store.log import SqliteLog
from swarmctl.edges.store.reading import open_readonly
began = time.perf_counter()
{}
print(time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, flush=True)
os._exit(0)
"""
OPENING = TIMED.format("SqliteLog(sys.argv[1])")
VERIFYING = TIMED.format("open_readonly(sys.argv[1]).verify()")
CLIENT = """\
import sys, time
from pathlib import Path
from swarmctl.app.here import here
client = here(Path(sys.argv[1])).client()
client.greet()
print("ready", flush=True)
sys.stdin.readline()
end, count = time.monotonic() + float(sys.argv[3]), 0
while time.monotonic() < end:
    client.ask("approve", {"subject": "bench", "digest": f"{sys.argv[2]}-{count}"})
    count += 1
print(count, flush=True)
"""


def rows(
    folder: Path, seconds: float = SECONDS, sessions: int = SESSIONS, lengths: Sequence[int] = LENGTHS
) -> Iterator[Row]:
    bare = _bare(folder / "bare.db", seconds)
    what = f"{bare:,.0f}/s sqlite3 `INSERT`, WAL, FULL"
    old = folder / "old.db"
    _filled(old, sessions)
    for events in lengths:
        yield from _openings(folder / f"{events}.db", events)
    yield _row("log events/s, 1 writer", _direct(folder / "fresh.db", 1, seconds), bare, what)
    yield _row(f"log events/s, 1 writer, {sessions:,} sessions in it", _direct(old, 1, seconds), bare, what)
    yield _row("log events/s, 8 threads", _direct(folder / "threads.db", CLIENTS, seconds), bare, what)
    for clients in (1, CLIENTS):
        label = f"events/s through the socket, {clients} client process{'es' if clients > 1 else ''}"
        yield _row(label, _through_the_socket(folder, clients, seconds), bare, what)


def _row(metric: str, rate: float, bare: float, what: str) -> Row:
    return Row(metric, f"{rate:,.0f}/s", baseline=what, ratio=f"{bare / rate:.2f}")


def _bare(path: Path, seconds: float) -> float:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE events (seq INTEGER PRIMARY KEY, body TEXT NOT NULL)")

    def insert() -> None:
        connection.execute('INSERT INTO events (body) VALUES (\'{"text": "bench"}\')')

    rate = _rate([insert], seconds)
    connection.close()
    return rate


def _direct(path: Path, threads: int, seconds: float) -> float:
    log = SqliteLog(path)
    rate = _rate([lambda: log.append(e.Noticed(None, "bench"))] * threads, seconds)
    log.close()
    return rate


def _filled(path: Path, sessions: int) -> int:
    """A history of sessions that are over; how many events it has."""
    log = SqliteLog(path)
    for number in range(sessions):
        run, task, session = RunId(f"r{number}"), TaskId(f"t{number}"), SessionId(f"s{number}")
        log.append(
            e.RunSubmitted(run, False, "no", "main"),
            e.TaskAdded(task, run, 1, "bench", "bench", "shell"),
            e.SessionPlanned(session, task, run, "shell", "b", "main", "0" * 40, "main", "/w", 0),
            e.WorktreeReady(session, True),
            e.LaunchIntended(session, "tmux", 1),
            e.SessionStarted(session, ProcessId(1, 1, "boot"), "%1"),
            e.SessionEnded(session, Exit(0), "exit file"),
            e.Checkpointed(session, "0" * 40, "end of session"),
            e.SessionEmpty(session, "bench"),
            e.TaskFinished(task, Outcome.NO_WORK, "bench"),
        )
    log.close()
    return sessions * 10


def _openings(path: Path, events: int) -> Iterator[Row]:
    """As after a kill: nothing was remembered since the last point that fell due."""
    history.write(path, events)
    SqliteLog(path).append(*[e.Noticed(None, "bench")] * (EVERY - 1))
    remembered = [_timed([sys.executable, "-c", OPENING, str(path)]) for _ in range(5)]
    whole = [_timed([sys.executable, "-c", VERIFYING, str(path)])]
    mib = max(kib for _, kib in remembered) / 1024
    yield row(f"opening a log of {events:,} events, from the remembered point", [took for took, _ in remembered])
    yield Row(f"memory of a process that opened a log of {events:,} events", f"{mib:.0f} MiB")
    yield row(f"verifying a log of {events:,} events whole, as `doctor` does", [took for took, _ in whole])


def _timed(argv: list[str]) -> tuple[float, int]:
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    took, kib = done.stdout.split()
    return float(took), int(kib)


def _rate(writers: list[Callable[[], object]], seconds: float) -> float:
    """Calls a second of all writers together, each in a thread of its own."""
    end, counts = time.monotonic() + seconds, [0] * len(writers)

    def write(number: int) -> None:
        while time.monotonic() < end:
            writers[number]()
            counts[number] += 1

    threads = [threading.Thread(target=write, args=(number,)) for number in range(len(writers))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / seconds


def _through_the_socket(folder: Path, clients: int, seconds: float) -> float:
    """Two events a command: what was done, and the answer, so that asking again does nothing twice."""
    with place(folder, f"socket-{clients}", 20) as there:
        there.client.greet()
        before = there.facts().seq
        asking = [
            subprocess.Popen(
                [sys.executable, "-c", CLIENT, str(there.repo), str(number), str(seconds)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for number in range(clients)
        ]
        for child in asking:
            assert child.stdout is not None and child.stdout.readline() == "ready\n"
        for child in asking:
            assert child.stdin is not None
            child.stdin.write("go\n")
            child.stdin.flush()
        for child in asking:
            child.communicate()
        return (there.facts().seq - before) / seconds
