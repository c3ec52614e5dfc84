"""Worktrees, trash and records on different disks: nothing is left behind, wherever a kill comes between."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from swarmctl.core.errors import EnvironmentFault
from swarmctl.edges.git.moving import move
from swarmctl.edges.git.worktrees import GitWorktrees
from tests.edges.git.conftest import Place, kill_at_every_step, open_place

OTHER_DISK = Path("/dev/shm")
COPYING = "shutil.copytree"


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Path]:
    if not OTHER_DISK.is_dir() or OTHER_DISK.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("there is no second disk here")
    folder = Path(tempfile.mkdtemp(prefix="swarm-", dir=OTHER_DISK))
    yield folder
    shutil.rmtree(folder)


def apart(place: Place, root: Path, state: Path) -> Place:
    """The same repository with its worktrees in `root`."""
    there = open_place(place.repo, state)
    root.mkdir(exist_ok=True)
    there.worktrees = GitWorktrees(there.repository, state, root)
    return there


@pytest.fixture(params=["worktrees", "state"])
def there(place: Place, elsewhere: Path, tmp_path: Path, request: pytest.FixtureRequest) -> tuple[Place, Path]:
    """The place, and where its worktrees are; the one named is on another disk than everything else."""
    if request.param == "worktrees":
        return apart(place, elsewhere / "trees", tmp_path / "far"), elsewhere / "trees"
    return apart(place, tmp_path / "trees", elsewhere / "far"), tmp_path / "trees"


def fill(path: Path) -> None:
    (path / ".gitignore").write_text("*.log\n")
    (path / "kept.log").write_text("ignored, and of value\n")
    (path / "README.md").write_text("edited\n")
    (path / "run").write_text("#!/bin/sh\n")
    (path / "run").chmod(0o755)
    (path / "closed").write_text("read-only\n")
    (path / "closed").chmod(0o444)
    (path / "folder" / "empty").mkdir(parents=True)
    (path / "to-file").symlink_to("README.md")
    (path / "to-folder").symlink_to("folder")
    (path / "to-nowhere").symlink_to("nowhere")


def everything(path: Path) -> dict[str, tuple[int, bytes]]:
    """Mode and content of all that is below, but for git's own."""
    found: dict[str, tuple[int, bytes]] = {}
    for folder, folders, names in os.walk(path):
        if ".git" in folders:
            folders.remove(".git")
        for name in {*folders, *names} - {".git"}:
            one = Path(folder, name)
            says = os.fsencode(one.readlink()) if one.is_symlink() else b"" if one.is_dir() else one.read_bytes()
            found[str(one.relative_to(path))] = (one.lstat().st_mode, says)
    return found


def session(place: Place, root: Path, name: str) -> tuple[Path, dict[str, tuple[int, bytes]]]:
    path = root / name
    place.worktrees.add(str(path), f"swarm/{name}", place.base)
    fill(path)
    return path, everything(path)


def remove(place: Place, path: Path) -> str:
    trash = str(place.state / "trash" / path.name)
    return place.worktrees.remove(str(path), trash, f"refs/swarm/trash/{path.name}", "removed").checkpoint


def restore(place: Place, path: Path, checkpoint: str) -> None:
    trash = str(place.state / "trash" / path.name)
    place.worktrees.restore(str(path), trash, f"swarm/{path.name}", place.base, checkpoint)


def leftovers(place: Place, root: Path) -> list[str]:
    """Halves that a killed move may leave: in the folders, and among git's records."""
    git = place.repository.common
    places = [*root.iterdir(), *(place.state / "trash").iterdir(), *git.glob("swarmctl-*")]
    return [str(each) for each in places if each.name.endswith((".part", ".copied")) or each.parent == git]


def test_a_session_goes_to_the_trash_on_another_disk_and_comes_back_whole(there: tuple[Place, Path]) -> None:
    place, root = there
    path, before = session(place, root, "one")
    for _ in range(2):
        checkpoint = remove(place, path)
        trash = place.state / "trash" / "one"
        assert not path.exists() and everything(trash) == before
        assert place.git("status", "--porcelain", cwd=trash).splitlines()[0] == " M README.md"
        restore(place, path, checkpoint)
        assert not trash.exists() and everything(path) == before
        assert place.git("status", "--branch", "--porcelain", cwd=path).splitlines()[0] == "## swarm/one"
    assert leftovers(place, root) == []


