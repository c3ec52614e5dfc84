"""A new repository with given files in one commit, for the demo."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from swarmctl.edges.git.command import Git


def make_repository(root: Path, files: Mapping[str, str]) -> None:
    root.mkdir(parents=True)
    git = Git(root / ".git", root)
    git.run("init", "--quiet", "--initial-branch=main", "--template=")
    for name, text in files.items():
        (root / name).write_text(text)
    git.run("add", "--all")
    identity = [("user.name", "You"), ("user.email", "you@example.com")]
    git.having(identity).run("commit", "--quiet", "-m", "A program that says hello")
    for key, value in identity:
        git.run("config", key, value)
