"""Files of ours in a folder that an agent may write, and has prepared."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from swarmctl.core.errors import EnvironmentFault
from swarmctl.edges.agents.answers import by_file
from swarmctl.edges.agents.spec import AgentSpec
from swarmctl.edges.agents.start import PROMPT_FILE, write_files

AGENT = AgentSpec("mine", "d", ("mine",), files={"plugin/ours.js": "ours\n"})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "own").mkdir()
    (tmp_path / ".bashrc").write_text("of a person\n")
    return tmp_path / "own"


@pytest.mark.parametrize("planted", ["..prompt.part", PROMPT_FILE])
def test_a_prompt_is_never_written_through_a_link(folder: Path, planted: str) -> None:
    (folder / planted).symlink_to(folder.parent / ".bashrc")
    write_files(AGENT, folder, "evil")
    assert (folder.parent / ".bashrc").read_text() == "of a person\n"
    assert (folder / PROMPT_FILE).read_text() == "evil"
    assert not (folder / PROMPT_FILE).is_symlink()


def test_a_prompt_waits_for_no_reader_of_a_pipe(folder: Path) -> None:
    os.mkfifo(folder / PROMPT_FILE)
    write_files(AGENT, folder, "words")
    assert (folder / PROMPT_FILE).read_text() == "words"


def test_a_folder_that_became_a_link_is_refused(folder: Path) -> None:
    (folder / "plugin").symlink_to(folder.parent)
    with pytest.raises(EnvironmentFault) as fault:
        write_files(AGENT, folder)
    assert str(folder / "plugin") in fault.value.message
    assert not (folder.parent / "ours.js").exists()


@pytest.mark.parametrize("target", ["own", "nowhere"])
def test_a_whole_folder_that_became_a_link_is_refused(folder: Path, target: str) -> None:
    (folder.parent / "other").symlink_to(target)
    with pytest.raises(EnvironmentFault):
        write_files(AGENT, folder.parent / "other", "evil")
    assert list(folder.iterdir()) == []


def test_a_file_that_became_a_folder_is_said_so(folder: Path) -> None:
    (folder / PROMPT_FILE).mkdir()
    with pytest.raises(EnvironmentFault):
        write_files(AGENT, folder, "words")
    assert {path.name for path in folder.iterdir()} == {PROMPT_FILE, "plugin"}


def test_an_answer_is_never_written_through_a_link(folder: Path) -> None:
    (folder / ".r1.part").symlink_to(folder.parent / ".bashrc")
    by_file(str(folder), "../r1", "allow", "evil")
    assert (folder.parent / ".bashrc").read_text() == "of a person\n"
    assert json.loads((folder / "r1").read_text()) == {"answer": "allow", "why": "evil"}
    assert (folder / "r1").stat().st_mode & 0o777 == 0o600
