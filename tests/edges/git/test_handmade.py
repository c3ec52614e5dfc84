"""Worktrees that a person made: which of them can be a session's, and that holding and giving back changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from swarmctl.core.errors import SwarmError
from swarmctl.edges.git.worktrees import GitWorktrees
from tests.edges.git.conftest import Place, files_below

Prepare = Callable[[Place, Path], str]


@pytest.fixture
def mine(place: Place, tmp_path: Path) -> Path:
    """On the branch `topic`, with one commit of its own and something loose."""
    path = tmp_path / "topic"
    place.git("worktree", "add", "-q", "-b", "topic", str(path))
    (path / "own.txt").write_text("own\n")
    place.git("add", "own.txt", cwd=path)
    place.git("commit", "-q", "-m", "Begin", cwd=path)
    (path / "loose.txt").write_text("loose\n")
    return path


def lent(place: Place) -> GitWorktrees:
    """As the supervisor has it, whose ledger knows which worktrees were lent."""
    return GitWorktrees(place.repository, place.state, lent=lambda path: path.endswith("/topic"))


@pytest.mark.parametrize("name", ["topic", "{path}", "{path}/deep/er", "{link}"])
def test_a_worktree_is_found_by_its_branch_and_by_any_path_in_it(place: Place, mine: Path, name: str) -> None:
    (mine / "deep" / "er").mkdir(parents=True)
    (mine.parent / "link").symlink_to(mine)

    found = place.worktrees.look_at(name.format(path=mine, link=mine.parent / "link"), "")

    assert (found.path, found.branch, found.subject) == (str(mine.resolve()), "topic", "Begin")
    assert found.fork == place.base
    assert found.uncommitted == ("loose.txt",)


def detached(place: Place, mine: Path) -> str:
    place.git("checkout", "-q", "--detach", cwd=mine)
    return "HEAD is detached"


def locked(place: Place, mine: Path) -> str:
    place.git("worktree", "lock", "--reason", "on a stick", str(mine))
    return "is locked: on a stick"


def merging(place: Place, mine: Path) -> str:
    place.git("checkout", "-q", "-b", "other", place.base, cwd=mine)
    (mine / "own.txt").unlink(missing_ok=True)
    (mine / "own.txt").write_text("another\n")
    place.git("add", "own.txt", cwd=mine)
    place.git("commit", "-q", "-m", "Another", cwd=mine)
    place.git("merge", "topic", cwd=mine, check=False)
    return "a merge is under way"


def of_the_target(place: Place, mine: Path) -> str:
    place.git("checkout", "-q", "--detach")
    place.git("checkout", "-q", "main", cwd=mine)
    return "has main checked out"


def of_the_trunk(place: Place, mine: Path) -> str:
    """The main checkout is elsewhere, and what is adopted would land there."""
    place.git("checkout", "-q", "-b", "elsewhere")
    place.git("checkout", "-q", "main", cwd=mine)
    return "has main checked out"


def of_the_remotes(place: Place, mine: Path) -> str:
    place.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/topic")
    return "has topic checked out"


def unrelated(place: Place, mine: Path) -> str:
    place.git("checkout", "-q", "--orphan", "alone", cwd=mine)
    place.git("commit", "-q", "-m", "Alone", cwd=mine)
    return "no commit in common"


def unborn(place: Place, mine: Path) -> str:
    place.git("checkout", "-q", "--orphan", "alone", cwd=mine)
    return "has no commit yet"


def a_sessions(place: Place, mine: Path) -> str:
    place.git("worktree", "lock", "--reason", "swarmctl", str(mine))
    return "swarmctl's already"


UNFIT = (detached, locked, merging, of_the_target, of_the_trunk, of_the_remotes, unrelated, unborn, a_sessions)


@pytest.mark.parametrize("prepare", UNFIT)
def test_what_cannot_be_taken_over_is_refused_and_left_as_it_is(place: Place, mine: Path, prepare: Prepare) -> None:
    expected = prepare(place, mine)
    before = files_below(mine), place.git("status", "--porcelain", cwd=mine)

    with pytest.raises(SwarmError, match=expected) as refused:
        place.worktrees.look_at(str(mine), "elsewhere" if prepare is of_the_trunk else "main")

    assert refused.value.hint
    assert (files_below(mine), place.git("status", "--porcelain", cwd=mine)) == before


def test_one_that_was_held_and_that_no_session_has_can_be_taken_over_again(place: Place, mine: Path) -> None:
    worktrees = lent(place)
    worktrees.hold(str(mine), "topic")

    assert worktrees.look_at(str(mine), "main") == worktrees.look_at("topic", "main")
    worktrees.hold(str(mine), "topic")
    worktrees.give_back(str(mine))

    assert "locked" not in place.git("worktree", "list", "--porcelain")


def test_what_is_no_linked_worktree_of_this_repository_is_refused(place: Place, tmp_path: Path) -> None:
    place.git("init", "-q", str(tmp_path / "foreign"))
    place.git("branch", "idle")
    refused = {
        str(place.repo): "main checkout",
        "main": "main checkout",
        str(tmp_path / "foreign"): "no worktree of",
        "/usr": "not in a git worktree",
        "idle": "checked out nowhere",
        "nobody": "neither a worktree",
    }

    for name, words in refused.items():
        with pytest.raises(SwarmError, match=words):
            place.worktrees.look_at(name, "idle" if name == "main" else "main")


def test_holding_and_giving_back_changes_nothing_in_it(place: Place, mine: Path) -> None:
    worktrees, before = lent(place), (files_below(mine), place.git("status", "--porcelain", cwd=mine))

    for _ in range(2):
        worktrees.hold(str(mine), "topic")
    place.git("worktree", "prune")
    assert "locked swarmctl" in place.git("worktree", "list", "--porcelain")
    assert place.git("worktree", "remove", "--force", str(mine), check=False) == ""
    assert mine.is_dir(), "git leaves a held one alone"
    for _ in range(2):
        worktrees.give_back(str(mine))

    assert "locked" not in place.git("worktree", "list", "--porcelain")
    assert (files_below(mine), place.git("status", "--porcelain", cwd=mine)) == before


def test_it_goes_to_the_trash_and_comes_back_to_its_own_place(place: Place, mine: Path) -> None:
    worktrees, trash = lent(place), place.state / "trash" / "abcde"
    worktrees.hold(str(mine), "topic")
    head, before = place.git("rev-parse", "topic"), files_below(mine)

    removed = worktrees.remove(str(mine), str(trash), "refs/swarm/trash/abcde", "removed")
    assert not mine.exists()
    worktrees.restore(str(mine), str(trash), "topic", head, removed.checkpoint)

    assert files_below(mine) == before
    assert place.git("status", "--porcelain", cwd=mine) == "?? loose.txt"


def test_it_does_not_come_back_beside_another_checkout_of_its_branch(place: Place, mine: Path) -> None:
    worktrees, trash = lent(place), place.state / "trash" / "abcde"
    worktrees.hold(str(mine), "topic")
    removed = worktrees.remove(str(mine), str(trash), "refs/swarm/trash/abcde", "removed")
    place.git("checkout", "-q", "topic")
    head = place.git("rev-parse", "topic")

    with pytest.raises(SwarmError, match=f"topic is checked out in {place.repo}") as refused:
        worktrees.restore(str(mine), str(trash), "topic", head, removed.checkpoint)
    assert refused.value.hint and not mine.exists()

    place.git("checkout", "-q", "main")
    worktrees.restore(str(mine), str(trash), "topic", head, removed.checkpoint)
    assert (mine / "loose.txt").read_text() == "loose\n"


def test_without_the_ledgers_word_nothing_outside_of_our_folders_is_touched(place: Place, mine: Path) -> None:
    with pytest.raises(SwarmError, match="outside of"):
        place.worktrees.hold(str(mine), "topic")
    with pytest.raises(SwarmError, match="outside of"):
        place.worktrees.give_back(str(mine))
