"""Entries of a contest, ranked with all the figures; and the commands that gate them, and pick one.

What is shown is read off the facts. What git alone knows, which paths each of them changes, comes from whoever asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from swarmctl.app.commands import Answer, Context, Done, Stream, merge
from swarmctl.app.costs import Line, costs_of
from swarmctl.app.find import find_session
from swarmctl.core import events as e
from swarmctl.core.contest import Rehearsal, Size
from swarmctl.core.errors import Refused, SwarmError, UsageFault
from swarmctl.core.gate import GateResult
from swarmctl.core.ids import SessionId, TaskId
from swarmctl.core.machine import Facts
from swarmctl.core.outcome import Outcome
from swarmctl.core.ranking import Evidence, evidence_of, ranked
from swarmctl.core.session import IN_QUEUE, Session, Stage, State
from swarmctl.core.task import Task
from swarmctl.edges.files.paths import StatePaths
from swarmctl.edges.git.integration import GitIntegration
from swarmctl.edges.git.repository import Repository

Changed = Mapping[SessionId, tuple[str, ...]]
"""The paths that a session changes, as far as somebody asked git."""
NEVER_GOOD = (Outcome.FAILED, Outcome.INTERRUPTED, Outcome.UNKNOWN, Outcome.BUDGET, Outcome.NO_WORK)
"""However it fares at the gates, its agent did not come to a good end."""
ASKED_ANEW = (Outcome.READY, Outcome.REFUSED, Outcome.CONFLICT, Outcome.BLOCKED)
NO_CONTEST = "swarmctl run 'TASK' --attempts 3 begins one"


@dataclass(frozen=True, slots=True)
class Entry:
    """One of several that did the same, and where it stands among them."""

    rank: int
    tied: bool
    task: Task
    session: Session | None
    """None before it started, or when it never did."""
    rehearsal: Rehearsal | None
    """What the gates said of the work that it holds now; None while they said nothing."""
    evidence: Evidence | None
    cost: Line
    seconds: float | None
    """From its plan to the end of its agent, or to now; None before it started."""
    reason: str
    """Why it stands no better, in words for people; empty when nothing speaks against it."""
    paths: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.session.id if self.session is not None else self.task.id

    @property
    def agent(self) -> str:
        return self.session.agent if self.session is not None else self.task.agent

    @property
    def gates(self) -> tuple[GateResult, ...]:
        return self.rehearsal.results if self.rehearsal is not None else ()

    @property
    def size(self) -> Size | None:
        return self.evidence.size if self.evidence is not None else None

    @property
    def is_ready(self) -> bool:
        """Every gate is green, and it did not land yet."""
        ready = self.session is not None and self.session.stage is Stage.READY
        return ready and self.rehearsal is not None and self.rehearsal.is_green


@dataclass(frozen=True, slots=True)
class Ranking:
    id: str
    """The contest's; empty for sessions that somebody named."""
    title: str
    base: str
    base_name: str
    target: str
    entries: tuple[Entry, ...]
    """The best first."""
    picked: SessionId | None = None
    decided: bool = False
    """What was picked landed."""
    aside: tuple[SessionId, ...] = ()
    """Those that were put away since."""
    uneven: Mapping[str, tuple[SessionId, ...]] = field(default_factory=dict)
    """Paths that only some changed, and who did."""

    @property
    def best(self) -> Entry | None:
        """Whom to pick, when there is somebody."""
        return next((entry for entry in self.entries if entry.is_ready), None) if not self.decided else None

    @property
    def bases(self) -> frozenset[str]:
        """States of the target on which entries were gated: more than one where it moved meanwhile."""
        return frozenset(each.rehearsal.base for each in self.entries if each.rehearsal is not None)

    @property
    def ungated(self) -> tuple[Entry, ...]:
        """Of which the gates could be asked."""
        return tuple(each for each in self.entries if each.session and may_be_gated(each.session) and not each.evidence)


