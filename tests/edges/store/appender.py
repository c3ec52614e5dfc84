"""A process that appends as fast as it can and says so: one line `SEQ TEXT` for each append that was acknowledged."""

from __future__ import annotations

import sys

from swarmctl.core import events as e
from swarmctl.core.ids import RunId, TaskId
from swarmctl.edges.store.log import SqliteLog


def main(path: str, name: str) -> None:
    log = SqliteLog(path)
    count = 0
    while True:
        count += 1
        run, task = RunId(f"r-{name}-{count}"), TaskId(f"t-{name}-{count}")
        added = e.TaskAdded(task, run, count, "title", "prompt", "fake")
        stamped = log.append(e.RunSubmitted(run, waits=False, lands="no", target="main"), added)
        print(stamped[-1].seq, task, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
