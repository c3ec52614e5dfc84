"""Instructions under the name that an agent reads: what git really does with the links, and what stays as it is."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from swarmctl.edges.git.aliases import ignored_in
from swarmctl.edges.git.command import session_git_env
from tests.edges.git.conftest import Place


def instructed(place: Place, name: str, *files: str) -> Path:
    """A session's worktree whose base has these files."""
    for file in files:
        path = place.repo / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"rules of {file}\n")
    place.git("add", "--", *files)
    place.git("commit", "-q", "-m", "Rules")
    return place.add(name)


def agents_git(place: Place, worktree: Path, *args: str) -> str:
    env = session_git_env(Path("/dev/null"), ignored=ignored_in(place.repository, str(worktree)))
    done = subprocess.run(["git", *args], cwd=worktree, env={**os.environ, **env}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_an_agent_that_adds_everything_does_not_commit_the_links(place: Place) -> None:
    at = instructed(place, "one", "AGENTS.md", "deep/er/AGENTS.md")
    place.worktrees.exclude(str(at), [".env"])
    made = place.worktrees.alias(str(at), "CLAUDE.md", ["AGENTS.md"])
    (at / "work.txt").write_text("work\n")

    agents_git(place, at, "add", "-A")
    listed = agents_git(place, at, "diff", "--cached", "--name-only").split()

    assert made == ("CLAUDE.md", "deep/er/CLAUDE.md")
    assert (at / "deep/er/CLAUDE.md").readlink() == Path("AGENTS.md")
    assert listed == ["work.txt"]
    assert place.worktrees.alias(str(at), "CLAUDE.md", ["AGENTS.md"]) == made, "again, as after a resume"
    (at / ".env").write_text("KEY=x\n")
    work = place.worktrees.commit_work(str(at), "swarm/one", place.base, "Work")
    changed = place.git("diff", "--name-only", place.base, work.head).split()
    assert (changed, work.stopped) == (["work.txt"], "")


def test_what_is_written_through_a_link_is_work_on_the_file_behind_it(place: Place) -> None:
    at = instructed(place, "one", "AGENTS.md")
    place.worktrees.alias(str(at), "GEMINI.md", ["AGENTS.md", "CLAUDE.md"])
    with (at / "GEMINI.md").open("a") as file:
        file.write("- learnt\n")

    work = place.worktrees.commit_work(str(at), "swarm/one", place.base, "Work")

    assert work.committed == ("AGENTS.md",)


def test_what_the_user_ignores_everywhere_stays_ignored(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = place.repo.parent / "my-ignores"
    mine.write_text("*.swp\n")
    place.git("config", "core.excludesFile", str(mine))
    at = instructed(place, "one", "AGENTS.md")
    place.worktrees.alias(str(at), "CLAUDE.md", ["AGENTS.md"])
    (at / "x.swp").write_text("")

    assert agents_git(place, at, "status", "--porcelain") == ""


def test_what_the_agent_put_there_and_folders_that_lead_away_are_left_alone(place: Place) -> None:
    at = instructed(place, "one", "AGENTS.md", "sub/AGENTS.md")
    (at / "CLAUDE.md").write_text("my own\n")
    away = place.repo.parent / "away"
    away.mkdir()
    (away / "AGENTS.md").write_text("theirs\n")
    (at / "sub" / "AGENTS.md").unlink()
    (at / "sub").rmdir()
    (at / "sub").symlink_to(away)

    assert place.worktrees.alias(str(at), "CLAUDE.md", ["AGENTS.md"]) == ()
    assert (at / "CLAUDE.md").read_text() == "my own\n"
    assert list(away.iterdir()) == [away / "AGENTS.md"]


def test_without_links_the_agents_git_is_told_nothing(place: Place) -> None:
    assert ignored_in(place.repository, str(place.add("one"))) == ""
    assert ignored_in(place.repository, "/nowhere") == ""
