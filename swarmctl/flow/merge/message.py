"""What a landed commit says of itself: the task's words, whose work it is, and the evidence. Pure."""

from __future__ import annotations

from swarmctl.core.gate import GateResult
from swarmctl.core.session import Session
from swarmctl.core.task import Task


def message_of(session: Session, task: Task) -> str:
    """Of a merge: the words, and trailers that say whose work it is."""
    return f"{task.words}\nSwarm-Task: {task.id}\nSwarm-Session: {session.id}\nSwarm-Agent: {session.agent}\n"


def evidence(results: tuple[GateResult, ...], tree: str) -> dict[str, str]:
    """Trailers that are known only once the gates ran."""
    return {
        "Swarm-Gates": ", ".join(_gate(result) for result in results) or "none configured",
        "Swarm-Tree": tree,
    }


def _gate(result: GateResult) -> str:
    if result.tests is None:
        return f"{result.gate} {result.verdict.value}"
    return f"{result.gate} {result.verdict.value} ({result.tests} test{'' if result.tests == 1 else 's'})"
