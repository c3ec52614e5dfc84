"""Whatever state the user's checkout is in, a landing keeps every byte there, and moves all or nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from swarmctl.core.ports import Moved, ParkedAt
from tests.edges.git.conftest import Place, Shell, files_below, proof_of

NEW = {"app.py": "def answer() -> int:\n    return 43\n", "added.txt": "added\n", "settings.local": "landed\n"}
State = Callable[[Path, Shell], object]


def clean(repo: Path, git: Shell) -> None:
    assert git("status", "--porcelain") == ""


def edited_elsewhere(repo: Path, git: Shell) -> None:
    (repo / "README.md").write_text("the user's\n")


def staged_elsewhere(repo: Path, git: Shell) -> None:
    (repo / "README.md").write_text("the user's\n")
    git("add", "README.md")


def untracked_elsewhere(repo: Path, git: Shell) -> None:
    (repo / "notes.txt").write_text("the user's\n")


def stashed(repo: Path, git: Shell) -> None:
    (repo / "app.py").write_text("the user's\n")
    git("stash")


def edited(repo: Path, git: Shell) -> None:
    (repo / "app.py").write_text("the user's\n")


def staged(repo: Path, git: Shell) -> None:
    (repo / "app.py").write_text("the user's\n")
    git("add", "app.py")


def staged_then_edited(repo: Path, git: Shell) -> None:
    staged(repo, git)
    (repo / "app.py").write_text("the user's, further\n")


def deleted(repo: Path, git: Shell) -> None:
    git("rm", "-q", "app.py")


def untracked_in_the_way(repo: Path, git: Shell) -> None:
    (repo / "added.txt").write_text("the user's\n")


def ignored_in_the_way(repo: Path, git: Shell) -> None:
    (repo / ".git" / "info" / "exclude").write_text("*.local\n")
    (repo / "settings.local").write_text("the user's secret\n")


def folder_in_the_way(repo: Path, git: Shell) -> None:
    (repo / "added.txt").mkdir()
    (repo / "added.txt" / "mine").write_text("the user's\n")


def index_locked(repo: Path, git: Shell) -> None:
    (repo / ".git" / "index.lock").touch()


def in_a_merge(repo: Path, git: Shell) -> None:
    git("checkout", "-q", "-b", "other")
    (repo / "README.md").write_text("other\n")
    git("commit", "-q", "-am", "other")
    git("checkout", "-q", "main")
    git("merge", "-q", "--no-commit", "--no-ff", "other")


def in_a_revert(repo: Path, git: Shell) -> None:
    (repo / "README.md").write_text("2\n")
    git("update-ref", "REVERT_HEAD", "HEAD")


def in_a_rebase(repo: Path, git: Shell) -> None:
    git("-c", "sequence.editor=sed -i '1i break'", "rebase", "-q", "-i", "--root")
    assert git("symbolic-ref", "-q", "HEAD", check=False) == ""


def in_a_bisect(repo: Path, git: Shell) -> None:
    git("bisect", "start")
    git("bisect", "bad")


FOLLOWS: list[State] = [clean, edited_elsewhere, staged_elsewhere, untracked_elsewhere, stashed]
STAYS: list[tuple[State, str]] = [
    (edited, "app.py"),
    (staged, "app.py"),
    (staged_then_edited, "app.py"),
    (deleted, "app.py"),
    (untracked_in_the_way, "added.txt"),
    (ignored_in_the_way, "settings.local"),
    (folder_in_the_way, "added.txt"),
    (index_locked, "index.lock"),
    (in_a_merge, "merge"),
    (in_a_revert, "revert"),
    (in_a_rebase, "rebased"),
    (in_a_bisect, "bisect"),
]


def everything(repo: Path, git: Shell) -> dict[str, object]:
    """All that is the user's: files, index, HEAD, stash, branches."""
    return {
        "files": files_below(repo),
        "index": git("ls-files", "-s", "-v"),
        "status": git("--no-optional-locks", "status", "--porcelain=v2", "--branch", "--ignored", "-z"),
        "head": (repo / ".git" / "HEAD").read_text(),
        "stash": git("stash", "list"),
        "branches": git("for-each-ref", "refs/heads/main", "refs/heads/other", "refs/stash"),
        "odd": sorted(path.name for path in (repo / ".git").iterdir()),
    }


