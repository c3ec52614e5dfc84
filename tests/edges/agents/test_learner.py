"""Where a line goes that agents should know, and that it goes there once."""

from __future__ import annotations

from pathlib import Path

from swarmctl.edges.agents.learner import HEAD, instructions, learn


def test_a_line_goes_to_the_end_of_the_instructions(tmp_path: Path) -> None:
    (tmp_path / "CLAUDE.md").write_text("# Rules\n\n- one\n")

    assert learn(tmp_path, "two") == tmp_path / "CLAUDE.md"
    assert (tmp_path / "CLAUDE.md").read_text() == "# Rules\n\n- one\n- two\n"


def test_a_list_is_begun_apart_from_prose(tmp_path: Path) -> None:
    (tmp_path / "AGENTS.md").write_bytes(b"Be kind \xff.")
    learn(tmp_path, "two")
    assert (tmp_path / "AGENTS.md").read_bytes() == b"Be kind \xff.\n\n- two\n"


def test_a_line_that_is_there_already_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "AGENTS.md").write_text("* one  \ntext")
    learn(tmp_path, "one")
    assert (tmp_path / "AGENTS.md").read_text() == "* one  \ntext"


def test_without_instructions_there_are_some_afterwards(tmp_path: Path) -> None:
    learn(tmp_path, "one")
    assert (tmp_path / "AGENTS.md").read_text() == f"{HEAD}\n- one\n"


def test_a_file_that_stands_for_another_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "CLAUDE.md").write_text("rules\n")
    (tmp_path / "AGENTS.md").symlink_to("CLAUDE.md")
    assert instructions(tmp_path) == tmp_path / "CLAUDE.md"
    (tmp_path / "AGENTS.md").unlink()
    (tmp_path / "AGENTS.md").write_text("rules\n")
    (tmp_path / "CLAUDE.md").write_text("@AGENTS.md\n")
    assert instructions(tmp_path) == tmp_path / "AGENTS.md"
