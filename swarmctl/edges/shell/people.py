"""Processes that somebody else started: what runs below one of them, who works in a folder. Signals none."""

# ruff: noqa: PTH115
from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import field

from swarmctl.core.session import ProcessId
from swarmctl.core.values import dataclass
from swarmctl.edges.shell import procfs


@dataclass(frozen=True, slots=True)
class Person:
    """One process of this user's."""

    process: ProcessId
    parents: tuple[int, ...]
    """Its parent, that one's parent and so on."""
    argv: tuple[str, ...]
    folder: str
    environ: Mapping[str, str] = field(repr=False)


def below(root: int) -> list[Person]:
    """The process and its descendants, ancestors before descendants."""
    return [person for person in _everybody() if root in (person.process.pid, *person.parents)]


def in_folder(folder: str) -> list[Person]:
    """Whoever has it, or a folder in it, as working directory."""
    return [person for person in _everybody() if f"{person.folder}/".startswith(f"{folder}/")]


def _everybody() -> list[Person]:
    stats = {
        pid: fields for pid in procfs.pids() if (fields := procfs.stat_fields(procfs.visible(f"/proc/{pid}/stat")))
    }
    parents = {pid: int(fields[procfs.PARENT]) for pid, fields in stats.items()}
    found = []
    for pid, fields in stats.items():
        process = procfs.identity_in(pid, fields)
        folder = _folder(pid) if process else ""
        if process and folder:
            argv, environ = tuple(procfs.cmdline(pid)), _environ(pid)
            found.append(Person(process, _line(pid, parents), argv, folder, environ))
    return sorted(found, key=lambda person: len(person.parents))


def _line(pid: int, parents: Mapping[int, int]) -> tuple[int, ...]:
    line: list[int] = []
    while (pid := parents.get(pid, 0)) and pid not in line:
        line.append(pid)
    return tuple(line)


def _folder(pid: int) -> str:
    """Empty for a process that is another user's, or gone."""
    with suppress(OSError):
        return os.readlink(f"/proc/{pid}/cwd")
    return ""


def _environ(pid: int) -> dict[str, str]:
    words = procfs.visible(f"/proc/{pid}/environ").split(b"\0")
    return dict(os.fsdecode(word).split("=", 1) for word in words if b"=" in word)
