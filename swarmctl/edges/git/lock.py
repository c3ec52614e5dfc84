"""Locks between threads and processes: flock on a file in the state directory.

Git children inherit the descriptor, so that the lock outlives a killed caller exactly as long as they do.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from swarmctl.core.errors import EnvironmentFault

PATIENCE_S = 120.0
POLL_S = 0.005


@contextmanager
def held(path: Path) -> Iterator[int]:
    """The lock's descriptor, while it is ours."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _wait(descriptor, path)
        yield descriptor
    finally:
        os.close(descriptor)


def _wait(descriptor: int, path: Path) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise EnvironmentFault(
                    f"{path}: held for {PATIENCE_S:g} s by somebody else", hint="swarmctl ps"
                ) from None
            time.sleep(POLL_S)


def lock_name(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:24]
