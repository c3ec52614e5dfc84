"""A writer killed at any moment: what it acknowledged is there once, and the tables still follow from the events."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

from swarmctl.core import events as e
from swarmctl.edges.store.log import SqliteLog

APPENDER = Path(__file__).with_name("appender.py")
ROOT = APPENDER.parents[3]
KILLS = 50


def test_no_kill_loses_or_doubles_what_was_acknowledged(tmp_path: Path) -> None:
    path = tmp_path / "swarm.db"
    dice = random.Random(20)
    acknowledged: dict[int, str] = {}
    for round in range(KILLS):
        lines = _append_and_kill(path, str(round), after=dice.randrange(1, 40))
        assert lines, "the writer could not start on what the one before it left"
        acknowledged |= {int(seq): task for seq, task in lines}

    log = SqliteLog(path)  # opening compares the tables with a replay of the events
    events = list(log.read())
    added = {each.seq: each.event.task for each in events if isinstance(each.event, e.TaskAdded)}
    assert [each.seq for each in events] == list(range(1, len(events) + 1))
    assert len(events) % 2 == 0, "half of an append was kept"
    assert len(set(added.values())) == len(added), "an event is there twice"
    assert {seq: task for seq, task in added.items() if seq in acknowledged} == acknowledged
    assert len(added) - len(acknowledged) <= KILLS, "more was kept than one unacknowledged append for each kill"
    log.close()


def _append_and_kill(path: Path, name: str, after: int) -> list[tuple[str, str]]:
    """Let a writer run, kill it once it acknowledged `after` appends, and return all that it acknowledged."""
    argv = [sys.executable, str(APPENDER), str(path), name]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, env={"PYTHONPATH": str(ROOT)}) as writer:
        assert writer.stdout is not None
        lines = []
        for line in writer.stdout:
            lines.append(line)
            if len(lines) == after:
                writer.kill()
    complete = [line.split() for line in lines if line.endswith("\n")]
    return [(seq, task) for seq, task in complete]
