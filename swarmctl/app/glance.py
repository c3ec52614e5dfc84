"""The quickest look at a repository's tasks: no git, no dataclasses, no supervisor; None when it gives no answer."""

from swarmctl.edges.files.fastpaths import find
from swarmctl.edges.store.fast import tasks


def tasks_here(cwd: str) -> "list[dict[str, str | int | float | None]] | None":
    state = find(cwd)
    return tasks(state + "/swarm.db") if state else None


def tasks_at(database: str) -> "list[dict[str, str | int | float | None]] | None":
    return tasks(database)
