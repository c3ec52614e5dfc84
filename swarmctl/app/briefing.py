"""What an agent is told that takes a session over: what was tried, what went wrong, what the worktree holds.

Bounded in every part, and masked; the whole diff lies beside the agent's other files. Of what is not committed without
a person only the names are told: the next agent may be another vendor's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from swarmctl.app.archive import Archive
from swarmctl.app.board import Board
from swarmctl.core import events as e
from swarmctl.core.events.onward import HandedOver, Synced
from swarmctl.core.gate import GateResult, Verdict
from swarmctl.core.places import Places
from swarmctl.core.session import Session
from swarmctl.edges.agents.planting import plant
from swarmctl.edges.files.paths import StatePaths, packaged
from swarmctl.edges.files.prompts import read_prompt
from swarmctl.edges.git.command import decode
from swarmctl.edges.git.reading import diff, questionable
from swarmctl.edges.git.repository import Repository

LINES = 40
"""Of what was tried, the newest; of the list of files, the first."""
LONGEST = 400
EVIDENCE = 4000
NOTHING = "(nothing)"


class Briefing:
    def __init__(self, repository: Repository, paths: StatePaths, archive: Archive) -> None:
        self._repository = repository
        self._paths = paths
        self._archive = archive

    def __call__(self, session: Session, message: str) -> str:
        with Board(self._paths.database, glances=True) as board:
            history = [stamped.event for stamped in board.about(board.facts.tasks[session.task])]
        fields = {
            "before": session.agent,
            "rests": f"{session.outcome.value}: {session.reason}" if session.outcome and session.reason else "ready",
            "tried": "\n".join(list(tried(history, session))[-LINES:]) or NOTHING,
            "evidence": self._evidence(session, history),
            "checkpoint": session.checkpoint or "(none: nothing was begun)",
            "message": message,
        }
        fields = {name: self._archive.masked(session.id, value) for name, value in fields.items()}
        return read_prompt(packaged("prompts") / "handoff.md").render(fields | self._difference(session))

    def _evidence(self, session: Session, history: Iterable[e.Event]) -> str:
        red = last_red(history)
        if red is None:
            return "no gate refused it"
        output = self._archive.tail(session.id, red.log)[-EVIDENCE:]
        return f"gate {red.gate}: {red.words}\n{output}".strip()

    def _difference(self, session: Session) -> dict[str, str]:
        newest = session.checkpoint or session.head
        if not newest:
            return {"stat": NOTHING, "diff": NOTHING, "path": NOTHING}
        folder = Path(Places(str(self._paths.root), str(self._paths.worktrees)).agent_files(session.id))
        name = f"handoff-{session.attempt}.diff"
        unsafe = questionable(self._repository, session.base, newest)
        whole = diff(self._repository, session.base, newest, stat=False, without=unsafe)
        whole = self._archive.masked(session.id, whole)
        plant(folder, name, whole.encode("utf-8", "surrogateescape"))
        files = diff(self._repository, session.base, newest, stat=True).splitlines()
        hidden = [f"not in the diff: {' '.join(decode(path).split())} ({why})" for path, why in unsafe.items()]
        return {
            "stat": self._archive.masked(session.id, "\n".join([*_first(files), *_first(hidden)])) or NOTHING,
            "diff": whole or NOTHING,
            "path": str(folder / name),
        }


def _first(lines: list[str]) -> list[str]:
    return [*lines[:LINES], f"… and {len(lines) - LINES} lines more"] if len(lines) > LINES else lines


def last_red(history: Iterable[e.Event]) -> GateResult | None:
    found = [event.result for event in history if isinstance(event, e.GateFinished)]
    return next((result for result in reversed(found) if result.verdict is not Verdict.PASS), None)


def tried(history: Iterable[e.Event], session: Session) -> Iterator[str]:
    """A line for each attempt and each thing that came of it."""
    agent = ""
    for event in history:
        if getattr(event, "session", None) != session.id:
            continue
        if isinstance(event, e.SessionPlanned | HandedOver):
            agent = event.agent
        words = _line(event, agent)
        if words:
            line = f"- {' '.join(words.split())}"
            yield line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def _line(event: e.Event, agent: str) -> str:
    match event:
        case e.LaunchIntended(attempt=attempt):
            return f"attempt {attempt} by {agent}"
        case e.TurnEnded(ok=ok, said=""):
            return f"{agent} {'ended its turn' if ok else 'stopped without a word that it is done'}"
        case e.TurnEnded(ok=ok, said=said):
            return f"{agent} {'said that it is done' if ok else 'gave up'}: {said}"
        case e.GateFinished(result=result) if result.verdict is not Verdict.PASS:
            return f"gate {result.gate} refused it: {result.words}"
        case e.MessageQueued(text=text, repair=False):
            return f"a person told it: {text}"
        case e.SessionKept(outcome=outcome, reason=reason):
            return f"{outcome.value}: {reason}"
        case e.SessionEmpty(reason=reason):
            return reason
        case Synced(name=name, base=base):
            return f"{name} at {base[:10]} was merged in"
        case _:
            return ""
