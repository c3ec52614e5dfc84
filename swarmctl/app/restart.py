"""What a new supervisor takes back: whoever waited has to come back, and what went down with the machine has ended."""

from __future__ import annotations

from swarmctl.core import events as e
from swarmctl.core.machine import Facts
from swarmctl.core.ports import Desk
from swarmctl.core.session import Stage
from swarmctl.flow.session.deliver import LEFT

RESTARTED = "the supervisor restarted"
RESTARTED_MACHINE = "the machine was restarted; its work is kept"


def forgotten_waits(facts: Facts) -> list[e.Event]:
    """What a restart takes back: every wait, for runs and for single landings, also where one is under way."""
    left: list[e.Event] = [e.RunLeft(run.id, RESTARTED) for run in facts.awaited.values()]
    for session in facts.live.values():
        if session.asked_to_land:
            queued = session.stage in (Stage.QUEUED, Stage.GATING)
            why = f"{RESTARTED} while it stood in the queue"
            left.append(e.Dequeued(session.id, why) if queued else e.MergeLeft(session.id, RESTARTED))
    return left


def half_typed(facts: Facts) -> list[e.Event]:
    """Texts of which nobody knows any more whether they arrived; nobody types them again."""
    typing = [session for session in facts.live.values() if session.talk.delivery.fate == "typing"]
    return [e.PromptTyped(session.id, "unconfirmed", LEFT) for session in typing]


def went_down(facts: Facts, boot: str, desk: Desk) -> list[e.Event]:
    """Agents that went down with the machine before they came to an end."""
    return [
        e.StopRequested(session.id, RESTARTED_MACHINE)
        for session in facts.live.values()
        if session.stage is Stage.RUNNING and not session.stop and session.process and session.process.boot != boot
        if desk.processes.exit_of(desk.places.run_dir(session.id, session.attempt)) is None
    ]
