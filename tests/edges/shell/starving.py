"""Run by a test: asks about a living agent while this process may open no more files, and says what was answered."""

from __future__ import annotations

import json
import os
import resource
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from swarmctl.core.errors import EnvironmentFault
from swarmctl.edges.shell.processes import LinuxProcesses


@contextmanager
def starved(room: int) -> Iterator[None]:
    """Descriptors for `room` more files, and none after them."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    taken = [os.open("/dev/null", os.O_RDONLY)]
    resource.setrlimit(resource.RLIMIT_NOFILE, (taken[0] + 1 + room, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
        os.close(taken[0])


def answer(question: Callable[[], object]) -> str:
    try:
        return repr(question())
    except EnvironmentFault:
        return "unknown"


def main(run_dir: str, marker: str) -> None:
    processes = LinuxProcesses()
    process = processes.found(run_dir)
    assert process is not None
    processes.holders(marker)
    questions: dict[str, Callable[[], object]] = {
        "found": lambda: processes.found(run_dir),
        "exit_of": lambda: processes.exit_of(run_dir),
        "alive": lambda: processes.alive(process),
        "watch": lambda: processes.watch(process),
        "holders": lambda: processes.holders(marker),
        "stop": lambda: processes.stop(process, marker, 0.1),
        "stop by marker": lambda: processes.stop(None, marker, 0.1),
        "ran": lambda: processes.ran(process),
    }
    answers: dict[str, dict[int, str]] = {name: {} for name in questions}
    for room in (0, 1):
        for name, question in questions.items():
            if room and name not in ("watch", "holders"):
                continue
            with starved(room):
                answers[name][room] = answer(question)
    json.dump(answers, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
