"""Everybody who lives, what mark each one carries and who its parent is: what proves that nothing of a session is left.

A process is asked for its mark once per program that it executes; callers that come together share one look.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from threading import Lock

from swarmctl.core.session import ProcessId
from swarmctl.core.values import dataclass
from swarmctl.edges.shell import procfs
from swarmctl.edges.shell.launches import LAUNCHER

FLAGS = 6
ARGUMENTS, ENVIRONMENT_END = 45, 48
"""Places in /proc/PID/stat: where the words of the program begin in memory, and where its environment ends."""
KERNEL_THREAD = 0x200000
MARK = b"SWARM_MARKER="


@dataclass(frozen=True, slots=True)
class Known:
    program: tuple[bytes, ...]
    """Start time, and where the kernel put the program's words and environment: another one after each exec."""
    process: ProcessId
    marks: frozenset[bytes]
    wraps: str | None
    """The marker that this process is the wrapper for."""


@dataclass(frozen=True, slots=True)
class People:
    """Everybody but the caller and the kernel's own threads, at one moment."""

    known: dict[int, Known]
    parents: dict[int, int]

    def carriers(self, marker: str) -> set[ProcessId]:
        """Whoever carries the marker in its environment, and wrappers that were started for it."""
        mark = os.fsencode(marker)
        return {each.process for each in self.known.values() if mark in each.marks or each.wraps == marker}

    def wrappers(self, marker: str) -> set[ProcessId]:
        return {each.process for each in self.known.values() if each.wraps == marker}

    def descendants(self, roots: Iterable[ProcessId]) -> set[ProcessId]:
        """Children, their children and so on."""
        children: dict[int, list[int]] = {}
        for pid, parent in self.parents.items():
            children.setdefault(parent, []).append(pid)
        found: set[int] = set()
        edge = [root.pid for root in roots]
        while edge:
            edge = [pid for parent in edge for pid in children.get(parent, ()) if pid not in found]
            found.update(edge)
        return {self.known[pid].process for pid in found}


class Census:
    def __init__(self) -> None:
        self._looking = Lock()
        self._begun = self._done = 0
        self._people = People({}, {})
        self._known: dict[int, Known] = {}

    def take(self) -> People:
        """Of a look that began after this call did."""
        enough = self._begun + 1
        with self._looking:
            if self._done < enough:
                self._begun += 1
                self._people = self._look()
                self._done = self._begun
            return self._people

    def _look(self) -> People:
        me = os.getpid()
        known: dict[int, Known] = {}
        parents: dict[int, int] = {}
        settled: dict[int, Known] = {}
        for pid in procfs.pids():
            fields = procfs.stat_fields(procfs.visible(f"/proc/{pid}/stat")) if pid != me else []
            process = procfs.identity_in(pid, fields)
            if process is None or int(fields[FLAGS]) & KERNEL_THREAD:
                continue
            program = (fields[procfs.STARTED], *fields[ARGUMENTS : ENVIRONMENT_END + 1])
            found = self._known.get(pid)
            if found is None or found.program != program:
                found = ask(process, program)
            known[pid], parents[pid] = found, int(fields[procfs.PARENT])
            if is_settled(found):
                settled[pid] = found
        self._known = settled
        return People(known, parents)


def ask(process: ProcessId, program: tuple[bytes, ...]) -> Known:
    """After `program` was read: if it executes another one meanwhile, the next look notices and asks again."""
    names = procfs.visible(f"/proc/{process.pid}/environ").split(b"\0")
    words = procfs.cmdline(process.pid)
    marks = frozenset(name.removeprefix(MARK) for name in names if name.startswith(MARK))
    return Known(program, process, marks, words[-1] if LAUNCHER in words[:-1] else None)


def is_settled(known: Known) -> bool:
    """In the midst of an exec there is no environment yet: such an answer is not kept."""
    return known.program[-1] not in (b"0", known.program[0])
