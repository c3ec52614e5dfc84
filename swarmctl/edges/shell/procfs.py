"""Readings of /proc: who a process is, what it carries, where it stands. A reading that fails says None or nothing."""

# ruff: noqa: PTH208
from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from swarmctl.core.session import ProcessId

CHUNK = 1 << 16
PARENT, STARTED = 1, 19
"""Places in /proc/PID/stat, counted from behind the command's name."""


@cache
def boot_id() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def read(path: str) -> bytes:
    """Empty when there is nothing, or nothing for us. Bare calls: looking at every process twice is done often."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return b""
    try:
        found = chunk = os.read(fd, CHUNK)
        while chunk:
            chunk = os.read(fd, CHUNK)
            found += chunk
        return found
    except OSError:
        return b""
    finally:
        os.close(fd)


def stat_of(pid: int) -> list[bytes]:
    """State, parent, group and so on; empty for a process that is gone."""
    return read(f"/proc/{pid}/stat").rpartition(b")")[2].split()


def identity(pid: int) -> ProcessId | None:
    """Who lives under this number; None for nobody and for a zombie."""
    fields = stat_of(pid)
    if len(fields) <= STARTED or fields[0] in (b"Z", b"X"):
        return None
    return ProcessId(pid, int(fields[STARTED]), boot_id())


def read_identity(path: str) -> ProcessId | None:
    """What a wrapper wrote of itself: pid, start time, boot id."""
    words = read(path).decode(errors="replace").split()
    if len(words) != 3 or not (words[0].isdigit() and words[1].isdigit()):
        return None
    return ProcessId(int(words[0]), int(words[1]), words[2])


def pids() -> Iterator[int]:
    return (int(name) for name in os.listdir("/proc") if name.isdigit())


def carries(pid: int, marker: str) -> bool:
    entry = b"SWARM_MARKER=" + os.fsencode(marker)
    environ = read(f"/proc/{pid}/environ")
    return entry in environ and entry in environ.split(b"\0")


def ends_with(pid: int, word: str) -> bool:
    """Whether it is the last word of the process's command line."""
    return read(f"/proc/{pid}/cmdline").endswith(b"\0" + os.fsencode(word) + b"\0")


def cmdline(pid: int) -> list[str]:
    return [os.fsdecode(word) for word in read(f"/proc/{pid}/cmdline").split(b"\0")[:-1]]


def descendants(root: int) -> set[int]:
    """Children, their children and so on, as the table stands now."""
    by_parent: dict[int, list[int]] = {}
    for pid in pids():
        fields = stat_of(pid)
        if fields:
            by_parent.setdefault(int(fields[PARENT]), []).append(pid)
    found: set[int] = set()
    edge = [root]
    while edge:
        fresh = [pid for parent in edge for pid in by_parent.get(parent, ()) if pid not in found]
        found.update(fresh)
        edge = fresh
    return found


def ran(root: int) -> frozenset[tuple[int, bytes]]:
    """How long and how often each thread of a process tree has run; empty where this kernel does not say."""
    seen: dict[int, bytes] = {}
    edge = [root]
    while edge:
        pid = edge.pop()
        try:
            threads = [int(name) for name in os.listdir(f"/proc/{pid}/task")]
        except OSError:
            continue
        for thread in threads:
            seen[thread] = read(f"/proc/{pid}/task/{thread}/schedstat")
            edge += [int(child) for child in read(f"/proc/{pid}/task/{thread}/children").split()]
    return frozenset(seen.items()) if all(seen.values()) and len(seen) > 1 else frozenset()


def oom_kills() -> int | None:
    """How often this kernel killed for want of memory since it started, where it says."""
    for line in read("/proc/vmstat").splitlines():
        if line.startswith(b"oom_kill "):
            return int(line.split()[1])
    return None
