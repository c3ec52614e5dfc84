"""What needs a person, and what needs one most: one rule for `next`, `statusline` and notifications.

Pure, and imports nothing: it is asked where start-up is what people wait for.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from swarmctl.core.session import Session
    from swarmctl.core.task import Task

    Row = Mapping[str, str | int | float | None]

NEEDS = ("blocked", "failed", "unknown", "refused", "conflict", "budget", "parked", "interrupted", "ready")
"""Whose turn it is first."""
BY_HAND = ("stopped", "interrupted", "swarmctl down")
"""Stops that a person asked for, who needs not be told of them."""
WORKING = ("planned", "provisioned", "launching", "running", "ended", "queued", "gating", "landing")


def need_of(row: "Row") -> str:
    """One of `NEEDS`, or nothing; `row` has stage, state, place and stop of a session, and the outcome of its task."""
    stage, outcome = row["stage"], row["outcome"]
    if stage == "running":
        return "blocked" if row["state"] == "blocked" else ""
    if stage == "parked":
        return "parked"
    if outcome is None or row["place"] in ("trashed", "deleted", "returned"):
        return ""
    if stage == "ready":
        return "ready"
    if stage != "kept" or (outcome == "interrupted" and row["stop"] in BY_HAND):
        return ""
    return str(outcome) if outcome in NEEDS else "failed"


def need_in(session: "Session", task: "Task") -> str:
    """The same for a session as the facts have it; nothing for one that its task left behind."""
    outcome = task.outcome.value if task.outcome else None
    row = {"stage": session.stage.value, "state": session.state.value, "place": session.place, "stop": session.stop}
    return need_of({**row, "outcome": outcome}) if task.session == session.id else ""


def tally(rows: "list[dict[str, str | int | float | None]]") -> "dict[str, int]":
    """How many sessions work, how many tasks wait for a place, and how many sessions need a person."""
    needy = [row for row in rows if need_of(row)]
    active = sum(row["stage"] in WORKING for row in rows)
    blocked = sum(row["stage"] == "running" for row in needy)
    waiting = sum(row["stage"] in (None, "limited") and row["outcome"] is None for row in rows)
    return {"working": active - blocked, "waiting": waiting, "need": len(needy)}
