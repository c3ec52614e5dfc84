"""What goes with the trash of a session, and what stays as long as it may come back."""

from __future__ import annotations

from pathlib import Path

import pytest

from swarmctl.app.collect import disk_use, empty_trash
from swarmctl.core.config import TrashSettings
from swarmctl.core.ids import SessionId
from swarmctl.edges.files.paths import FOLDERS, StatePaths
from tests.fakes.asking import ask
from tests.fakes.desk import World

LATER = 1e12


@pytest.fixture
def paths(tmp_path: Path) -> StatePaths:
    paths = StatePaths(tmp_path / "state", tmp_path, tmp_path / ".git", tmp_path / "run")
    for name in FOLDERS:
        (paths.root / name).mkdir(parents=True)
    return paths


def files_of(paths: StatePaths, session: SessionId) -> list[Path]:
    found = [paths.root / folder / session / "deep" / "file" for folder in ("agent", "answers")]
    for path in found:
        path.parent.mkdir(parents=True)
        path.write_text("words" * 1000)
    return found


def collected(world: World, paths: StatePaths, now: float) -> None:
    for event in empty_trash(world.facts, paths, TrashSettings(), now):
        world.log.append(event)


def test_the_files_of_an_agent_go_with_the_trash_of_its_session_and_not_before(paths: StatePaths) -> None:
    world = World()
    name, other = world.ready(), world.ready()
    mine, others = files_of(paths, name), files_of(paths, other)
    ask(world, "rm", id=name)
    (paths.trash / name).mkdir()

    collected(world, paths, (paths.trash / name).stat().st_ctime + 1)
    assert all(path.exists() for path in (*mine, *others))
    assert disk_use(paths)["agent"] >= 10_000

    collected(world, paths, LATER)
    assert world.session(name).place == "deleted"
    assert not any(path.exists() for path in mine)
    assert all(path.exists() for path in others)


def test_what_was_left_when_it_was_cut_short_goes_the_next_time(paths: StatePaths) -> None:
    world = World()
    name = world.ready()
    ask(world, "rm", id=name)
    collected(world, paths, LATER)
    left = files_of(paths, name)
    strange = files_of(paths, SessionId("unknown"))
    collected(world, paths, LATER)
    assert not any(path.exists() for path in left)
    assert all(path.exists() for path in strange)
