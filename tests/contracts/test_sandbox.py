"""What every sandbox and all outskirts promise, real or fake."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from swarmctl.core.containment import Fence
from swarmctl.core.errors import EnvironmentFault
from swarmctl.core.fencing import Outskirts, Sandbox
from swarmctl.edges.git.repository import open_repository
from swarmctl.edges.sandbox.bubblewrap import Bubblewrap
from swarmctl.edges.sandbox.outside import FileOutskirts
from tests.fakes.fencing import FakeOutskirts, FakeSandbox


@pytest.fixture(params=["bubblewrap", "fake"])
def sandbox(request: pytest.FixtureRequest, repo: Path) -> Sandbox:
    if request.param == "fake":
        return FakeSandbox()
    real = Bubblewrap(repo, repo / ".git")
    if trouble := real.trouble():
        pytest.skip(f"NO SANDBOX HERE: {trouble}")
    return real


@pytest.fixture
def fence(repo: Path, tmp_path: Path) -> Fence:
    return Fence(worktree=str(repo), home=str(tmp_path))


def test_a_program_runs_with_its_own_words_and_its_own_exit(sandbox: Sandbox, fence: Fence) -> None:
    argv = sandbox.confine(("sh", "-c", 'printf "%s" "$1"; exit 7', "sh", "--a b\n'c"), fence)
    done = subprocess.run(argv, cwd=fence.worktree, capture_output=True, text=True)
    assert (done.stdout, done.returncode) == ("--a b\n'c", 7)


def test_the_same_fence_is_the_same_argv(sandbox: Sandbox, fence: Fence) -> None:
    assert sandbox.confine(("true",), fence) == sandbox.confine(("true",), fence)


@pytest.mark.parametrize("kind", ["bubblewrap", "fake"])
def test_without_one_nothing_is_confined_and_it_is_said_why(kind: str, repo: Path, fence: Fence) -> None:
    broken = FakeSandbox("it is missing") if kind == "fake" else Bubblewrap(repo, repo / ".git", path="/nowhere")
    assert broken.trouble()
    with pytest.raises(EnvironmentFault) as caught:
        broken.confine(("true",), fence)
    assert broken.trouble() in caught.value.message
    assert caught.value.hint


@pytest.fixture(params=["files", "fake"])
def scene(request: pytest.FixtureRequest, repo: Path) -> tuple[Outskirts, Path]:
    """The outskirts, and a home in which a file changes them."""
    home = repo.parent / "home"
    home.mkdir()
    if request.param == "files":
        return FileOutskirts(repo, repo / ".git", (), list, resolve=open_repository(repo).resolve), home
    return FakeOutskirts(stands="refs/heads/main".__eq__), home


def touch(scene: tuple[Outskirts, Path]) -> None:
    outskirts, home = scene
    if isinstance(outskirts, FakeOutskirts):
        outskirts.things["~/.profile"] = "changed"
    else:
        (home / ".profile").write_text("changed")


def test_what_changed_since_it_was_noted_is_named(scene: tuple[Outskirts, Path], tmp_path: Path) -> None:
    outskirts, home = scene
    outskirts.note(str(tmp_path / "run"), str(home), ())
    assert outskirts.changed(str(tmp_path / "run"), (), ()) == ()
    touch(scene)
    assert outskirts.changed(str(tmp_path / "run"), (), ()) == ("~/.profile",)


def test_what_is_the_agents_own_to_change_is_not_named(scene: tuple[Outskirts, Path], tmp_path: Path) -> None:
    outskirts, home = scene
    outskirts.note(str(tmp_path / "run"), str(home), (), [str(home / ".profile")])
    touch(scene)
    assert outskirts.changed(str(tmp_path / "run"), (), ()) == ()


def test_of_what_was_never_noted_nothing_is_said(scene: tuple[Outskirts, Path], tmp_path: Path) -> None:
    touch(scene)
    assert scene[0].changed(str(tmp_path / "none"), (), ()) == ()


def test_refs_that_were_not_there_are_known_by_where_they_should_have_been(
    scene: tuple[Outskirts, Path], tmp_path: Path
) -> None:
    outskirts, _ = scene
    run = str(tmp_path / "run")
    assert outskirts.lacked(run) is None
    outskirts.note_refs(run, {"refs/heads/main": "1" * 40, "refs/heads/gone": "2" * 40})
    assert outskirts.lacked(run) == {"refs/heads/gone": "2" * 40}
    outskirts.note_refs(run, {})
    assert outskirts.lacked(run) == {}
