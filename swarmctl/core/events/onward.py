"""How a session goes on: with the target in its worktree, with another agent, or with others after an interruption."""

from __future__ import annotations

from swarmctl.core.ids import SessionId
from swarmctl.core.values import dataclass


@dataclass(frozen=True, slots=True)
class SyncAsked:
    """-- : somebody asked for the target to be brought into the worktree, at the end of the agent's turn."""

    session: SessionId


@dataclass(frozen=True, slots=True)
class SyncBegun:
    """-- : everything in the worktree is committed as `ours`; from here on `theirs` may be half merged into it."""

    session: SessionId
    ours: str
    theirs: str
    name: str
    """What `theirs` is called: `main` or `origin/main`."""


@dataclass(frozen=True, slots=True)
class SyncConflicted:
    """-- : both sides lie in the worktree, with conflicts that the agent is told to resolve."""

    session: SessionId
    paths: tuple[str, ...]
    message: str


@dataclass(frozen=True, slots=True)
class Synced:
    """-- : the branch holds the target as of `base`, from which its own work counts now."""

    session: SessionId
    base: str
    head: str
    name: str


@dataclass(frozen=True, slots=True)
class SyncGivenUp:
    """-- : the target is not brought in after all; the branch is as the session left it."""

    session: SessionId
    why: str


@dataclass(frozen=True, slots=True)
class HandedOver:
    """-- : another agent, or another model, takes the session over, in a conversation of its own."""

    session: SessionId
    agent: str
    model: str
    before: str
    """The agent that had it."""


@dataclass(frozen=True, slots=True)
class ResumeAsked:
    """-- : it goes on, with this message or without one, as soon as fewer than `max_running` are at work."""

    session: SessionId
    message: str = ""
