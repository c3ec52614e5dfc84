"""What to type next for a session, most of all for one whose agent waits for a person."""

from __future__ import annotations

from swarmctl.core.evidence import NETWORK
from swarmctl.core.outcome import Outcome
from swarmctl.core.session import Session, Stage, State

NEXT: dict[Outcome, str] = {
    Outcome.READY: "swarmctl merge {id}",
    Outcome.REFUSED: "swarmctl why {id}; mend it in its worktree, then swarmctl merge {id}",
    Outcome.CONFLICT: "swarmctl sync {id}, then swarmctl merge {id}",
    Outcome.BLOCKED: "swarmctl why {id}",
    Outcome.FAILED: "swarmctl logs {id}, then swarmctl resume {id}",
    Outcome.INTERRUPTED: "swarmctl resume {id}",
    Outcome.UNKNOWN: "swarmctl why {id}, then swarmctl resume {id} or swarmctl merge {id}",
    Outcome.NO_WORK: "swarmctl logs {id}",
}
BY_HAND = "swarmctl path {id}; merge the target there, then swarmctl merge {id}"
"""A command resolves no conflict."""


AMONG_RIVALS = "swarmctl compare {id}, then swarmctl pick {id}, or another one"


def next_step(outcome: Outcome | None, name: str, agent: str, reason: str = "", contest: str = "") -> str:
    """What to type; empty when nothing has to be."""
    if contest and outcome is Outcome.READY:
        return AMONG_RIVALS.format(id=name)
    if outcome is Outcome.BLOCKED and f"approve {name}" in reason:
        return f"swarmctl approve {name}, then swarmctl merge {name}"
    template = BY_HAND if outcome is Outcome.CONFLICT and agent == "shell" else NEXT.get(outcome or Outcome.LANDED, "")
    return template.format(id=name)


def step_of(session: Session, contest: str = "") -> str:
    """Empty where nothing has to be typed; `contest`: that it is an entry of, and that is not decided yet."""
    if session.place == "returned":
        return ""
    if session.outcome is not None:
        return next_step(session.outcome, session.id, session.agent, session.reason, contest)
    if session.stage is not Stage.RUNNING or session.state is not State.BLOCKED:
        return ""
    if session.state_kind == NETWORK:
        return f"swarmctl stop {session.id}; or nothing: it goes on by itself as soon as it reaches its model"
    if session.talk.asked:
        return f"swarmctl answer {session.id} allow (or deny, pane)"
    return f"swarmctl attach {session.id}"
