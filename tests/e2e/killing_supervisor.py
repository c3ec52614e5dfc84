"""The real supervisor, which kills itself where it was told to: beside the n-th append, beside an event, or in time.

Each life takes the next line of the file named by KILL_PLAN; what became of it is appended to that file's `.done`.

    before append 3 | after append 3 | before event Landed | after event Landed | time 0.25
"""

from __future__ import annotations

import fcntl
import os
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from swarmctl.app.supervisor import Supervisor
from swarmctl.app.wire import wire
from swarmctl.core.events import Event, Stamped
from swarmctl.core.machine import Facts


class KillingLog:
    """The log, and the end of the process beside one of its appends."""

    def __init__(self, log: Any, plan: str) -> None:
        self._log = log
        self._side, self._what, self._which = plan.split() if len(plan.split()) == 3 else ("", "", "")
        self._plan = plan
        self._count = 0
        self._noted = False

    @property
    def facts(self) -> Facts:
        facts: Facts = self._log.facts
        return facts

    def append(self, *events: Event) -> list[Stamped]:
        self._count += 1
        names = {type(event).__name__ for event in events}
        due = self._which in names if self._what == "event" else self._which == str(self._count)
        if due and not self._noted:
            self._noted = True
            note(self._plan)
        if due and self._side == "before":
            end()
        stamped: list[Stamped] = self._log.append(*events)
        if due:
            end()
        return stamped

    def read(self, after: int = 0) -> Iterator[Stamped]:
        yield from self._log.read(after)

    def close(self) -> None:
        self._log.close()


def note(plan: str) -> None:
    """Before the append that others can see: whoever sees it finds the end counted."""
    with Path(os.environ["KILL_PLAN"] + ".done").open("a") as done:
        done.write(f"{plan}\n")


def end() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def note_and_end(plan: str) -> None:
    note(plan)
    end()


def next_plan() -> str:
    path = Path(os.environ["KILL_PLAN"])
    with path.open("r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        first, _, rest = file.read().partition("\n")
        file.seek(0)
        file.truncate()
        file.write(rest)
    return first.strip()


def main(root: str) -> int:
    wired = wire(root)
    if wired is None:
        return 0
    plan = next_plan()
    wired.log = KillingLog(wired.log, plan)  # type: ignore[assignment]
    if plan.startswith("time"):
        timer = threading.Timer(float(plan.split()[1]), note_and_end, (plan,))
        timer.daemon = True
        timer.start()
    Supervisor(wired).run()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