def contest_of(facts: Facts, names: Sequence[str] = (), changed: Changed | None = None, now: float = 0.0) -> Ranking:
    """The newest contest, the one that a name belongs to, or sessions of one base; `names` of any kind that has ids."""
    tasks = _tasks(facts, names)
    known = {task.id: _known(task, facts) for task in tasks}
    evidence = {task: _evidence(*found) for task, found in known.items()}
    entries = tuple(
        _entry(facts, place.entry, (place.rank, place.tied), (evidence[place.entry], now)) for place in ranked(evidence)
    )
    contest = facts.contests.get(tasks[0].contest) if len({task.contest for task in tasks}) == 1 else None
    first = next((entry.session for entry in entries if entry.session is not None), None)
    ranking = Ranking(
        id=contest.id if contest else "",
        title=tasks[0].title,
        base=contest.base if contest else first.base if first else "",
        base_name=contest.base_name if contest else first.base_name if first else "",
        target=facts.runs[tasks[0].run].target,
        entries=entries,
        picked=contest.picked if contest else None,
        decided=contest is not None and contest.decided_at is not None,
        aside=contest.aside if contest else (),
    )
    return with_paths(ranking, changed or {})


def with_paths(ranking: Ranking, changed: Changed) -> Ranking:
    """The same, and what each of them changes."""
    paths = {entry.session.id: changed.get(entry.session.id, ()) for entry in ranking.entries if entry.session}
    entries = tuple(replace(each, paths=paths[each.session.id]) if each.session else each for each in ranking.entries)
    return replace(ranking, entries=entries, uneven=uneven({name: found for name, found in paths.items() if found}))


def changed_by(repository: Repository, paths: StatePaths, sessions: Iterable[Session]) -> Changed:
    """What each of them changes against its base, committed or kept; a git process each."""
    integration, found = GitIntegration(repository, paths.root), {}
    for session in sessions:
        newest = session.head or session.checkpoint
        with suppress(SwarmError):
            found[session.id] = integration.changed(session.base, newest) if newest else ()
    return found


def uneven(changed: Changed) -> dict[str, tuple[SessionId, ...]]:
    """Paths that not all of them change; those of nobody's work count for nothing."""
    found: dict[str, tuple[SessionId, ...]] = {}
    sets = {name: frozenset(paths) for name, paths in changed.items()}
    for path in sorted(frozenset().union(*sets.values())):
        who = tuple(name for name, paths in sets.items() if path in paths)
        if len(who) < len(changed):
            found[path] = who
    return found


def _tasks(facts: Facts, names: Sequence[str]) -> list[Task]:
    if not names:
        newest = facts.contests.last("created_at", 1)
        if not newest:
            raise UsageFault("there was no contest yet", hint=NO_CONTEST)
        return _of_contest(facts, newest[0].id)
    if len(names) == 1:
        contest = _contest_named(facts, names[0])
        if not contest:
            words = f"{names[0]} is not one of several attempts at a task"
            raise UsageFault(words, hint=f"name another one of the same base, or: {NO_CONTEST}")
        return _of_contest(facts, contest)
    sessions = list({found.id: found for found in (find_session(facts, name) for name in names)}.values())
    if len({session.base for session in sessions}) > 1:
        each = ", ".join(f"{session.id} at {session.base[:10]}" for session in sessions)
        raise UsageFault(f"they do not begin at one commit: {each}", hint="compare those that do")
    return [facts.tasks[session.task] for session in sessions]


def _contest_named(facts: Facts, name: str) -> str:
    """By its id, by a task of it, or by a session."""
    if name in facts.contests:
        return name
    task = facts.tasks.get(TaskId(name))
    return (task or facts.tasks[find_session(facts, name).task]).contest


def _of_contest(facts: Facts, contest: str) -> list[Task]:
    found: list[Task] = facts.tasks.where("contest", contest)
    return sorted(found, key=lambda task: task.number)


def _known(task: Task, facts: Facts) -> tuple[Session | None, Rehearsal | None]:
    session = facts.sessions[task.session] if task.session else None
    known = facts.rehearsals.get(session.id) if session is not None else None
    fits = session is not None and known is not None and known.stage == "done" and known.head == session.head
    return session, known if fits else None


def _evidence(session: Session | None, known: Rehearsal | None) -> Evidence | None:
    if session is None or known is None or session.outcome in NEVER_GOOD:
        return None
    return evidence_of(known)


