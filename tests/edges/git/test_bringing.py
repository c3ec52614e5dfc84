"""The target in a session's worktree: merged, fast-forwarded, conflicting, resolved, and killed at every step."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from swarmctl.core.bringing import Sides
from swarmctl.core.gate import Staged
from swarmctl.core.ports import Work
from tests.edges.git.conftest import AT, Place, files_below, killed_before


def moved(place: Place, files: dict[str, str], gone: tuple[str, ...] = ()) -> str:
    """The user commits on main."""
    for name, text in files.items():
        (place.repo / name).parent.mkdir(parents=True, exist_ok=True)
        (place.repo / name).write_text(text)
    for name in gone:
        (place.repo / name).unlink()
    place.git("add", "-A")
    place.git("commit", "-q", "-m", "Meanwhile")
    return place.base


def at(place: Place, name: str = "one") -> str:
    return str(place.state / "worktrees" / name)


def finish(place: Place, sides: Sides, name: str = "one") -> Work:
    return place.worktrees.commit_work(at(place, name), f"swarm/{name}", sides.ours, "The task\n", sides)


@pytest.fixture
def conflict(place: Place) -> Sides:
    """`app.py` changed on both sides; the merge lies in the worktree."""
    ours = place.branch("one", {"app.py": "ours\n", "own.py": "own\n"})
    sides = Sides(ours, moved(place, {"app.py": "theirs\n", "new.py": "new\n"}), "main")
    brought = place.worktrees.bring(at(place), "swarm/one", sides, leave=True)
    assert (brought.head, brought.conflicts) == (ours, ("app.py (contents)",))
    assert brought.log.endswith("Meanwhile")
    return sides


def test_a_clean_merge_is_a_commit_of_both_and_the_worktree_is_clean(place: Place) -> None:
    place.branch("one", {"own.py": "own\n"})
    path = at(place)
    place.git("-c", "user.name=Agent", "-c", "user.email=a@b", "commit", "-q", "--allow-empty", "-m", "Mine", cwd=path)
    ours = place.git("rev-parse", "swarm/one")
    sides = Sides(ours, moved(place, {"new.py": "new\n"}), "main")

    brought = place.worktrees.bring(at(place), "swarm/one", sides, leave=True)

    assert brought.changed and not brought.conflicts
    assert place.git("log", "-1", "--format=%P|%an|%s", brought.head) == (
        f"{ours} {sides.theirs}|Agent|Merge main into swarm/one"
    )
    assert place.git("rev-parse", "swarm/one") == brought.head
    assert place.git("status", "--porcelain=v2", "--branch", cwd=at(place)).count("\n") == 1
    assert files_below(Path(at(place)))["new.py"] == b"new\n"
    again = place.worktrees.bring(at(place), "swarm/one", sides, leave=True)
    assert again.head == brought.head


def test_a_branch_without_commits_of_its_own_is_moved(place: Place) -> None:
    place.add("one")
    sides = Sides(place.base, moved(place, {"new.py": "new\n"}), "main")
    brought = place.worktrees.bring(at(place), "swarm/one", sides, leave=True)
    assert (brought.head, brought.changed) == (sides.theirs, False)
    assert place.git("rev-parse", "swarm/one") == sides.theirs
    assert place.git("status", "--porcelain", cwd=at(place)) == ""


def test_a_conflict_that_may_not_stay_leaves_everything_as_it_was(place: Place) -> None:
    ours = place.branch("one", {"app.py": "ours\n"})
    before = files_below(Path(at(place)))
    sides = Sides(ours, moved(place, {"app.py": "theirs\n", "new.py": "new\n"}), "main")
    brought = place.worktrees.bring(at(place), "swarm/one", sides, leave=False)
    assert brought.conflicts == ("app.py (contents)",)
    assert files_below(Path(at(place))) == before
    assert place.git("status", "--porcelain", cwd=at(place)) == ""


@pytest.mark.parametrize("added", [False, True])
def test_markers_are_never_committed_whoever_says_that_it_is_done(place: Place, conflict: Sides, added: bool) -> None:
    if added:
        place.git("add", "-A", cwd=at(place))
    assert finish(place, conflict).stopped == "main is not merged: app.py has conflict markers"
    assert place.git("rev-parse", "swarm/one") == conflict.ours
    place.git("-c", "user.name=A", "-c", "user.email=a@b", "commit", "-qam", "Done", cwd=at(place))
    assert finish(place, conflict).stopped == "main is not merged: app.py has conflict markers"


def test_a_file_that_was_edited_is_resolved_without_any_git(place: Place, conflict: Sides) -> None:
    Path(at(place), "app.py").write_text("both\n")
    Path(at(place), "own.py").write_text("more\n")
    work = finish(place, conflict)
    assert (work.stopped, work.merged, work.changed) == ("", True, True)
    assert place.git("log", "-1", "--format=%P|%s", work.head) == (
        f"{conflict.ours} {conflict.theirs}|Merge main into swarm/one"
    )
    assert place.git("status", "--porcelain", cwd=at(place)) == ""
    assert {name: place.git("show", f"{work.head}:{name}") for name in ("app.py", "own.py", "new.py")} == {
        "app.py": "both", "own.py": "more", "new.py": "new"
    }  # fmt: skip
    assert finish(place, conflict) == Work(work.head, True, (), "", True)


def test_an_agent_that_gives_the_merge_up_has_not_merged(place: Place, conflict: Sides) -> None:
    place.git("merge", "--abort", cwd=at(place))
    work = finish(place, conflict)
    assert (work.head, work.stopped, work.merged) == (conflict.ours, "", False)


def test_an_agent_may_commit_the_merge_itself(place: Place, conflict: Sides) -> None:
    Path(at(place), "app.py").write_text("both\n")
    place.git("-c", "user.name=A", "-c", "user.email=a@b", "commit", "-qam", "Done", cwd=at(place))
    work = finish(place, conflict)
    assert (work.merged, work.stopped, work.committed) == (True, "", ())


def test_a_file_without_markers_is_resolved_only_by_a_deed(place: Place) -> None:
    ours = place.branch("one", {"app.py": "ours\n"})
    sides = Sides(ours, moved(place, {"new.py": "new\n"}, gone=("app.py",)), "main")
    brought = place.worktrees.bring(at(place), "swarm/one", sides, leave=True)
    assert brought.conflicts == ("app.py (modify/delete)",)
    assert "app.py is as the merge left it" in finish(place, sides).stopped
    place.git("add", "app.py", cwd=at(place))
    assert finish(place, sides).merged
    assert place.git("show", "swarm/one:app.py") == "ours"


def test_markers_that_a_side_has_anyway_are_its_text(place: Place) -> None:
    text = "how git shows it:\n<<<<<<< HEAD\nmine\n>>>>>>> other\n"
    ours = place.branch("one", {"app.py": text})
    sides = Sides(ours, moved(place, {"app.py": "theirs\n"}), "main")
    place.worktrees.bring(at(place), "swarm/one", sides, leave=True)
    Path(at(place), "app.py").write_text(text + "theirs\n")
    assert finish(place, sides).merged


def test_an_ignored_file_is_never_written_over(place: Place) -> None:
    ours = place.branch("one", {".gitignore": "local.txt\n"})
    Path(at(place), "local.txt").write_text("precious\n")
    sides = Sides(ours, moved(place, {"local.txt": "theirs\n"}), "main")
    brought = place.worktrees.bring(at(place), "swarm/one", sides, leave=True)
    assert "local.txt stands where main has a file" in brought.stopped
    assert Path(at(place), "local.txt").read_text() == "precious\n"
    assert place.git("rev-parse", "swarm/one") == ours


def linked(place: Place, shared: Path, files: dict[str, str]) -> Sides:
    """`vendor` is a link to `shared` in the session's work, and a folder with the same files on main."""
    for name in ("x", "deep"):
        (shared / name).mkdir(parents=True, exist_ok=True)
        (shared / name / "y").write_text("y\n")
    (place.repo / "vendor").symlink_to(shared)
    place.git("add", "-A")
    place.git("commit", "-q", "-m", "A link")
    ours = place.branch("one", {"app.py": "ours\n"})
    (place.repo / "vendor").unlink()
    new = {"vendor/x/y": "y\n", "vendor/deep/y": "y\n", **files}
    return Sides(ours, moved(place, new), "main")


