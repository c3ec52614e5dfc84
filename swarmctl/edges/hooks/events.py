"""The table of user hooks: when each runs, whether it can veto, what it is told. The docs are generated from it."""

from __future__ import annotations

from swarmctl.core.values import dataclass

FACTS = {
    "SWARM_SESSION": "the session's id",
    "SWARM_TASK": "the task's id",
    "SWARM_TITLE": "the task's title",
    "SWARM_AGENT": "the agent's name",
    "SWARM_BRANCH": "the session's branch",
    "SWARM_BASE": "the commit it started from",
    "SWARM_TARGET": "the branch that its work lands on",
    "SWARM_WORKTREE": "the session's directory",
    "SWARM_ATTEMPT": "which attempt it is, from 1",
    "SWARM_OUTCOME": "how it ended, once it did",
    "SWARM_COMMIT": "the commit that landed, or the head of its work",
    "SWARM_PORT": "the first of its ports",
}
"""What every hook is told, as a variable, and on stdin under the same name without `SWARM_` in small letters."""


@dataclass(frozen=True, slots=True)
class HookEvent:
    name: str
    when: str
    timeout_s: float = 60.0

    @property
    def blocking(self) -> bool:
        """It runs before something happens, and what happens waits for it and obeys its veto."""
        return self.name.startswith("pre_")


EVENTS: dict[str, HookEvent] = {
    event.name: event
    for event in (
        HookEvent("session_created", "a session's worktree exists and is set up; no agent runs yet"),
        HookEvent("session_started", "the agent's process runs"),
        HookEvent("session_finished", "the agent's processes are gone"),
        HookEvent(
            "pre_merge",
            "before a landing, and to compare attempts, in a checkout of the exact tree that would land",
            timeout_s=300.0,
        ),
        HookEvent("post_merge", "the target holds the landed commit"),
        HookEvent("task_finished", "a task has its outcome"),
        HookEvent("worktree_removed", "a worktree was moved to the trash after its checkpoint"),
    )
}
