"""The merge queue as a screen shows it: who stands in it, what their gates said, what landed, what was refused."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from swarmctl.app.archive import Archive, capped
from swarmctl.app.board import Board
from swarmctl.app.gating import is_served
from swarmctl.core.events import GateBegun, GateFinished, MergeStaged, Stamped
from swarmctl.core.facts import Facts
from swarmctl.core.gate import GateResult, Proof
from swarmctl.core.landing import Landing
from swarmctl.core.outcome import Outcome
from swarmctl.core.session import IN_QUEUE, Session, Stage
from swarmctl.edges.files.paths import StatePaths
from swarmctl.edges.shell.process_host import kept_output
from swarmctl.flow.gate.run import log_name

LANDED = 10
REFUSED = 20
END = 256 * 1024
"""Bytes of a log's end that are read at once."""
END_LINES = 400


@dataclass(frozen=True, slots=True)
class GateRun:
    """One gate on the newest tree of a session: running while it has no result."""

    gate: str
    log: str
    since: float = 0.0
    result: GateResult | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    session: Session
    title: str
    gates: tuple[GateRun, ...] = ()
    proof: Proof | None = None
    at: float = 0.0
    """When it landed."""

    @property
    def running(self) -> GateRun | None:
        return next((gate for gate in self.gates if gate.result is None), None)


@dataclass(frozen=True, slots=True)
class Line:
    """All of it at one moment."""

    queued: tuple[Entry, ...] = ()
    """In the order in which they land, each target for itself."""
    parked: tuple[Entry, ...] = ()
    landed: tuple[Entry, ...] = ()
    """The newest first."""
    refused: tuple[Entry, ...] = ()


class Queue:
    """Looks at the ledger again and again; what rests is read once."""

    def __init__(self, paths: StatePaths) -> None:
        self._paths = paths
        self._rested: dict[str, Entry] = {}

    def look(self) -> Line:
        """Nothing where nothing ran yet."""
        if not self._paths.database.exists():
            return Line()
        with Board(self._paths.database, glances=True) as board:
            facts = board.facts
            live = list(facts.live.values())
            queued = sorted((s for s in live if s.stage in IN_QUEUE), key=lambda s: (s.target, s.queued_at or 0.0))
            parked = [s for s in live if s.stage is Stage.PARKED]
            return Line(
                tuple(self._moving(board, session) for session in queued),
                tuple(_landing(facts, session) for session in parked),
                tuple(_landing(facts, facts.sessions[n.session]) for n in reversed(_newest(facts))),
                tuple(self._resting(board, session) for session in _refused(facts)),
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

    def _gates(self, chain: Iterable[Stamped], session: Session) -> tuple[GateRun, ...]:
        """On the newest tree, in the order in which they began; one without a result ended with its supervisor."""
        found: dict[str, GateRun] = {}
        tree = ""
        for stamped in chain:
            event = stamped.event
            if getattr(event, "session", None) != session.id:
                continue
            if isinstance(event, MergeStaged):
                tree = event.staged.tree
                found.clear()
            elif isinstance(event, GateBegun):
                found[event.gate] = GateRun(event.gate, self._log(session, event.gate, tree), stamped.at)
            elif isinstance(event, GateFinished):
                found[event.result.gate] = _ran(event.result)
        runs = session.stage is Stage.GATING and is_served(self._paths)
        return tuple(gate for gate in found.values() if gate.result or runs)

    def _log(self, session: Session, gate: str, tree: str) -> str:
        return f"{self._paths.logs / session.id / 'gates' / log_name(gate)}-{tree[:12]}.log"


def _ran(result: GateResult) -> GateRun:
    return GateRun(result.gate, result.log, result=result)


def _newest(facts: Facts) -> list[Landing]:
    return facts.landings.last("landed_at", LANDED)


def _landing(facts: Facts, session: Session) -> Entry:
    landing = facts.landings[session.id]
    gates = tuple(_ran(result) for result in landing.proof.results)
    return Entry(session, facts.tasks[session.task].title, gates, landing.proof, landing.landed_at or 0.0)


def _refused(facts: Facts) -> list[Session]:
    """The newest first, as far as their work still lies there."""
    bad = (Outcome.REFUSED, Outcome.CONFLICT)
    found = [s for s in list(facts.live.values()) if s.stage is Stage.KEPT and s.outcome in bad]
    found.sort(key=lambda s: facts.tasks[s.task].finished_at or 0.0, reverse=True)
    return found[:REFUSED]


def log_end(paths: StatePaths, session: Session, log: str) -> tuple[str, ...]:
    """What a gate printed last, also while it runs: masked, without escapes."""
    for path in (Path(f"{log}.new"), Path(log)):
        try:
            with path.open("rb") as file:
                begin = max(0, file.seek(0, 2) - END)
                file.seek(begin)
                text = file.read().decode(errors="replace")
        except OSError:
            continue
        lines = Archive(paths).shown(session.id, text).splitlines()
        return tuple(lines[-END_LINES:] if begin else lines)
    return ()


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
