"""What landed, as a branch's own messages tell it: readable without the ledger."""

from __future__ import annotations

from dataclasses import dataclass

from swarmctl.edges.git.command import decode
from swarmctl.edges.git.repository import Repository, branch_ref

TASK_TRAILER = "Swarm-Task"


@dataclass(frozen=True, slots=True)
class LandedCommit:
    commit: str
    tree: str
    at: float
    author: str
    subject: str
    trailers: dict[str, str]


def landed_commits(repository: Repository, target: str, limit: int) -> tuple[LandedCommit, ...]:
    """The newest commits of the target that swarmctl landed, newest first."""
    fields = "%H%n%T%n%ct%n%an%n%s%n%n%B"
    flags = ["-z", "--first-parent", f"--max-count={limit}", f"--grep=^{TASK_TRAILER}: ", f"--format={fields}"]
    log = repository.git.run("log", *flags, branch_ref(target), "--").fields
    found = (_landed(decode(entry)) for entry in log)
    return tuple(one for one in found if TASK_TRAILER in one.trailers)


def _landed(entry: str) -> LandedCommit:
    facts, _, body = entry.partition("\n\n")
    commit, tree, at, author, subject = (*facts.split("\n"), "")[:5]
    pairs = (line.partition(": ") for line in body.rstrip().split("\n\n")[-1].splitlines())
    return LandedCommit(commit, tree, float(at), author, subject, {key: value for key, colon, value in pairs if colon})
