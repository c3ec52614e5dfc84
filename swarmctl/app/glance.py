"""The quickest look at a repository's tasks: no git, no dataclasses, no supervisor; None when it gives no answer."""

import os

from swarmctl.edges.files.fastpaths import find, find_all
from swarmctl.edges.store.fast import count, standing, tasks


def tasks_here(cwd: str, since: float = 0.0) -> "tuple[list[dict[str, str | int | float | None]], int] | None":
    state = find(cwd)
    return tasks_at(state + "/swarm.db", since) if state else None


def tasks_at(database: str, since: float = 0.0) -> "tuple[list[dict[str, str | int | float | None]], int] | None":
    """What is not long over, and how many tasks are left out."""
    rows = tasks(database, boot_id(), since)
    return None if rows is None else (rows, max(0, count(database) - len(rows)) if since else 0)


def boot_id() -> str:
    """Of the machine as it runs now; empty where it does not say."""
    try:
        with open("/proc/sys/kernel/random/boot_id") as file:  # noqa: PTH123 - pathlib costs 7 ms
            return file.read().strip()
    except OSError:
        return ""


def standing_here(cwd: str, every: bool) -> "list[dict[str, str | int | float | None]] | None":
    """What is not over in the repository around `cwd`, or in all that can be read; none where nothing ran yet."""
    found = find_all() if every else [state for state in [find(cwd)] if state]
    rows: list[dict[str, str | int | float | None]] = []
    for state in found:
        of_one = standing(state + "/swarm.db")
        if of_one is None and not every and os.path.exists(state + "/swarm.db"):  # noqa: PTH110 - pathlib costs 7 ms
            return None
        rows += of_one or []
    return rows
