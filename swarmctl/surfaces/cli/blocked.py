"""What to type next for a session, most of all for one whose agent waits for a person."""

from __future__ import annotations

from swarmctl.core.session import Session, Stage, State
from swarmctl.surfaces.cli.closing import next_step


def step_of(session: Session) -> str:
    """Empty where nothing has to be typed."""
    if session.outcome is not None:
        return next_step(session.outcome, session.id, session.agent, session.reason)
    if session.stage is not Stage.RUNNING or session.state is not State.BLOCKED:
        return ""
    if session.talk.asked:
        return f"swarmctl answer {session.id} allow (or deny, pane)"
    return f"swarmctl attach {session.id}"
