"""Which session a person means. Pure."""

from __future__ import annotations

from swarmctl.core.errors import UsageFault
from swarmctl.core.machine import Facts
from swarmctl.core.session import Session


def find_session(facts: Facts, name: str) -> Session:
    """A session by its id, its task's id, its branch, or a unique beginning of one."""
    sessions = list(facts.sessions.values())
    exact = [s for s in sessions if name in (s.id, s.task, s.branch, s.branch.removeprefix("swarm/"))]
    exact.sort(key=lambda s: facts.tasks[s.task].session == s.id)
    if exact:
        return exact[-1]
    near = {s.id: s for s in sessions if name and (s.id.startswith(name) or s.branch.startswith(f"swarm/{name}"))}
    if len(near) == 1:
        return next(iter(near.values()))
    if near:
        raise UsageFault(f"`{name}` could be {', '.join(sorted(near))}", hint="type more of it")
    raise UsageFault(f"no session `{name}`", hint="swarmctl ps lists them")
