"""Killed before every single side effect, then asked again: all is complete and nothing is lost."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.edges.git.conftest import Place, files_below, kill_at_every_step, killed_after

REF = "refs/swarm/checkpoint/x"
LEFT = {"README.md": b"edited\n", "new/file.txt": b"new\n", "app.py": b"def answer() -> int:\n    return 42\n"}


def worked_in(place: Place, name: str) -> Path:
    path = place.add(name)
    (path / "README.md").write_text("edited\n")
    (path / "new").mkdir()
    (path / "new" / "file.txt").write_text("new\n")
    return path


def kept(place: Place, commit: str) -> dict[str, bytes]:
    names = place.git("ls-tree", "-r", "-z", "--name-only", commit).split("\0")
    return {name: place.git("show", f"{commit}:{name}").encode() + b"\n" for name in names if name}


def registered(place: Place) -> list[str]:
    lines = place.git("worktree", "list", "--porcelain").splitlines()
    return [line.removeprefix("worktree ") for line in lines if line.startswith("worktree ")]


def check_added(place: Place, path: Path, name: str) -> None:
    assert sorted(files_below(path)) == ["README.md", "app.py"]
    assert place.git("status", "--porcelain=v1", "--branch", cwd=path) == f"## swarm/{name}"
    assert place.git("rev-parse", "HEAD", cwd=path) == place.base
    assert registered(place).count(str(path)) == 1


@pytest.mark.parametrize("pool", [0, 1])
def test_an_add_killed_anywhere_is_finished_by_the_next(place: Place, pool: int) -> None:
    def prepare(step: int) -> Callable[[], object]:
        place.worktrees.fill_pool(place.base, pool)
        return lambda: place.add(f"s{step}")

    for step in kill_at_every_step(prepare):
        check_added(place, place.add(f"s{step}"), f"s{step}")
    assert step > 10


def test_a_pool_killed_while_filling_hands_out_only_whole_worktrees(place: Place) -> None:
    def prepare(step: int) -> Callable[[], object]:
        return lambda: place.worktrees.fill_pool(place.base, 2)

    for step in kill_at_every_step(prepare):
        place.worktrees.fill_pool(place.base, 2)
        assert len(list((place.state / "pool").iterdir())) == 2
        for name in (f"s{step}", f"t{step}"):
            check_added(place, place.add(name), name)
    assert step > 10


def test_a_pool_killed_on_its_way_to_a_newer_base_gets_there(place: Place) -> None:
    def prepare(step: int) -> Callable[[], object]:
        place.worktrees.fill_pool(place.base, 1)
        place.git("commit", "-q", "--allow-empty", "-m", f"move {step}")
        return lambda: place.worktrees.fill_pool(place.base, 1)

    for _ in kill_at_every_step(prepare):
        place.worktrees.fill_pool(place.base, 1)
        [parked] = (place.state / "pool").iterdir()
        assert place.git("rev-parse", "HEAD", cwd=parked) == place.base
        assert place.git("status", "--porcelain", cwd=parked) == ""


def test_a_checkpoint_killed_anywhere_is_complete_the_next_time(place: Place) -> None:
    path = worked_in(place, "one")

    def prepare(step: int) -> Callable[[], object]:
        return lambda: place.worktrees.checkpoint(str(path), f"{REF}{step}", "checkpoint")

    for step in kill_at_every_step(prepare):
        commit = place.worktrees.checkpoint(str(path), f"{REF}{step}", "checkpoint")
        assert kept(place, commit) == LEFT == files_below(path)
        assert place.git("rev-parse", f"{REF}{step}") == commit
        assert place.git("status", "--porcelain", cwd=path) == " M README.md\n?? new/"


def test_work_is_committed_once_however_often_it_was_killed(place: Place) -> None:
    def prepare(step: int) -> Callable[[], object]:
        path = worked_in(place, f"s{step}")
        return lambda: place.worktrees.commit_work(str(path), f"swarm/s{step}", place.base, "The task\n")

    for step in kill_at_every_step(prepare):
        path = place.state / "worktrees" / f"s{step}"
        work = place.worktrees.commit_work(str(path), f"swarm/s{step}", place.base, "The task\n")
        assert kept(place, work.head) == LEFT == files_below(path)
        assert place.git("rev-list", "--count", f"main..swarm/s{step}") == "1"
        assert place.git("status", "--porcelain", cwd=path) == ""


def test_a_removal_killed_anywhere_ends_in_the_trash_with_everything(place: Place) -> None:
    def names(step: int) -> tuple[str, str, str]:
        return (
            str(place.state / "worktrees" / f"s{step}"),
            str(place.state / "trash" / f"s{step}"),
            f"refs/swarm/trash/s{step}",
        )

    def prepare(step: int) -> Callable[[], object]:
        worked_in(place, f"s{step}")
        path, trash, ref = names(step)
        return lambda: place.worktrees.remove(path, trash, ref, "removed")

    for step in kill_at_every_step(prepare):
        path, trash, ref = names(step)
        removed = place.worktrees.remove(path, trash, ref, "removed")
        assert removed.trash == trash
        assert kept(place, removed.checkpoint) == LEFT == files_below(Path(trash))
        assert not Path(path).exists()
        assert path not in registered(place)
        assert place.git("status", "--porcelain", cwd=Path(trash)) == " M README.md\n?? new/"


@pytest.mark.parametrize("from_trash", [True, False])
def test_a_restore_killed_anywhere_brings_everything_back(place: Place, from_trash: bool) -> None:
    removals: dict[int, str] = {}

    def restore(step: int) -> None:
        trash = str(place.state / "trash" / f"s{step}") if from_trash else str(place.state / "nowhere")
        path = str(place.state / "worktrees" / f"s{step}")
        place.worktrees.restore(path, trash, f"swarm/s{step}", place.base, removals[step])

    def prepare(step: int) -> Callable[[], object]:
        path = worked_in(place, f"s{step}")
        ref = f"refs/swarm/trash/s{step}"
        removals[step] = place.worktrees.remove(
            str(path), str(place.state / "trash" / f"s{step}"), ref, "rm"
        ).checkpoint
        place.git("branch", "-q", "-D", f"swarm/s{step}")
        return lambda: restore(step)

    for step in kill_at_every_step(prepare):
        restore(step)
        path = place.state / "worktrees" / f"s{step}"
        assert files_below(path) == LEFT
        assert place.git("status", "--porcelain=v1", "--branch", cwd=path) == f"## swarm/s{step}\n M README.md\n?? new/"
        assert registered(place).count(str(path)) == 1


def test_the_gates_worktree_is_exact_after_a_kill_anywhere(place: Place) -> None:
    bench = place.state / "integration" / "main"
    one = place.branch("one", {"a.txt": "a\n"})
    two = place.branch("two", {"b.txt": "b\n", "app.py": "changed\n"})

    def prepare(step: int) -> Callable[[], object]:
        return lambda: place.integration.check_out(str(bench), one if step % 2 else two)

    for step in kill_at_every_step(prepare):
        wanted = two if step % 2 else one
        place.integration.check_out(str(bench), wanted)
        assert files_below(bench) == kept(place, wanted)
        assert place.git("rev-parse", "HEAD", cwd=bench) == wanted
        (bench / "junk").write_text("left by a gate\n")


def moments(seed: int, count: int) -> Iterator[float]:
    chance = random.Random(seed)
    return (chance.uniform(0.001, 0.06) for _ in range(count))


def insist(operation: Callable[[], object], moment: float) -> int:
    """Ask again until it is through, each time with a little more life; how often it was killed."""
    kills = 0
    while killed_after(operation, moment):
        kills += 1
        moment *= 1.3
    return kills


def one_life(place: Place, name: str, moments: Iterator[float]) -> int:
    path, trash, branch, ref = (
        place.state / "worktrees" / name,
        place.state / "trash" / name,
        f"swarm/{name}",
        f"refs/swarm/trash/{name}",
    )
    kills = insist(lambda: place.add(name), next(moments))
    check_added(place, path, name)
    (path / "new.txt").write_text("work\n")
    kills += insist(lambda: place.worktrees.checkpoint(str(path), f"{REF}{name}", "c"), next(moments))
    kills += insist(lambda: place.worktrees.commit_work(str(path), branch, place.base, "T\n"), next(moments))
    kills += insist(lambda: place.worktrees.remove(str(path), str(trash), ref, "rm"), next(moments))
    assert (trash / "new.txt").read_text() == "work\n"
    assert place.git("show", f"{branch}:new.txt") == place.git("show", f"{ref}:new.txt") == "work"
    assert str(path) not in registered(place)
    return kills


def test_a_session_outlives_kills_at_random_moments_while_git_itself_runs(place: Place) -> None:
    chance = random.Random(7)
    moments = iter(lambda: chance.uniform(0.001, 0.04), None)
    assert sum(one_life(place, f"r{number}", moments) for number in range(12)) > 12
