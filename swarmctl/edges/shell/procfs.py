"""Readings of /proc: who a process is, who its parent is, how much it ran.

Nobody is there only on the kernel's word; a reading that fails in any other way is raised.
"""

# ruff: noqa: PTH208
from __future__ import annotations

import fcntl
import os
import termios
from contextlib import suppress
from functools import cache
from pathlib import Path

from swarmctl.core.errors import EnvironmentFault
from swarmctl.core.session import ProcessId

CHUNK = 1 << 16
PARENT, STARTED = 1, 19
"""Places in /proc/PID/stat, counted from behind the command's name."""
DEAD = (b"Z", b"X")
NOTHING = (FileNotFoundError, ProcessLookupError, NotADirectoryError, IsADirectoryError)


@cache
def boot_id() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def bytes_of(path: str) -> bytes:
    """Bare calls, and the last read left out when it could only say that this was the end: it is done very often."""
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        found = chunk = os.read(fd, CHUNK)
        while len(chunk) == CHUNK:
            chunk = os.read(fd, CHUNK)
            found += chunk
        return found
    finally:
        os.close(fd)


def read(path: str) -> bytes:
    """Empty when there is nothing."""
    try:
        return bytes_of(path)
    except NOTHING:
        return b""
    except OSError as error:
        raise unreadable(path, error) from error


def visible(path: str) -> bytes:
    """Empty when there is nothing, or nothing that this user may see: then it is not of a session of ours."""
    try:
        return bytes_of(path)
    except (*NOTHING, PermissionError):
        return b""
    except OSError as error:
        raise unreadable(path, error) from error


def unreadable(path: str, error: OSError) -> EnvironmentFault:
    return EnvironmentFault(f"cannot read {path}: {error.strerror}", hint="ulimit -n")


def stat_of(pid: int) -> list[bytes]:
    """State, parent, group and so on; empty for a process that is gone."""
    return stat_fields(read(f"/proc/{pid}/stat"))


def stat_fields(stat: bytes) -> list[bytes]:
    return stat.rpartition(b")")[2].split()


def identity(pid: int) -> ProcessId | None:
    """Who lives under this number; None for nobody and for a zombie."""
    return identity_in(pid, stat_of(pid))


def identity_in(pid: int, fields: list[bytes]) -> ProcessId | None:
    if len(fields) <= STARTED or fields[0] in DEAD:
        return None
    return ProcessId(pid, int(fields[STARTED]), boot_id())


def read_identity(path: str) -> ProcessId | None:
    """What a wrapper wrote of itself: pid, start time, boot id."""
    words = read(path).decode(errors="replace").split()
    if len(words) != 3 or not (words[0].isdigit() and words[1].isdigit()):
        return None
    return ProcessId(int(words[0]), int(words[1]), words[2])


def pids() -> list[int]:
    try:
        return [int(name) for name in os.listdir("/proc") if name.isdigit()]
    except OSError as error:
        raise unreadable("/proc", error) from error


def cmdline(pid: int) -> list[str]:
    return [os.fsdecode(word) for word in visible(f"/proc/{pid}/cmdline").split(b"\0")[:-1]]


def ran(root: int) -> frozenset[tuple[int, bytes]]:
    """How long and how often each thread of a process tree has run; empty where this kernel does not say."""
    seen: dict[int, bytes] = {}
    edge = [root]
    while edge:
        pid = edge.pop()
        for thread in threads(pid):
            seen[thread] = read(f"/proc/{pid}/task/{thread}/schedstat")
            edge += [int(child) for child in read(f"/proc/{pid}/task/{thread}/children").split()]
    return frozenset(seen.items()) if all(seen.values()) and len(seen) > 1 else frozenset()


def threads(pid: int) -> list[int]:
    try:
        return [int(name) for name in os.listdir(f"/proc/{pid}/task")]
    except NOTHING:
        return []
    except OSError as error:
        raise unreadable(f"/proc/{pid}/task", error) from error


def terminals(root: int) -> set[str]:
    """What a process tree reads from, where that is a terminal."""
    found: set[str] = set()
    edge = [root]
    while edge:
        pid = edge.pop()
        edge += [int(child) for thread in threads(pid) for child in read(f"/proc/{pid}/task/{thread}/children").split()]
        with suppress(OSError):
            found.add(os.readlink(f"/proc/{pid}/fd/0"))  # noqa: PTH115
    return {path for path in found if path.startswith("/dev/pts/")}


def waiting_in(terminal: str) -> bool:
    """Whether it holds what was typed into it and not read."""
    try:
        fd = os.open(terminal, os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return fcntl.ioctl(fd, termios.FIONREAD, b"\0" * 4) != b"\0" * 4
    except OSError:
        return False
    finally:
        os.close(fd)


def edits_lines(terminal: str) -> bool:
    """Whether it hands its program whole lines, and keeps what they may still be changed by."""
    try:
        fd = os.open(terminal, os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return bool(termios.tcgetattr(fd)[3] & termios.ICANON)
    except termios.error:
        return False
    finally:
        os.close(fd)


def oom_kills() -> int | None:
    """How often this kernel killed for want of memory since it started, where it says."""
    try:
        lines = visible("/proc/vmstat").splitlines()
    except EnvironmentFault:
        return None
    return next((int(line.split()[1]) for line in lines if line.startswith(b"oom_kill ")), None)
