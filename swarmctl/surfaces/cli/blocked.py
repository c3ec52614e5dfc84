"""What to type for an agent that waits for a person. Pure."""

from __future__ import annotations

from swarmctl.core.session import Session, Stage, State


def step_of(session: Session) -> str:
    """Empty for one that does not wait."""
    if session.stage is not Stage.RUNNING or session.state is not State.BLOCKED:
        return ""
    if session.talk.asked:
        return f"swarmctl answer {session.id} allow, or deny"
    return f"swarmctl attach {session.id}"
