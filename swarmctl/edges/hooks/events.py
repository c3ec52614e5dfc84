"""The table of user hooks: when each runs, whether it can veto, what it is told. The docs are generated from it."""

from __future__ import annotations

from dataclasses import dataclass

SESSION = ("session", "task", "run", "branch", "target", "worktree")


@dataclass(frozen=True, slots=True)
class HookEvent:
    name: str
    when: str
    variables: tuple[str, ...]
    """Facts that it is told: `SWARM_` and the name in capitals, and the same names in the JSON on stdin."""
    timeout_s: float = 60.0

    @property
    def blocking(self) -> bool:
        """It runs before something happens, and what happens waits for it and obeys its veto."""
        return self.name.startswith("pre_")


EVENTS: dict[str, HookEvent] = {
    event.name: event
    for event in (
        HookEvent("session_created", "a session's worktree exists and is set up; no agent runs yet", SESSION),
        HookEvent("session_started", "the agent's process runs", SESSION),
        HookEvent("session_finished", "the agent's processes are gone", (*SESSION, "outcome", "reason")),
        HookEvent(
            "pre_merge",
            "the gates passed on the tree that would land; a non-zero exit refuses the landing",
            (*SESSION, "base", "head", "tree", "commit"),
            timeout_s=300.0,
        ),
        HookEvent("post_merge", "the target holds the landed commit", (*SESSION, "base", "head", "tree", "commit")),
        HookEvent("task_finished", "a task has its outcome", ("task", "run", "title", "outcome", "reason", "session")),
        HookEvent(
            "worktree_removed", "a worktree was moved to the trash after its checkpoint", (*SESSION, "checkpoint")
        ),
    )
}


def variable(fact: str) -> str:
    return f"SWARM_{fact.upper()}"
