"""The target on its way into a worktree: the two sides, and what came of bringing them together."""

from __future__ import annotations

from swarmctl.core.values import dataclass


@dataclass(frozen=True, slots=True)
class Sides:
    ours: str
    """The head of the session's branch, with everything in it."""
    theirs: str
    name: str
    """What `theirs` is called."""


@dataclass(frozen=True, slots=True)
class Brought:
    head: str
    """Where the branch is now: `ours` when both are left as they were, or when nothing was new."""
    changed: bool
    """The branch has something that the other side has not."""
    conflicts: tuple[str, ...] = ()
    """Paths with git's word for what is wrong with them."""
    log: str = ""
    """What the other side did meanwhile, a line each, newest first."""
    stopped: str = ""
    """Why nothing was begun: what is in the way."""


@dataclass(frozen=True, slots=True)
class TakenBack:
    whole: str = ""
    """The head of a merge that was all there, and stays; empty when half of one went."""
    left: str = ""
    """Why nothing was touched: what somebody did there since."""