def _entry(facts: Facts, name: TaskId, place: tuple[int, bool], found: tuple[Evidence | None, float]) -> Entry:
    task, (rank, tied), (evidence, now) = facts.tasks[name], place, found
    session, known = _known(task, facts)
    return Entry(
        rank=rank,
        tied=tied,
        task=task,
        session=session,
        rehearsal=known,
        evidence=evidence,
        cost=costs_of(facts, session.id).total if session is not None else Line("total"),
        seconds=_seconds(session, now),
        reason=_reason(task, session, known, facts),
    )


def _seconds(session: Session | None, now: float) -> float | None:
    if session is None or session.stage in (Stage.PLANNED, Stage.PROVISIONED):
        return None
    ended = session.state in (State.EXITED, State.LOST)
    return max(0.0, (session.state_since if ended else now or session.state_since) - session.created_at)


def _reason(task: Task, session: Session | None, known: Rehearsal | None, facts: Facts) -> str:
    if session is None:
        return task.reason or "waits to start"
    if session.stage is Stage.LANDED:
        return f"landed as {session.landed[:10]}"
    if session.outcome not in (None, Outcome.READY) or session.stage is Stage.KEPT:
        reason = session.reason or (known.reason if known else "")
        return f"{session.outcome.value}: {reason}" if session.outcome in NEVER_GOOD and session.outcome else reason
    if known is not None:
        return known.reason
    return _under_way(session, facts.rehearsals.get(session.id))


def _under_way(session: Session, rehearsal: Rehearsal | None) -> str:
    if session.stage is not Stage.READY:
        return session.stage.value
    if rehearsal is None or rehearsal.head not in ("", session.head):
        return "waits for its gates"
    words = {"asked": "waits for its gates", "begun": "is being gated", "left": f"not gated: {rehearsal.reason}"}
    return words.get(rehearsal.stage, "waits for its gates")


def may_be_gated(session: Session) -> bool:
    at_rest = session.stage in (Stage.READY, Stage.KEPT) and bool(session.head)
    return at_rest and session.outcome in ASKED_ANEW and not session.asked_to_land


# --- commands ---------------------------------------------------------------------------------------------------------


def rehearse(args: Answer, context: Context) -> Stream:
    """Ask the gates about those of which they said nothing yet, or said it of a target that went on since."""
    ranking = contest_of(context.facts, args["ids"])
    tip = context.desk.integration.tip(ranking.target).commit
    asked = [each.id for each in _to_ask(ranking, tip)]
    yield Done({"asked": asked}, tuple(e.RehearsalAsked(name) for name in asked))


def _to_ask(ranking: Ranking, tip: str) -> Iterator[Session]:
    for entry in ranking.entries:
        stale = entry.rehearsal is None or entry.rehearsal.base != tip or not entry.rehearsal.was_gated
        if entry.session is not None and may_be_gated(entry.session) and stale:
            yield entry.session


def pick(args: Answer, context: Context) -> Stream:
    """Land one entry through the queue; what becomes of the others follows from its landing."""
    session = find_session(context.facts, args["id"])
    contest = context.facts.contests.get(context.facts.tasks[session.task].contest)
    if contest is None:
        words = f"{session.id} is not one of several attempts at a task"
        raise Refused(words, hint=f"swarmctl merge {session.id} lands it")
    if contest.decided_at is not None:
        others = f"swarmctl merge {session.id} lands this one as well"
        hint = f"swarmctl show {session.id}" if session.stage is Stage.LANDED else others
        raise Refused(f"{contest.picked} was picked already, and landed", hint=hint)
    before = context.facts.sessions[contest.picked] if contest.picked not in (None, session.id) else None
    if before is not None and (before.asked_to_land or before.stage in (*IN_QUEUE, Stage.PARKED)):
        raise Refused(f"{before.id} was picked already, and is about to land", hint=f"swarmctl stop {before.id}")
    if session.stage is Stage.LANDED:
        answer = {"session": session.id, "task": session.task, "run": session.run, "contest": contest.id}
        yield Done(answer, (e.Picked(session.id),))
        return
    for step in merge(args, context):
        if isinstance(step, Done):
            yield Done({**step.answer, "contest": contest.id}, (*step.events, e.Picked(session.id)))
        else:
            yield step
