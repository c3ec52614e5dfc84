"""What is taken over from a person's hands."""

from __future__ import annotations

from swarmctl.core.ids import SessionId
from swarmctl.core.session import ProcessId
from swarmctl.core.values import dataclass


@dataclass(frozen=True, slots=True)
class AdoptionIntended:
    """-- : a worktree that a person made is to become this session's, and so is the agent that runs in it."""

    session: SessionId
    head: str
    process: ProcessId | None = None
    server: str = ""
    pane: str = ""


@dataclass(frozen=True, slots=True)
class Adopted:
    """provisioned -> running: the agent that a person started is watched from here on, and never ended unasked."""

    session: SessionId


@dataclass(frozen=True, slots=True)
class WorktreeReturned:
    """-- : a person's own worktree is theirs again, where it always was, with its branch."""

    session: SessionId
