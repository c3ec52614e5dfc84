"""What a run came to, as the last line of `run --json` and as the closing table for people."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from swarmctl.core.gate import GateResult, Proof
from swarmctl.core.ids import RunId
from swarmctl.core.machine import Facts
from swarmctl.core.outcome import Outcome, best, worst
from swarmctl.core.session import Session
from swarmctl.core.task import Task


def tasks_of(facts: Facts, run: RunId) -> list[Task]:
    return sorted(facts.tasks.where("run", run), key=lambda task: task.number)


def session_of(facts: Facts, task: Task) -> Session | None:
    return facts.sessions[task.session] if task.session else None


def outcome_of(facts: Facts, run: RunId) -> Outcome:
    """The worst of its tasks; of several attempts at one the best."""
    tasks = tasks_of(facts, run)
    alone = [task.outcome or Outcome.UNKNOWN for task in tasks if not task.contest]
    contests = contests_of(tasks).values()
    return worst([*alone, *(best(task.outcome or Outcome.UNKNOWN for task in entries) for entries in contests)])


def contests_of(tasks: list[Task]) -> dict[str, list[Task]]:
    """Those that are attempts at one task, together."""
    found: dict[str, list[Task]] = {}
    for task in tasks:
        if task.contest:
            found.setdefault(task.contest, []).append(task)
    return found


def finished(facts: Facts, run: RunId) -> dict[str, Any]:
    return {
        "kind": "run.finished",
        "run": run,
        "outcome": outcome_of(facts, run).value,
        "tasks": [task_plain(facts, task) for task in tasks_of(facts, run)],
    }


def task_plain(facts: Facts, task: Task) -> dict[str, Any]:
    session = session_of(facts, task)
    landing = facts.landings.get(session.id) if session else None
    landed = landing is not None and landing.landed_at is not None
    return {
        "id": task.id,
        "title": task.title,
        "outcome": task.outcome.value if task.outcome else None,
        "session": session.id if session else None,
        "branch": session.branch if session else None,
        "commit": (session.landed or session.head or None) if session else None,
        "proof": proof_plain(landing.proof) if landing is not None and (landed or landing.parked) else None,
        "reason": task.reason,
        "contest": task.contest or None,
        "rank": _rank(facts, task),
    }


def _rank(facts: Facts, task: Task) -> int | None:
    if not task.contest:
        return None
    from swarmctl.app.contests import contest_of

    return next(entry.rank for entry in contest_of(facts, [task.contest]).entries if entry.task.id == task.id)


def proof_plain(proof: Proof) -> dict[str, Any]:
    return {
        "kind": proof.kind,
        "base": proof.base,
        "head": proof.head,
        "tree": proof.tree,
        "commit": proof.commit,
        "gates": results_plain(proof.results),
    }


def results_plain(results: Iterable[GateResult]) -> list[dict[str, Any]]:
    return [
        {
            "name": result.gate,
            "verdict": result.verdict.value,
            "rc": result.rc,
            "tests": result.tests,
            "duration_s": round(result.duration_s, 3),
        }
        for result in results
    ]