@pytest.mark.parametrize("state", FOLLOWS, ids=lambda state: state.__name__)
def test_a_checkout_that_can_follow_does_and_keeps_what_is_the_users(place: Place, state: State) -> None:
    head = place.branch("task", NEW)
    state(place.repo, place.git)
    before, status = files_below(place.repo), place.git("status", "--porcelain")
    merge = place.staged(head)
    assert place.integration.land(proof_of(merge), "main") == Moved(merge.commit)
    after = files_below(place.repo)
    assert after == {**before, **{path: text.encode() for path, text in NEW.items()}}
    assert place.git("status", "--porcelain") == status
    assert place.git("rev-parse", "HEAD") == merge.commit
    assert not list((place.repo / ".git").glob("swarmctl*"))


@pytest.mark.parametrize(("state", "word"), STAYS, ids=lambda value: getattr(value, "__name__", ""))
def test_a_checkout_that_cannot_follow_stays_as_it_is_to_the_byte(place: Place, state: State, word: str) -> None:
    head = place.branch("task", NEW)
    state(place.repo, place.git)
    before = everything(place.repo, place.git)
    merge = place.staged(head)
    result = place.integration.land(proof_of(merge), "main")
    assert isinstance(result, ParkedAt)
    assert word in result.blocking
    assert "\n" not in result.blocking
    assert everything(place.repo, place.git) == before
    assert place.git("rev-parse", "refs/heads/swarm/land/main") == merge.commit


def test_a_parked_landing_follows_once_the_way_is_free(place: Place) -> None:
    head = place.branch("task", NEW)
    untracked_in_the_way(place.repo, place.git)
    merge = place.staged(head)
    assert isinstance(place.integration.land(proof_of(merge), "main"), ParkedAt)
    assert place.integration.landing_ref_state("main") == "ahead"
    (place.repo / "added.txt").rename(place.repo / "mine.txt")
    assert place.integration.unpark("main") == Moved(merge.commit)
    assert place.integration.landing_ref_state("main") == "none"
    assert place.git("status", "--porcelain") == "?? mine.txt"


def test_a_user_who_took_the_landing_ref_by_hand_is_seen(place: Place) -> None:
    head = place.branch("task", NEW)
    untracked_in_the_way(place.repo, place.git)
    merge = place.staged(head)
    assert isinstance(place.integration.land(proof_of(merge), "main"), ParkedAt)
    (place.repo / "added.txt").unlink()
    place.git("merge", "-q", "--ff-only", "swarm/land/main")
    assert place.integration.landing_ref_state("main") == "followed"
    assert place.integration.unpark("main") == Moved(merge.commit)
    assert place.git("for-each-ref", "refs/heads/swarm/land") == ""


def test_a_target_checked_out_in_a_worktree_of_the_users_follows_there(place: Place, tmp_path: Path) -> None:
    other = tmp_path / "the user's other\tcheckout"
    place.git("worktree", "add", "-q", "-b", "release", str(other), "main")
    merge = place.staged(place.branch("task", NEW), "release")
    (other / "README.md").write_text("the user's\n")
    assert place.integration.land(proof_of(merge), "release") == Moved(merge.commit)
    assert place.git("status", "--porcelain", cwd=other) == " M README.md"
    assert (other / "added.txt").read_text() == "added\n"


def test_a_target_checked_out_twice_is_parked(place: Place, tmp_path: Path) -> None:
    place.git("worktree", "add", "-q", "--force", str(tmp_path / "second"), "main")
    merge = place.staged(place.branch("task", NEW))
    result = place.integration.land(proof_of(merge), "main")
    assert isinstance(result, ParkedAt)
    assert "second" in result.blocking
    assert place.git("status", "--porcelain", cwd=tmp_path / "second") == ""


def test_a_landing_ref_that_the_target_left_is_kept_when_another_takes_its_place(place: Place) -> None:
    head = place.branch("task", NEW)
    edited(place.repo, place.git)
    first = place.staged(head)
    assert isinstance(place.integration.land(proof_of(first), "main"), ParkedAt)
    place.git("commit", "-q", "-am", "the user's own way")
    assert place.integration.landing_ref_state("main") == "diverged"
    second = place.staged(place.branch("again", {"other.txt": "x\n", "app.py": "new\n"}))
    (place.repo / "app.py").write_text("dirty again\n")
    assert isinstance(place.integration.land(proof_of(second), "main"), ParkedAt)
    assert place.git("rev-parse", f"refs/swarm/land/main/{first.commit}") == first.commit
    assert place.git("rev-parse", "refs/heads/swarm/land/main") == second.commit
