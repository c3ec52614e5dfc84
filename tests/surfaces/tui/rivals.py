"""Several attempts at one task on the stage, with real worktrees, and what their gates said."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from swarmctl.core import events as e
from swarmctl.core.contest import Size
from swarmctl.core.gate import GateResult, Verdict
from swarmctl.core.ids import RunId, SessionId, TaskId
from swarmctl.core.outcome import Outcome
from swarmctl.core.session import ProcessId
from swarmctl.edges.git.integration import GitIntegration
from tests.surfaces.tui.stage import Stage
from tests.surfaces.tui.work import finished, git, known, worktrees

CONTEST = "c1"
TITLE = "Answer twice"
TREE = "b" * 40


def attempt(stage: Stage, name: str, files: Mapping[str, str], agent: str = "claude", title: str = TITLE) -> Path:
    """One that works; its worktree has these files."""
    base = git(stage.place.repository.root, "rev-parse", "HEAD")
    worktree = stage.place.paths.worktrees / f"swarm-{name}"
    session, task, run, branch = SessionId(name), TaskId(f"t{name}"), RunId(f"r{name}"), f"swarm/{name}"
    stage.tell(
        e.RunSubmitted(run, False, "no", "main"),
        e.TaskAdded(task, run, 1, title, title, agent, contest=CONTEST),
        e.SessionPlanned(session, task, run, agent, branch, "main", base, "main", str(worktree), 0),
    )
    worktrees(stage).add(str(worktree), branch, base)
    stage.tell(
        e.WorktreeReady(session, True),
        e.LaunchIntended(session, "tmux", 1),
        e.SessionStarted(session, ProcessId(1, 1, "boot"), "%1"),
    )
    for path, text in files.items():
        (worktree / path).parent.mkdir(exist_ok=True, parents=True)
        (worktree / path).write_text(text)
    return worktree


def gated(stage: Stage, name: str, **gates: tuple[Verdict, str, int | None]) -> None:
    """Its work is committed, and each gate said this: its verdict, its words, and how many tests passed."""
    finished(stage, name)
    rehearsed(stage, name, **gates)


def rehearsed(stage: Stage, name: str, **gates: tuple[Verdict, str, int | None]) -> None:
    session = known(stage, name)
    changed = GitIntegration(stage.place.repository, stage.place.paths.root).changed(session.base, session.head)
    numbers = git(stage.place.repository.root, "diff", "--numstat", session.base, session.head).split()
    size = Size(len(changed), sum(map(int, numbers[0::3])), sum(map(int, numbers[1::3])))
    results = tuple(
        GateResult(gate, TREE, verdict, words, int(verdict is not Verdict.PASS), tests, 3.5)
        for gate, (verdict, words, tests) in gates.items()
    )
    red = [f"{result.gate}: {result.words}" for result in results if result.verdict is not Verdict.PASS]
    stage.tell(
        e.RehearsalAsked(session.id),
        e.Rehearsed(session.id, session.head, session.base, TREE, results, size, ", ".join(red)),
    )
    if red:
        stage.tell(
            e.SessionKept(session.id, Outcome.REFUSED, ", ".join(red)),
            e.TaskFinished(session.task, Outcome.REFUSED, ", ".join(red)),
        )
