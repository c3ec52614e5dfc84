"""A session on the stage whose worktree is real: what it changed can be read."""

from __future__ import annotations

import subprocess
from pathlib import Path

from swarmctl.core import events as e
from swarmctl.core.ids import RunId, SessionId, TaskId
from swarmctl.core.outcome import Outcome
from swarmctl.core.session import Exit, ProcessId, Session
from swarmctl.edges.git.worktrees import GitWorktrees
from tests.surfaces.tui.stage import Stage


def git(repo: Path, *args: str) -> str:
    done = subprocess.run(["git", "-C", str(repo), *args], check=True, capture_output=True, text=True)
    return done.stdout.strip()


def at_work(stage: Stage, name: str, title: str = "") -> Path:
    """Its worktree; its agent is said to run."""
    place = stage.place
    base = git(place.repository.root, "rev-parse", "HEAD")
    worktree = place.paths.worktrees / f"swarm-{name}"
    stage.waiting(name, title)
    session, branch = SessionId(name), f"swarm/{name}"
    stage.tell(
        e.SessionPlanned(
            session, TaskId(f"t{name}"), RunId(f"r{name}"), "claude", branch, "main", base, "main", str(worktree), 0
        ),
    )
    worktrees(stage).add(str(worktree), branch, base)
    stage.tell(
        e.WorktreeReady(session, True),
        e.LaunchIntended(session, "tmux", 1),
        e.SessionStarted(session, ProcessId(1, 1, "boot"), "%1"),
    )
    return worktree


def finished(stage: Stage, name: str) -> None:
    """Its work is committed on its branch, and it is ready."""
    session = known(stage, name)
    work = worktrees(stage).commit_work(session.worktree, session.branch, session.base, f"Work of {name}\n")
    stage.tell(
        e.SessionEnded(session.id, Exit(0), "exit file"),
        e.WorkCommitted(session.id, work.head, len(work.committed)),
        e.SessionReady(session.id, work.head),
        e.TaskFinished(TaskId(f"t{name}"), Outcome.READY, "ready"),
    )


def known(stage: Stage, name: str) -> Session:
    return stage.log.facts.sessions[SessionId(name)]


def worktrees(stage: Stage) -> GitWorktrees:
    place = stage.place
    return GitWorktrees(place.repository, place.paths.root, place.paths.worktrees)
