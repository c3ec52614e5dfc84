"""What every provisioner promises, real or fake."""

from __future__ import annotations

from pathlib import Path

import pytest

from swarmctl.core.config import WorktreeSettings
from swarmctl.core.ports import Provisioner
from swarmctl.edges.files.provision import FileProvisioner
from tests.fakes.files import Approvals, FakeProvisioner, PlainRunner


@pytest.fixture(params=["files", "fake"])
def provisioner(request: pytest.FixtureRequest, repo: Path) -> Provisioner:
    if request.param == "fake":
        return FakeProvisioner()
    (repo / ".env").write_text("KEY=1")
    return FileProvisioner(repo, PlainRunner(), Approvals(), lambda: [".env"], lambda: True)


@pytest.fixture
def worktree(tmp_path: Path) -> Path:
    path = tmp_path / "worktree"
    path.mkdir()
    return path


def test_what_is_to_be_copied_is_there_and_named(provisioner: Provisioner, worktree: Path, tmp_path: Path) -> None:
    made = provisioner.provision(str(worktree), WorktreeSettings(copy=(".env",)), {}, str(tmp_path / "log"))
    assert made.ok
    assert made.made == (".env",)
    assert (worktree / ".env").is_file()


def test_twice_is_as_good_as_once(provisioner: Provisioner, worktree: Path, tmp_path: Path) -> None:
    settings = WorktreeSettings(copy=(".env",))
    first = provisioner.provision(str(worktree), settings, {}, str(tmp_path / "log"))
    (worktree / ".env").write_text("changed since")
    assert provisioner.provision(str(worktree), settings, {}, str(tmp_path / "log")) == first
    assert (worktree / ".env").read_text() == "changed since"


def test_nothing_asked_for_is_nothing_made(provisioner: Provisioner, worktree: Path, tmp_path: Path) -> None:
    made = provisioner.provision(str(worktree), WorktreeSettings(), {}, str(tmp_path / "log"))
    assert (made.ok, made.words, made.made) == (True, "", ())
    assert list(worktree.iterdir()) == []


@pytest.mark.parametrize("broken", ["files", "fake"])
def test_a_failure_is_a_value_with_words(broken: str, repo: Path, worktree: Path, tmp_path: Path) -> None:
    provisioner: Provisioner = FakeProvisioner(words="setup ended with 3")
    if broken == "files":
        provisioner = FileProvisioner(repo, PlainRunner(), Approvals(), list, lambda: True)
    made = provisioner.provision(str(worktree), WorktreeSettings(setup="exit 3"), {}, str(tmp_path / "log"))
    assert not made.ok
    assert "ended with 3" in made.words
