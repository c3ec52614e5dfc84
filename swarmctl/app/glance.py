"""The quickest look at a repository's tasks: no git, no dataclasses, no supervisor; None when it gives no answer."""

from swarmctl.edges.files.fastpaths import find, find_all
from swarmctl.edges.store.fast import standing, tasks


def tasks_here(cwd: str) -> "list[dict[str, str | int | float | None]] | None":
    state = find(cwd)
    return tasks(state + "/swarm.db") if state else None


def tasks_at(database: str) -> "list[dict[str, str | int | float | None]] | None":
    return tasks(database)


def standing_here(cwd: str, every: bool) -> "list[dict[str, str | int | float | None]] | None":
    """What is not over in the repository around `cwd`, or in all that can be read; none where nothing ran yet."""
    found = find_all() if every else [state for state in [find(cwd)] if state]
    rows: list[dict[str, str | int | float | None]] = []
    for state in found:
        of_one = standing(state + "/swarm.db")
        if of_one is None and not every:
            return None
        rows += of_one or []
    return rows
