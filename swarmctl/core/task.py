"""Runs and tasks: what somebody asked for, and what became of it."""

from __future__ import annotations

from typing import Literal

from swarmctl.core.agent import Permission
from swarmctl.core.ids import RunId, SessionId, TaskId
from swarmctl.core.outcome import Outcome
from swarmctl.core.values import dataclass

Lands = Literal["no", "waited", "auto"]


@dataclass(frozen=True, slots=True)
class Terms:
    """How an agent is to work on a task."""

    mode: Literal["auto", "interactive", "headless"] = "auto"
    permission: Permission = "edit"
    model: str = ""
    effort: str = ""
    why: str = ""
    """Why this agent, when nobody named it."""


@dataclass(frozen=True, slots=True)
class Run:
    """One `swarmctl run`: some tasks, and whether somebody waits for their landing."""

    id: RunId
    created_at: float
    waits: bool
    """The caller stays until the end; a detached run stops at `ready`."""
    lands: Lands
    """`waited`: land what is ready while the caller waits; `auto`: land it whoever waits; `no`: stop at ready."""
    target: str


@dataclass(frozen=True, slots=True)
class Task:
    id: TaskId
    run: RunId
    number: int
    title: str
    prompt: str
    agent: str
    command: str = ""
    """The shell command of `--exec`; empty for an agent that takes the prompt."""
    check: str = ""
    """An acceptance check of the task's own, a shell command that is a gate for this task only."""
    after: tuple[TaskId, ...] = ()
    terms: Terms = Terms()
    session: SessionId | None = None
    outcome: Outcome | None = None
    reason: str = ""
    created_at: float = 0.0
    finished_at: float | None = None
    waits_for: str = ""
    """The account that took no more when its turn to start had come."""
    contest: str = ""
    """The group of entries that do the same from one base, of which a person picks one; empty when it stands alone."""

    @property
    def words(self) -> str:
        """Title and prompt as a commit message."""
        body = self.prompt.strip()
        return f"{self.title}\n\n{body}\n" if body not in ("", self.title) else f"{self.title}\n"