def test_a_link_that_becomes_a_folder_takes_nothing_away_from_where_it_led(place: Place, tmp_path: Path) -> None:
    sides = linked(place, tmp_path / "shared", {})
    brought = place.worktrees.bring(at(place), "swarm/one", sides, leave=True)
    assert (brought.stopped, brought.conflicts) == ("", ())
    assert not Path(at(place), "vendor").is_symlink() and Path(at(place), "vendor/deep/y").read_text() == "y\n"
    assert set(files_below(tmp_path / "shared")) >= {"x/y", "deep/y"}
    assert place.git("status", "--porcelain", cwd=at(place)) == ""


def test_a_link_that_comes_back_after_a_conflict_loses_nothing_behind_it(place: Place, tmp_path: Path) -> None:
    sides = linked(place, tmp_path / "shared", {"app.py": "theirs\n"})
    brought = place.worktrees.bring(at(place), "swarm/one", sides, leave=False)
    assert brought.conflicts == ("app.py (contents)",)
    assert Path(at(place), "vendor").is_symlink()
    assert set(files_below(tmp_path / "shared")) >= {"x/y", "deep/y"}
    assert place.git("status", "--porcelain", cwd=at(place)) == ""


@pytest.mark.parametrize("theirs", ["README.md", "app.py"])
def test_killed_at_every_step_it_comes_to_the_same_end(place: Place, theirs: str) -> None:
    """`README.md` merges, `app.py` conflicts."""
    sides: dict[int, Sides] = {}

    def prepare(step: int) -> Callable[[], object]:
        ours = place.branch(f"s{step}", {"app.py": f"ours {step}\n", "own.py": "own\n"})
        sides[step] = Sides(ours, moved(place, {theirs: f"theirs {step}\n", f"new{step}.py": "new\n"}), "main")
        return lambda: place.worktrees.bring(at(place, f"s{step}"), f"swarm/s{step}", sides[step], leave=True)

    step = 0
    while killed_before(prepare(step := step + 1), step):
        name = f"s{step}"
        brought = place.worktrees.bring(at(place, name), f"swarm/{name}", sides[step], leave=True)
        assert bool(brought.conflicts) == (theirs == "app.py")
        files = files_below(Path(at(place, name)))
        assert (files["own.py"], files[f"new{step}.py"]) == (b"own\n", b"new\n")
        if brought.conflicts:
            Path(at(place, name), "app.py").write_text("both\n")
            assert finish(place, sides[step], name).merged
        assert place.git("status", "--porcelain", cwd=at(place, name)) == ""
        assert place.git("log", "-1", "--format=%P", f"swarm/{name}") == f"{sides[step].ours} {sides[step].theirs}"
    assert step > 5


