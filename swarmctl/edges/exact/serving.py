"""The child's side of `confined`: each question is answered by a fork of its own, under limits of its own.

Nothing of one question is left for the next, and the end of a fork is never the end of the child.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import signal
import sys
from collections.abc import Callable
from typing import Any

MEMORY = 768 << 20
LONGEST = 1 << 17
PATIENCE = 4.0
"""How much longer than its computing a question may take, where others compute as well."""


def serve(answer: Callable[[Any], object], practise: Callable[[], None] | None = None) -> None:
    """Until the other side goes away. `practise` is done once, after the first answer, to make the next ones quick."""
    for name, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0)):
        resource.setrlimit(name, (most, most))
    gc.freeze()
    _say({"ready": True})
    for line in sys.stdin.buffer:
        asked = json.loads(line)
        said = _in_a_fork(answer, asked["request"], float(asked["seconds"]))
        _say({"value": json.loads(said) if said else None})
        if practise is not None:
            practise()
            practise = None
            gc.freeze()


def _in_a_fork(answer: Callable[[Any], object], request: object, seconds: float) -> bytes:
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        _run(answer, request, seconds, writer)
    os.close(writer)
    said = b""
    while len(said) <= LONGEST and (more := os.read(reader, 1 << 16)):
        said += more
    os.close(reader)
    _, status = os.waitpid(child, 0)
    return said if status == 0 and len(said) <= LONGEST else b""


def _run(answer: Callable[[Any], object], request: object, seconds: float, writer: int) -> None:
    """Never returns: an alarm that nobody catches ends it, wherever it is, when it has computed for too long."""
    done = 1
    try:
        signal.setitimer(signal.ITIMER_PROF, seconds)
        signal.setitimer(signal.ITIMER_REAL, seconds * PATIENCE)
        cpu = int(seconds) + 1
        resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu))
        rest = memoryview(json.dumps(answer(request)).encode())
        while rest:
            rest = rest[os.write(writer, rest) :]
        done = 0
    finally:
        os._exit(done)


def _say(message: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()
