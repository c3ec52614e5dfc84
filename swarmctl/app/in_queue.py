"""The merge queue as a screen shows it: who stands in it, what their gates said, what landed, what was refused."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeGuard

from swarmctl.app.archive import Archive, capped
from swarmctl.app.board import Board
from swarmctl.app.gating import is_served
from swarmctl.app.ledger import nothing_ran
from swarmctl.core.contest import Rehearsal
from swarmctl.core.events import GateBegun, GateFinished, MergeAsked, MergeStaged, RehearsalBegun, Stamped
from swarmctl.core.facts import Facts
from swarmctl.core.gate import GateResult, Proof
from swarmctl.core.landing import Landing
from swarmctl.core.outcome import Outcome
from swarmctl.core.session import IN_QUEUE, Session, Stage
from swarmctl.edges.files.paths import StatePaths
from swarmctl.edges.shell.process_host import kept_output
from swarmctl.flow.gate.run import log_name
from swarmctl.loops.engine.entries import is_rehearsed

LANDED = 10
REHEARSED = 10
REFUSED = 20
END = 256 * 1024
"""Bytes of a log's end that are read at once."""
END_LINES = 2000
CUT = re.compile(r"[^\r\n]*[\r\n]|\S*\s")
"""What is left out before a text that begins in the middle of a line, or of a word: it could be half a secret."""


@dataclass(frozen=True, slots=True)
class GateRun:
    """One gate on the newest tree of a session: running while it has no result."""

    gate: str
    log: str
    since: float = 0.0
    result: GateResult | None = None
    is_lost: bool = False
    """Whoever ran it is gone, and nobody saw how it ended."""

    @property
    def runs(self) -> bool:
        return self.result is None and not self.is_lost


@dataclass(frozen=True, slots=True)
class Entry:
    session: Session
    title: str
    gates: tuple[GateRun, ...] = ()
    proof: Proof | None = None
    at: float = 0.0
    """When it landed, or was gated without that."""
    asked_by: str = ""
    """Who asked for the landing; empty when it lands by itself."""
    rehearsal: Rehearsal | None = None
    """It was gated, or is to be, and does not land."""

    @property
    def running(self) -> GateRun | None:
        return next((gate for gate in self.gates if gate.runs), None)


@dataclass(frozen=True, slots=True)
class Line:
    """All of it at one moment."""

    queued: tuple[Entry, ...] = ()
    """In the order in which they land, each target for itself."""
    parked: tuple[Entry, ...] = ()
    landed: tuple[Entry, ...] = ()
    """The newest first."""
    refused: tuple[Entry, ...] = ()
    rehearsed: tuple[Entry, ...] = ()
    """Gated on the merged tree, and not to land: what runs or waits first, then the newest."""


class Queue:
    """Looks at the ledger again and again; what rests is read once."""

    def __init__(self, paths: StatePaths) -> None:
        self._paths = paths
        self._rested: dict[str, Entry] = {}

    def look(self) -> Line:
        """Nothing where nothing ran yet."""
        if nothing_ran(self._paths):
            return Line()
        with Board(self._paths.database, glances=True) as board:
            facts = board.facts
            live = list(facts.live.values())
            queued = sorted((s for s in live if s.stage in IN_QUEUE), key=lambda s: (s.target, s.queued_at or 0.0))
            parked = [s for s in live if s.stage is Stage.PARKED]
            return Line(
                tuple(self._moving(board, session) for session in queued),
                tuple(self._landing(board, session) for session in parked),
                tuple(self._landing(board, facts.sessions[n.session]) for n in reversed(_newest(facts))),
                tuple(self._resting(board, session) for session in _refused(facts)),
                tuple(self._rehearsed(board, session) for session in _rehearsed(facts)),
            )

    def _moving(self, board: Board, session: Session) -> Entry:
        task = board.facts.tasks[session.task]
        gates = () if session.stage is Stage.QUEUED else self._gates(board.about(task), session)
        return Entry(session, task.title, gates)

    def _resting(self, board: Board, session: Session) -> Entry:
        known = self._rested.get(session.id)
        if known is None or known.session != session:
            task = board.facts.tasks[session.task]
            known = Entry(session, task.title, self._gates(board.about(task), session))
            self._rested[session.id] = known
        return known

    def _landing(self, board: Board, session: Session) -> Entry:
        """With its proof; a session that lands once more has another one."""
        facts = board.facts
        landing, task = facts.landings[session.id], facts.tasks[session.task]
        known = self._rested.get(session.id)
        if known is None or known.proof != landing.proof or known.at != (landing.landed_at or 0.0):
            asked = [each.event.by for each in board.about(task) if _asks(each.event, session)]
            gates = tuple(_ran(result) for result in landing.proof.results)
            by = asked[-1] if asked else ""
            known = Entry(session, task.title, gates, landing.proof, landing.landed_at or 0.0, by)
            self._rested[session.id] = known
        return replace(known, session=session)

    def _rehearsed(self, board: Board, session: Session) -> Entry:
        task, known = board.facts.tasks[session.task], board.facts.gated.get(session.id)
        if known is None or (known.stage in ("done", "left") and not is_rehearsed(session, board.facts)):
            return Entry(session, task.title, rehearsal=Rehearsal(session.id, "asked"))
        gates = tuple(map(_ran, known.results))
        if known.stage == "begun":
            gates = self._gates(board.about(task), session, RehearsalBegun)
        return Entry(session, task.title, gates, at=known.at, rehearsal=known)

    def _gates(
        self, chain: Iterable[Stamped], session: Session, begin: type[MergeStaged | RehearsalBegun] = MergeStaged
    ) -> tuple[GateRun, ...]:
        """On the newest tree, in the order in which they began; those before a landing are not those of a rehearsal."""
        found: dict[str, GateRun] = {}
        tree, ours = "", begin is MergeStaged
        under_way = begin is RehearsalBegun or session.stage is Stage.GATING
        is_lost = under_way and not is_served(self._paths)
        for stamped in chain:
            event = stamped.event
            if getattr(event, "session", None) != session.id:
                continue
            if isinstance(event, MergeStaged | RehearsalBegun):
                ours = isinstance(event, begin)
                if ours:
                    tree = event.staged.tree
                    found.clear()
            elif isinstance(event, GateBegun) and ours:
                log = self._log(session, event.gate, tree)
                found[event.gate] = GateRun(event.gate, log, stamped.at, is_lost=is_lost)
            elif isinstance(event, GateFinished) and ours:
                found[event.result.gate] = _ran(event.result)
        return tuple(gate for gate in found.values() if gate.result or under_way)

    def _log(self, session: Session, gate: str, tree: str) -> str:
        return f"{self._paths.logs / session.id / 'gates' / log_name(gate)}-{tree[:12]}.log"