@pytest.mark.parametrize("there", ["state"], indirect=True)
def test_a_removal_to_another_disk_killed_anywhere_keeps_everything(there: tuple[Place, Path]) -> None:
    place, root = there
    before: dict[int, dict[str, tuple[int, bytes]]] = {}

    def prepare(step: int) -> Callable[[], object]:
        path, before[step] = session(place, root, f"s{step}")
        return lambda: remove(place, path)

    for step in kill_at_every_step(prepare, since=COPYING):
        path, trash = root / f"s{step}", place.state / "trash" / f"s{step}"
        remove(place, path)
        assert not path.exists() and everything(trash) == before[step]
        assert place.git("status", "--porcelain", cwd=trash).splitlines()[0] == " M README.md"
        assert str(path) not in place.git("worktree", "list", "--porcelain")
        assert leftovers(place, root) == []
    assert step > 20


@pytest.mark.parametrize("there", ["state"], indirect=True)
def test_a_restore_from_another_disk_killed_anywhere_brings_everything_back(there: tuple[Place, Path]) -> None:
    place, root = there
    before: dict[int, dict[str, tuple[int, bytes]]] = {}
    kept: dict[int, str] = {}

    def prepare(step: int) -> Callable[[], object]:
        path, before[step] = session(place, root, f"s{step}")
        kept[step] = remove(place, path)
        return lambda: restore(place, path, kept[step])

    for step in kill_at_every_step(prepare, since=COPYING):
        path = root / f"s{step}"
        restore(place, path, kept[step])
        assert everything(path) == before[step]
        assert place.git("status", "--branch", "--porcelain", cwd=path).splitlines()[0] == f"## swarm/s{step}"
        assert place.git("worktree", "list", "--porcelain").splitlines().count(f"worktree {path}") == 1
        assert not (place.state / "trash" / f"s{step}").exists()
        assert leftovers(place, root) == []
    assert step > 20


def test_a_move_killed_anywhere_has_one_whole_side_and_ends_whole(elsewhere: Path, tmp_path: Path) -> None:
    def ends(step: int) -> tuple[Path, Path]:
        return tmp_path / f"from{step}", elsewhere / f"to{step}"

    def prepare(step: int) -> Callable[[], object]:
        path, to = ends(step)
        path.mkdir()
        fill(path)
        return lambda: move(path, to)

    for step in kill_at_every_step(prepare):
        path, to = ends(step)
        sides = [path, to, to.with_name(f"{to.name}.part")]
        wanted = tmp_path / "wanted"
        shutil.rmtree(wanted, ignore_errors=True)
        wanted.mkdir()
        fill(wanted)
        assert everything(wanted) in [everything(side) for side in sides]
        if not to.exists() or path.exists() or path.with_name(f".{path.name}.copied").exists():
            try:
                move(path, to)
            except FileNotFoundError:
                assert to.exists(), "what was cut short after the copy is finished first"
        assert everything(to) == everything(wanted) and not path.exists()
    assert sorted(name.name for name in elsewhere.iterdir()) == sorted(f"to{n}" for n in range(1, step + 1))


def test_a_copy_that_cannot_be_whole_leaves_the_worktree_where_it_is(
    elsewhere: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, to, plain = tmp_path / "from", elsewhere / "to", shutil.copytree

    def changing(*args: Any, **kwargs: Any) -> object:
        done = plain(*args, **kwargs)
        (path / "README.md").write_text("changed\n")
        return done

    path.mkdir()
    fill(path)
    monkeypatch.setattr(shutil, "copytree", changing)
    with pytest.raises(EnvironmentFault, match=r"README\.md changed while it was copied"):
        move(path, to)
    assert (path / "kept.log").exists() and not to.exists()
