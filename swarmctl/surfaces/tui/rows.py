"""What the list shows: a row for each task, those first that need a person. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import IntEnum

from swarmctl.core.attention import NEEDS, need_in
from swarmctl.core.contest import Rehearsal
from swarmctl.core.gate import Verdict
from swarmctl.core.landing import Landing
from swarmctl.core.machine import Facts
from swarmctl.core.session import IN_QUEUE, Session, Stage, State
from swarmctl.core.task import Task
from swarmctl.surfaces.words.limits import clock, waits_of
from swarmctl.surfaces.words.plain import one_line

RECENT_S = 86400.0
"""What finished so lately is listed, and the last ones however long ago."""
LAST = 50
IN_TRASH = "in the trash"
GATING = Stage.GATING.value
DUE = "waits for gates"


class Group(IntEnum):
    """By how much it needs a person."""

    BLOCKED = 0
    FAILED = 1
    UNSEEN = 2
    WORKING = 3
    WAITING = 4
    OVER = 5


GLYPHS = {
    Group.BLOCKED: "▲",
    Group.FAILED: "✗",
    Group.UNSEEN: "◆",
    Group.WORKING: "●",
    Group.WAITING: "○",
    Group.OVER: "·",
}
"""Told apart without their colours."""


@dataclass(frozen=True, slots=True)
class Row:
    task: Task
    session: Session | None
    group: Group
    state: str
    since: float

    @property
    def key(self) -> str:
        return self.session.id if self.session else self.task.id

    @property
    def is_in_trash(self) -> bool:
        """Its worktree is put away; that of a landing always is."""
        session = self.session
        return session is not None and session.place in ("trashed", "deleted") and session.stage is not Stage.LANDED

    @property
    def comes_back(self) -> bool:
        """Its worktree can: from the trash, or from its branch where somebody took it away."""
        session = self.session
        lost = session is not None and not session.restored and f"swarmctl undo {session.id}" in session.reason
        return self.is_in_trash or lost

    @property
    def title(self) -> str:
        return one_line(self.task.title)

    @property
    def agent(self) -> str:
        agent = self.session.agent if self.session else self.task.agent
        return one_line(f"{agent} {self.task.terms.model}".rstrip())


@dataclass(frozen=True, slots=True)
class Mark:
    """What a gate last said of a session's work."""

    gate: str
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Detail:
    """What is looked up for rows that are seen."""

    last: str = ""
    cost: str = ""
    marks: tuple[Mark, ...] = ()
    place: str = ""
    """Among several attempts at its task: its rank, and of how many."""
    queued: float = 0.0
    """When it came to where it is in the queue."""


@dataclass(frozen=True, slots=True)
class Totals:
    working: int = 0
    need: int = 0
    ready: int = 0
    waiting: int = 0
    queue: int = 0
    spent: int = 0
    cap: int | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """All that the screens show of one moment."""

    rows: tuple[Row, ...] = ()
    details: Mapping[str, Detail] | None = None
    totals: Totals = Totals()
    trouble: str = ""
    hint: str = ""
    supervised: bool = True
    """A supervisor runs, or nothing needs one."""
    seq: int = 0
    landed: Landing | None = None
    """The newest: the only one that can be taken back."""
    removed: str = ""
    """What a person put into the trash just now, before the ledger says so."""


def listed(facts: Facts, now: float) -> tuple[Row, ...]:
    rows = [row_of(facts, task, now) for task in shown_tasks(facts, now)]
    rows.sort(key=_order)
    return tuple(rows)


def shown_tasks(facts: Facts, now: float) -> Iterable[Task]:
    """What is not over, and what finished lately."""
    found: dict[str, Task] = {task.id: task for task in list(facts.unfinished.values())}
    for session in list(facts.live.values()):
        task = facts.tasks[session.task]
        if task.session == session.id:
            found.setdefault(task.id, task)
    for number, task in enumerate(reversed(facts.tasks.last("finished_at", 4 * LAST))):
        if number < LAST or (task.finished_at or 0.0) > now - RECENT_S:
            found.setdefault(task.id, task)
    return found.values()


def row_of(facts: Facts, task: Task, now: float) -> Row:
    session = facts.sessions[task.session] if task.session else None
    since = task.finished_at or (_since(session) if session else 0.0) or task.created_at
    rehearsal = _under_way(facts, session) if session else None
    if rehearsal:
        row = Row(task, session, Group.WORKING, GATING, rehearsal.at)
    else:
        row = Row(task, session, group_of(task, session), state_of(facts, task, session, now), since)
    return replace(row, state=IN_TRASH) if row.is_in_trash else row


def _since(session: Session) -> float:
    """In the queue its agent's state is over."""
    return (session.queued_at if session.stage in IN_QUEUE else None) or session.state_since


def _under_way(facts: Facts, session: Session) -> Rehearsal | None:
    """Its gates run although it does not land."""
    known = facts.gated.get(session.id) if session.stage in (Stage.READY, Stage.KEPT) else None
    return known if known is not None and known.stage == "begun" else None


def group_of(task: Task, session: Session | None) -> Group:
    need = need_in(session, task) if session else ""
    if need == "blocked":
        return Group.BLOCKED
    if need == "ready":
        return Group.UNSEEN
    if need:
        return Group.FAILED
    if task.outcome is not None:
        return Group.OVER
    if session is None or session.stage is Stage.LIMITED:
        return Group.WAITING
    return Group.WORKING


def state_of(facts: Facts, task: Task, session: Session | None, now: float) -> str:
    """One or two words; the reasons are elsewhere."""
    if task.outcome is not None:
        return task.outcome.value.replace("_", " ")
    if waits := waits_of(facts, task, session):
        return f"limited{_until(facts, session, now)}" if session else waits.partition(" until")[0]
    if session is None:
        return "waiting"
    if session.stage is Stage.READY and task.contest and not session.asked_to_land:
        return DUE
    if session.stage is not Stage.RUNNING:
        return session.stage.value
    if session.state is State.BLOCKED and session.state_kind:
        return session.state_kind
    until = f" until {clock(session.state_until, now)}" if session.state_until else ""
    return f"{session.state.value.replace('_', ' ')}{until}"


def _until(facts: Facts, session: Session | None, now: float) -> str:
    limit = facts.limits.get(session.talk.account) if session else None
    return f" until {clock(limit.until, now)}" if limit and limit.until > now else ""


def _order(row: Row) -> tuple[int, int, float, str]:
    if row.group is Group.OVER:
        return row.group, 0, -row.since, row.key
    need = need_in(row.session, row.task) if row.session else ""
    return row.group, NEEDS.index(need) if need else 0, row.since, row.key


def totals_of(facts: Facts, rows: Iterable[Row], spent: int, cap: int | None) -> Totals:
    groups = [row.group for row in rows]
    queue = sum(session.stage in IN_QUEUE for session in list(facts.live.values()))
    return Totals(
        working=groups.count(Group.WORKING),
        need=groups.count(Group.BLOCKED) + groups.count(Group.FAILED),
        ready=groups.count(Group.UNSEEN),
        waiting=groups.count(Group.WAITING),
        queue=queue,
        spent=spent,
        cap=cap,
    )


def matches(row: Row, wanted: str) -> bool:
    """Every word of it is somewhere in what the row says."""
    words = f"{row.title} {row.agent} {row.state} {row.key} {row.session.branch if row.session else ''}".casefold()
    return all(word in words for word in wanted.casefold().split())
