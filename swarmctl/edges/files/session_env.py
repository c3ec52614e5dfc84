"""Network ports and variables that let several sessions run the same project at once."""

from __future__ import annotations

import re
import socket

from swarmctl.core.errors import EnvironmentFault
from swarmctl.core.session import Session

FIRST, LAST = 20000, 29999
"""Below the range that the kernel gives to outgoing connections."""


def port_block(taken: set[int], size: int, seed: int) -> int:
    """The first of `size` neighbouring ports that nobody listens on and no session was given; 0 when none are wanted.

    The same seed asks for the same block first, so that a session meets few others and keeps its ports.
    """
    if size <= 0:
        return 0
    blocks = (LAST + 1 - FIRST) // size
    for turn in range(blocks):
        base = FIRST + (seed + turn) % blocks * size
        block = range(base, base + size)
        if taken.isdisjoint(block) and all(_free(port) for port in block):
            return base
    raise EnvironmentFault(
        f"no {size} free neighbouring ports between {FIRST} and {LAST}",
        hint="remove ended sessions: swarmctl gc, or lower [worktree] ports",
    )


def session_env(session: Session, ports: int, repository_id: str) -> dict[str, str]:
    """What every command of a session is told: who it is, where it is, and which ports are its own."""
    env = {
        "SWARM_SESSION": session.id,
        "SWARM_TASK": session.task,
        "SWARM_RUN": session.run,
        "SWARM_BRANCH": session.branch,
        "SWARM_TARGET": session.target,
        "SWARM_BASE": session.base,
        "SWARM_WORKTREE": session.worktree,
        "COMPOSE_PROJECT_NAME": re.sub(r"[^a-z0-9_-]", "-", f"swarm-{repository_id}-{session.id}".lower()),
    }
    if session.port_base and ports:
        env["SWARM_PORT"] = str(session.port_base)
        env |= {f"SWARM_PORT_{number}": str(session.port_base + number) for number in range(1, ports)}
    return env


def _free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