@pytest.mark.parametrize("theirs", ["README.md", "app.py"])
def test_killed_at_every_step_it_is_taken_back_whole(place: Place, theirs: str) -> None:
    sides: dict[int, Sides] = {}
    before: dict[int, dict[str, bytes]] = {}

    def prepare(step: int) -> Callable[[], object]:
        ours = place.branch(f"s{step}", {"app.py": f"ours {step}\n", "own.py": "own\n"})
        before[step] = files_below(Path(at(place, f"s{step}")))
        sides[step] = Sides(ours, moved(place, {theirs: f"theirs {step}\n", f"new{step}.py": "new\n"}), "main")
        return lambda: place.worktrees.bring(at(place, f"s{step}"), f"swarm/s{step}", sides[step], leave=True)

    step = 0
    while killed_before(prepare(step := step + 1), step):
        name = f"s{step}"
        head = place.worktrees.take_back(at(place, name), f"swarm/{name}", sides[step]).whole
        assert place.git("rev-parse", f"swarm/{name}") == (head or sides[step].ours)
        assert place.git("status", "--porcelain", cwd=at(place, name)) == ""
        assert bool(head) == (files_below(Path(at(place, name))) != before[step])
    assert step > 5


@pytest.mark.parametrize("doing", ["commit", "rebase"])
def test_what_somebody_did_there_since_is_left_alone_and_said(place: Place, doing: str) -> None:
    ours = place.branch("one", {"app.py": "ours\n"})
    sides = Sides(ours, moved(place, {"app.py": "theirs\n"}), "main")
    if doing == "commit":
        place.git("commit", "-q", "--allow-empty", "-m", "Mine", cwd=at(place))
        expected = "HEAD of"
    else:
        place.git("rebase", "main", cwd=at(place), check=False)
        place.git("update-ref", "--no-deref", "HEAD", ours, cwd=at(place))
        expected = "in the middle of a rebase"
    before = files_below(Path(at(place)))

    back = place.worktrees.take_back(at(place), "swarm/one", sides)

    assert not back.whole and expected in back.left
    assert files_below(Path(at(place))) == before


def test_a_landing_by_rebase_takes_the_resolution_and_not_the_commits_that_conflicted(
    place: Place, conflict: Sides
) -> None:
    Path(at(place), "app.py").write_text("both\n")
    head = finish(place, conflict).head
    tip = moved(place, {"later.py": "later\n"})
    staged = place.integration.stage(tip, head, "rebase", "The task\n", AT)
    assert isinstance(staged, Staged)
    assert place.git("show", f"{staged.commit}:app.py") == "both"
    assert set(place.git("ls-tree", "-r", "--name-only", staged.commit).split()) >= {"own.py", "new.py", "later.py"}
    assert place.git("rev-list", "--count", "--merges", f"{tip}..{staged.commit}") == "0"
