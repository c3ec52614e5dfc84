"""The lock that makes a process the supervisor of a repository; whoever takes everything away holds it as well."""

from __future__ import annotations

import fcntl
import time
from typing import IO

from swarmctl.core.errors import EnvironmentFault
from swarmctl.edges.files.paths import StatePaths

PATIENCE_S = 15.0


def take_lock(paths: StatePaths) -> IO[bytes] | None:
    """Held until it is closed or this process ends; None when another one holds it."""
    file = paths.lock.open("ab")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


def await_lock(paths: StatePaths) -> IO[bytes]:
    """The lock, once a supervisor that is leaving has closed its log and is gone."""
    deadline = time.monotonic() + PATIENCE_S
    while (file := take_lock(paths)) is None:
        if time.monotonic() > deadline:
            raise EnvironmentFault("the supervisor is still there", hint="swarmctl ps, then swarmctl down")
        time.sleep(0.01)
    return file
