"""Which session a person means, and which ones wait for a person's approval. Pure."""

from __future__ import annotations

from swarmctl.core.errors import UsageFault
from swarmctl.core.machine import Facts
from swarmctl.core.outcome import Outcome
from swarmctl.core.session import Session, Stage


def find_session(facts: Facts, name: str) -> Session:
    """A session by its id, its task's id, its branch, or a unique beginning of one."""
    sessions = facts.sessions
    exact = [s for field in ("id", "task", "branch") for s in sessions.where(field, name)]
    exact = exact or sessions.where("branch", f"swarm/{name}")
    exact.sort(key=lambda s: facts.tasks[s.task].session == s.id)
    if exact:
        return exact[-1]
    near = {}
    if name:
        found = sessions.beginning("id", name) + sessions.beginning("branch", f"swarm/{name}")
        near = {session.id: session for session in found}
    if len(near) == 1:
        return next(iter(near.values()))
    if near:
        raise UsageFault(f"`{name}` could be {', '.join(sorted(near))}", hint="type more of it")
    raise UsageFault(f"no session `{name}`", hint="swarmctl ps lists them")


def to_approve(facts: Facts) -> list[Session]:
    """Those that did not land because a person has to look first, and did not yet."""
    kept = (s for s in facts.live.values() if s.stage is Stage.KEPT and s.outcome is Outcome.BLOCKED)
    return [s for s in kept if f"approve {s.id}" in s.reason and s.head not in facts.approvals]
