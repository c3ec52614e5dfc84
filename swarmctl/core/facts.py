"""What is known: the rows that the events add up to, in memory."""

from __future__ import annotations

from dataclasses import dataclass, field

from swarmctl.core.contest import Contest, Rehearsal
from swarmctl.core.ids import RunId, SessionId, TaskId
from swarmctl.core.landing import Answer, Approval, Landing
from swarmctl.core.limits import Limit
from swarmctl.core.money import Entry, Purse
from swarmctl.core.rows import K, Rows, V
from swarmctl.core.session import Session
from swarmctl.core.task import Run, Task

Row = Run | Task | Session | Landing | Approval | Answer | Entry | Purse | Limit | Contest | Rehearsal


class ImpossibleEvent(Exception):
    """An event that the state machine does not allow; a defect of the writer, never of the user."""


@dataclass(slots=True)
class Facts:
    """The projection in memory: the same rows as the tables."""

    runs: Rows[RunId, Run] = field(default_factory=Rows)
    tasks: Rows[TaskId, Task] = field(default_factory=Rows)
    sessions: Rows[SessionId, Session] = field(default_factory=Rows)
    landings: Rows[SessionId, Landing] = field(default_factory=Rows)
    approvals: Rows[str, Approval] = field(default_factory=Rows)
    answers: Rows[str, Answer] = field(default_factory=Rows)
    entries: Rows[str, Entry] = field(default_factory=Rows)
    purses: Rows[str, Purse] = field(default_factory=Rows)
    limits: Rows[str, Limit] = field(default_factory=Rows)
    contests: Rows[str, Contest] = field(default_factory=Rows)
    rehearsals: Rows[SessionId, Rehearsal] = field(default_factory=Rows)
    live: dict[SessionId, Session] = field(default_factory=dict)
    """Sessions that are not over: all that a loop has to look at, however long the history is."""
    unfinished: dict[TaskId, Task] = field(default_factory=dict)
    awaited: dict[RunId, Run] = field(default_factory=dict)
    open: dict[str, Entry] = field(default_factory=dict)
    """Reservations that are not settled."""
    limited: dict[str, Limit] = field(default_factory=dict)
    """All limits there ever were: one for each account."""
    gated: dict[SessionId, Rehearsal] = field(default_factory=dict, compare=False)
    """Rehearsals of sessions that are not over, and of some that are: how many of those says nothing."""
    last_at: float = 0.0
    seq: int = 0

    def put(self, row: Row) -> None:
        match row:
            case Run():
                self.runs[row.id] = row
                _hold(self.awaited, row.id, row, row.waits)
            case Task():
                self.tasks[row.id] = row
                _hold(self.unfinished, row.id, row, row.outcome is None)
            case Session():
                self.sessions[row.id] = row
                _hold(self.live, row.id, row, not row.is_over)
            case Landing():
                self.landings[row.session] = row
            case Approval():
                self.approvals[row.digest] = row
            case Answer():
                self.answers[row.command] = row
            case Entry():
                self.entries[row.id] = row
                _hold(self.open, row.id, row, row.settled_at is None)
            case Purse():
                self.purses[row.scope] = row
            case Limit():
                self.limits[row.account] = self.limited[row.account] = row
            case Contest():
                self.contests[row.id] = row
            case Rehearsal():
                self.rehearsals[row.session] = self.gated[row.session] = row


def _hold(held: dict[K, V], key: K, row: V, holds: bool) -> None:
    if holds:
        held[key] = row
    else:
        held.pop(key, None)
