"""Network ports that let several sessions run the same project at once."""

from __future__ import annotations

import socket

from swarmctl.core.errors import EnvironmentFault

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


def _free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
