"""What `Worktrees.reject` promises, over real git and over the fake."""

from __future__ import annotations

import pytest

from swarmctl.core.rejection import Rejection, Run
from tests.contracts.test_worktrees import World, base, place as place, world as world

BRANCH = "swarm/task-abcde"
CODE = b"def answer() -> int:\n    return 42\n"


def worked(world: World, place: str) -> Rejection:
    """A file of its own, one changed in two places, one gone; the whole of `app.py` is not wanted."""
    world.write(place, "app.py", b"import os\n" + CODE.replace(b"42", b"43"))
    world.write(place, "deep/new.py", b"new\n")
    world.delete(place, "README.md")
    work = world.worktrees.commit_work(place, BRANCH, base(world), "Work\n")
    return Rejection(base(world), work.head, "app.py", "app.py")


def of(what: Rejection, path: str, run: Run | None = None) -> Rejection:
    return Rejection(what.before, what.after, path, path, run)


def test_a_changed_an_added_and_a_deleted_file_are_as_they_were(world: World, place: str) -> None:
    what = worked(world, place)
    for path in ("app.py", "deep/new.py", "README.md"):
        assert world.worktrees.reject(place, of(what, path)) == ""
        work = world.worktrees.commit_work(place, BRANCH, base(world), "Reject\n")
        what = Rejection(what.before, work.head, path, path)
    assert world.files(place) == {"README.md": b"# a project\n", "app.py": CODE}
    assert world.kept(work.head) == world.files(place)


@pytest.mark.parametrize(
    ("run", "left"),
    [
        (Run(1, 0, 1, 1), CODE.replace(b"42", b"43")),
        (Run(2, 1, 3, 1), b"import os\n" + CODE),
    ],
)
def test_one_run_of_lines_is_as_it_was_and_the_rest_stays(world: World, place: str, run: Run, left: bytes) -> None:
    what = of(worked(world, place), "app.py", run)
    assert world.worktrees.reject(place, what) == ""
    assert world.files(place)["app.py"] == left and "deep/new.py" in world.files(place)
    assert world.worktrees.reject(place, what) == "", "begun again, before anything was committed"
    work = world.worktrees.commit_work(place, BRANCH, base(world), "Reject\n")
    assert world.worktrees.reject(place, what) == "", "and after it"
    assert world.kept(work.head)["app.py"] == left


def test_what_changed_since_somebody_looked_is_left_alone(world: World, place: str) -> None:
    what = worked(world, place)
    world.write(place, "app.py", b"later\n")
    world.worktrees.commit_work(place, BRANCH, base(world), "Later\n")
    assert world.worktrees.reject(place, what) == "it changed since you looked"
    assert world.worktrees.reject(place, of(what, "deep/new.py")) == "it changed since you looked"
    assert world.files(place)["app.py"] == b"later\n" and "deep/new.py" in world.files(place)
