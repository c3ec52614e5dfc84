"""A look is whole or None, and ends."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from swarmctl.edges.git import peek
from swarmctl.edges.git.peek import peeker


def test_a_look_gives_the_words_of_git(repo: Path) -> None:
    assert peeker(str(repo))("ls-files") == b"README.md\napp.py\n"


def test_nothing_found_is_an_answer_and_a_failure_is_none(repo: Path) -> None:
    look = peeker(str(repo))
    assert look("grep", "-F", "-e", "no such words") == b""
    assert look("cat-file", "blob", "HEAD:nowhere") is None


def test_what_is_too_much_is_none(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peek, "MOST", 5)
    assert peeker(str(repo))("ls-files") is None


def test_what_takes_too_long_is_ended(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peek, "LONGEST_S", 0.2)
    assert peeker(str(repo))("-c", "alias.wait=!sleep 600", "wait") is None


def test_an_answer_that_came_with_a_warning_is_none(repo: Path) -> None:
    subprocess.run(["git", "-C", str(repo), "tag", "main"], check=True, capture_output=True)
    assert peeker(str(repo))("rev-parse", "main") is None
