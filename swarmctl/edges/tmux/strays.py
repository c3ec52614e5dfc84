"""Control clients whose supervisor is dead: while they hold unread output, agents freeze and the server is deaf."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from swarmctl.core.session import ProcessId

TETHER = b"SWARM_TETHER="


class Kernel(Protocol):
    """What this edge needs to know of processes."""

    def identity(self, pid: int) -> ProcessId | None: ...

    def alive(self, process: ProcessId) -> bool: ...

    def wait(self, processes: list[ProcessId], seconds: float) -> bool: ...

    def signal(self, processes: list[ProcessId], number: int) -> None: ...


def strays(socket: str, kernel: Kernel) -> Iterator[ProcessId]:
    """Found without asking the server, which may not answer because of them."""
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        process = kernel.identity(int(entry.name))
        tether = tether_of(entry, os.fsencode(socket)) if process else None
        if process and tether and not holds(tether, kernel):
            yield process


def tether_of(entry: Path, socket: bytes) -> tuple[int, int] | None:
    try:
        if socket not in (entry / "cmdline").read_bytes().split(b"\0"):
            return None
        names = (entry / "environ").read_bytes().split(b"\0")
    except OSError:
        return None
    value = next((name.removeprefix(TETHER) for name in names if name.startswith(TETHER)), b"")
    pid, _, started = value.decode(errors="replace").partition(":")
    return (int(pid), int(started)) if pid.isdigit() and started.isdigit() else None


def holds(tether: tuple[int, int], kernel: Kernel) -> bool:
    owner = kernel.identity(tether[0])
    return owner is not None and owner.started == tether[1]
