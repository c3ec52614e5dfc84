"""What a session's processes and the user's hooks are told about it, as SWARM_ variables. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from swarmctl.core.session import Session
from swarmctl.core.task import Task

DEPTH = "SWARM_DEPTH"
DEEPEST = 3
LONGEST_VALUE = 100_000
"""The kernel takes 128 KiB for one variable; a longer prompt reaches the agent by its own channel only."""


def base_env(session: Session, task: Task, ports: int) -> dict[str, str]:
    """Variables of a session for its setup, its agent and its gates; `ports` neighbouring ports are its own."""
    env = hook_facts(session, task)
    if len(task.prompt.encode("utf-8", "surrogatepass")) < LONGEST_VALUE:
        env["SWARM_PROMPT"] = task.prompt
    if session.port_base:
        env |= {f"SWARM_PORT_{number}": str(session.port_base + number) for number in range(1, ports)}
    env["COMPOSE_PROJECT_NAME"] = re.sub(r"[^a-z0-9_-]", "-", session.branch.lower())
    return env


def depth(environ: Mapping[str, str]) -> int:
    """How many sessions this environment stands in, one inside of the other."""
    said = environ.get(DEPTH, "")
    return int(said) if said.isdecimal() and len(said) < 4 else 0


def deeper(environ: Mapping[str, str]) -> dict[str, str]:
    return {DEPTH: str(depth(environ) + 1)}


def hook_facts(session: Session, task: Task) -> dict[str, str]:
    return {
        "SWARM_SESSION": session.id,
        "SWARM_TASK": session.task,
        "SWARM_TITLE": task.title,
        "SWARM_AGENT": session.agent,
        "SWARM_BRANCH": session.branch,
        "SWARM_BASE": session.base,
        "SWARM_TARGET": session.target,
        "SWARM_WORKTREE": session.worktree,
        "SWARM_ATTEMPT": str(session.attempt),
        "SWARM_OUTCOME": session.outcome.value if session.outcome else "",
        "SWARM_COMMIT": session.landed or session.head,
        "SWARM_PORT": str(session.port_base or ""),
    }
