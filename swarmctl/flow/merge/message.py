"""What a landed commit says of itself: the task's words, and trailers that name its evidence. Pure."""

from __future__ import annotations

from swarmctl.core.gate import GateResult
from swarmctl.core.session import Session
from swarmctl.core.task import Task


def message_of(task: Task) -> str:
    body = task.prompt.strip()
    if not body or body == task.title:
        return f"{task.title}\n"
    return f"{task.title}\n\n{body}\n"


def trailers_of(session: Session, results: tuple[GateResult, ...], tree: str) -> dict[str, str]:
    return {
        "Swarm-Task": session.task,
        "Swarm-Session": session.id,
        "Swarm-Agent": session.agent,
        "Swarm-Gates": ", ".join(_gate(result) for result in results) or "none configured",
        "Swarm-Tree": tree,
    }


def _gate(result: GateResult) -> str:
    tests = f" ({result.tests} tests)" if result.tests is not None else ""
    return f"{result.gate} {result.verdict.value}{tests}"
