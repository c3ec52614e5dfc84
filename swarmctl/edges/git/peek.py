"""Short looks into a repository for who answers questions of it: each ends, and writes, fetches and runs nothing.

What a look would cost too much time or memory, or complained of, is None: half an answer is none.
"""

from __future__ import annotations

import os
import selectors
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from swarmctl.edges.git.command import Git, killed
from swarmctl.edges.git.repository import git_at

MOST = 16 * 1024 * 1024
LONGEST_S = 8.0
QUIET = {"GIT_ALLOW_PROTOCOL": "none", "GIT_NO_LAZY_FETCH": "1"}
"""Objects that are not here are not fetched, whatever the repository says of its remotes."""
PLAIN = (
    ("log.showSignature", "false"),
    ("blame.ignoreRevsFile", ""),
    ("grep.fallbackToNoIndex", "false"),
    ("advice.graftFileDeprecated", "false"),
)


def peeker(root: str) -> Callable[..., bytes | None]:
    """git's words for its arguments, in the work tree whose top is `root`; exit code 1 is an answer, as of `grep`."""
    git = git_at(Path(root)).having(PLAIN).told(QUIET)

    def peek(*args: str) -> bytes | None:
        return _whole(git, args)

    return peek


def _whole(git: Git, args: tuple[str, ...]) -> bytes | None:
    child = git.start(*args, stderr=subprocess.PIPE)
    out = _capped(child)
    if out is None:
        killed(child)
        return None
    return out if child.wait() in (0, 1) else None


def _capped(child: subprocess.Popen[bytes]) -> bytes | None:
    """All that it says until it ends; None when that is too much, too late, or comes with a complaint."""
    assert child.stdin and child.stdout and child.stderr
    child.stdin.close()
    parts: list[bytes] = []
    size, deadline = 0, time.monotonic() + LONGEST_S
    with selectors.DefaultSelector() as waiting, child.stdout, child.stderr:
        waiting.register(child.stdout, selectors.EVENT_READ)
        waiting.register(child.stderr, selectors.EVENT_READ)
        while waiting.get_map():
            ready = waiting.select(deadline - time.monotonic())
            if not ready:
                return None
            for key, _ in ready:
                chunk = os.read(key.fd, 1 << 18)
                if not chunk:
                    waiting.unregister(key.fileobj)
                elif key.fileobj is child.stderr:
                    return None
                else:
                    parts.append(chunk)
                    size += len(chunk)
            if size > MOST:
                return None
    return b"".join(parts)
