"""A history as long as asked for: sessions that landed and whose directories are gone."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from swarmctl.core import events as e
from swarmctl.core.gate import GateResult, Proof, Staged, Verdict
from swarmctl.core.ids import RunId, SessionId, TaskId
from swarmctl.core.outcome import Outcome
from swarmctl.core.session import Exit, ProcessId
from swarmctl.edges.store.log import SqliteLog

AT_ONCE = 5_000
"""Events in one transaction, because it is not the writing that is measured."""


def write(path: Path, events: int) -> None:
    log = SqliteLog(path)
    history = islice(_history(), events)
    while some := tuple(islice(history, AT_ONCE)):
        log.append(*some)
    log.close()


def _history() -> Iterator[e.Event]:
    number = 0
    while True:
        number += 1
        yield from landed(f"{number:08x}")


def landed(name: str) -> Iterator[e.Event]:
    """Twenty events: one task from its submission to the end of its directory in the trash."""
    run, task, session = RunId(f"r{name}"), TaskId(f"t{name}"), SessionId(f"s{name}")
    base, head, commit, tree = (f"{letter}{name}" * 4 + "0000" for letter in "bhct")
    branch = f"swarm/mend-the-thing-{session}"
    passed = GateResult("tests", tree, Verdict.PASS, "12 tests", 0, 12, 3.5, f"/state/logs/{session}/tests.log", base)
    proof = Proof(base, head, commit, tree, ("tests",), "0" * 64, (passed,))
    yield e.RunSubmitted(run, True, "waited", "main")
    yield e.TaskAdded(task, run, 1, "Mend the thing", "Mend the thing that is broken. " * 10, "claude")
    yield e.CommandDone(f"command-{name}", "run", f'{{"answer": {{"run": "{run}"}}}}')
    yield e.SessionPlanned(session, task, run, "claude", branch, "main", base, "main", f"/w/{branch}", 41000)
    yield e.WorktreeReady(session, True)
    yield e.LaunchIntended(session, "tmux", 1)
    yield e.SessionStarted(session, ProcessId(4711, 1, "boot"), "%1")
    yield e.SessionEnded(session, Exit(0), "exit file")
    yield e.WorkCommitted(session, head, 3)
    yield e.Checkpointed(session, head, "end of session")
    yield e.SessionReady(session, head)
    yield e.Enqueued(session, head)
    yield e.MergeStaged(session, Staged(base, head, commit, tree, "squash"))
    yield e.GateFinished(session, passed)
    yield e.LandIntended(session, proof, "main", base)
    yield e.Landed(session, "main", commit)
    yield e.TaskFinished(task, Outcome.LANDED, "")
    yield e.WorktreeTrashed(session, f"/trash/{session}", head)
    yield e.WorktreeDeleted(session)
    yield e.RunLeft(run, "the supervisor restarted")