def _ran(result: GateResult) -> GateRun:
    return GateRun(result.gate, result.log, result=result)


def _newest(facts: Facts) -> list[Landing]:
    return facts.landings.last("landed_at", LANDED)


def _asks(event: object, session: Session) -> TypeGuard[MergeAsked]:
    return isinstance(event, MergeAsked) and event.session == session.id


def _refused(facts: Facts) -> list[Session]:
    """The newest first, as far as their work still lies there."""
    bad = (Outcome.REFUSED, Outcome.CONFLICT)
    kept = [s for s in list(facts.live.values()) if s.stage is Stage.KEPT and s.outcome in bad]
    found = [s for s in kept if not _by_a_rehearsal(s, facts)]
    found.sort(key=lambda s: facts.tasks[s.task].finished_at or 0.0, reverse=True)
    return found[:REFUSED]


def _by_a_rehearsal(session: Session, facts: Facts) -> bool:
    """What was last said of it was not said of a landing."""
    known = facts.gated.get(session.id)
    return known is not None and known.at > (session.queued_at or 0.0)


def _rehearsed(facts: Facts) -> list[Session]:
    """Those that are under way or due, in the order in which they come; then what was gated last."""
    rest = [s for s in list(facts.live.values()) if s.stage in (Stage.READY, Stage.KEPT) and not s.asked_to_land]
    due = [s for s in rest if not is_rehearsed(s, facts)]
    due.sort(key=lambda s: (s.id not in facts.gated or facts.gated[s.id].stage != "begun", s.created_at, s.id))
    over = [s for s in rest if s.id in facts.gated and s not in due and _by_a_rehearsal(s, facts)]
    over.sort(key=lambda s: facts.gated[s.id].at, reverse=True)
    return [*due, *over[:REHEARSED]]


def log_end(paths: StatePaths, session: Session, log: str) -> tuple[str, ...]:
    """What a gate printed last, also while it runs: masked, without escapes."""
    found, room = b"", END
    for path in (Path(f"{log}.new"), Path(f"{log}.old"), Path(log)):
        part = _end(path, room)
        found, room = part + found, room - len(part)
    text = found.decode(errors="replace")
    if not room:
        text = CUT.sub("", text, count=1)
    lines = Archive(paths).shown(session.id, text).splitlines()
    return tuple(lines[-END_LINES:])


def _end(path: Path, most: int) -> bytes:
    """Its last bytes."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, file.seek(0, 2) - most))
            return file.read(most)
    except OSError:
        return b""


def log_mark(log: str) -> tuple[int, int]:
    """Another one when the log grew."""
    for path in (Path(f"{log}.new"), Path(log)):
        try:
            status = path.stat()
        except OSError:
            continue
        return status.st_size, status.st_mtime_ns
    return 0, 0


def whole_log(paths: StatePaths, session: Session, log: str) -> tuple[str, ...]:
    text = kept_output(Path(log)).decode(errors="replace")
    return tuple(Archive(paths).shown(session.id, capped(text)).splitlines())
