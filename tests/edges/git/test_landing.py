"""Landings against a user who commits, switches and collects garbage, and against kills at every step."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from swarmctl.core.errors import EnvironmentFault
from swarmctl.core.gate import Proof, Staged
from swarmctl.core.ports import LostRace, Moved, ParkedAt
from tests.edges.git.conftest import AT, Place, files_below, kill_at_every_step, killed_after, proof_of


def commits_on(place: Place, ref: str) -> list[str]:
    return place.git("rev-list", "--first-parent", ref).splitlines()


@pytest.mark.parametrize("dirty", [False, True])
@pytest.mark.parametrize("target", ["main", "release"])
def test_a_landing_killed_anywhere_happens_once_and_leaves_no_lock(place: Place, target: str, dirty: bool) -> None:
    place.git("branch", "release", "main")
    if dirty:
        (place.repo / "README.md").write_text("the user's\n")

    def prepare(step: int) -> Callable[[], object]:
        merges[step] = place.staged(place.branch(f"s{step}", {f"s{step}.txt": "x\n"}), target)
        return lambda: place.integration.land(proof_of(merges[step]), target)

    merges: dict[int, Staged] = {}
    for step in kill_at_every_step(prepare):
        assert place.integration.land(proof_of(merges[step]), target) == Moved(merges[step].commit)
        assert commits_on(place, target)[:2] == [merges[step].commit, merges[step].base]
        assert place.git("status", "--porcelain") == (" M README.md" if dirty else "")
        assert not [path.name for path in (place.repo / ".git").iterdir() if path.name.endswith(".lock")]
        assert not list((place.repo / ".git").glob("swarmctl*"))


def test_a_landing_into_a_busy_checkout_killed_anywhere_is_parked_once(place: Place) -> None:
    (place.repo / "app.py").write_text("the user's\n")
    merges: dict[int, Staged] = {}

    def prepare(step: int) -> Callable[[], object]:
        merges[step] = place.staged(place.branch(f"s{step}", {"app.py": f"{step}\n", "n.txt": f"{step}\n"}))
        return lambda: place.integration.land(proof_of(merges[step]), "main")

    for step in kill_at_every_step(prepare):
        assert place.integration.land(proof_of(merges[step]), "main") == ParkedAt(merges[step].commit, "app.py")
        assert place.git("status", "--porcelain") == " M app.py"
        assert place.git("rev-parse", "swarm/land/main") == merges[step].commit
        place.git("update-ref", "-d", "refs/heads/swarm/land/main")


def test_after_a_kill_in_the_middle_of_a_landing_the_next_question_gives_the_index_back(place: Place) -> None:
    merge = place.staged(place.branch("task", {"new.txt": "new\n"}))
    moment = 0.004
    while not (place.repo / ".git" / "index.lock").exists() and moment < 0.1:
        if place.integration.holds("main", merge.commit) == "target":
            merge = place.staged(place.branch(f"task{moment}", {"new.txt": f"{moment}\n"}))
        killed_after(lambda: place.integration.land(proof_of(merge), "main"), moment)  # noqa: B023
        moment += 0.0005
    assert place.integration.holds("main", merge.commit) in ("target", "")
    assert place.git("status", "--porcelain") == ""
    assert not (place.repo / ".git" / "index.lock").exists()


def test_a_user_who_commits_all_the_time_loses_nothing_and_neither_does_the_swarm(place: Place) -> None:
    """The user's git may find the index locked, as with any other git command; nobody's commit ever disappears."""
    mine: list[str] = []

    def user() -> None:
        for number in range(25):
            (place.repo / "mine.txt").write_text(f"{number}\n")
            if subprocess.run(["git", "-C", str(place.repo), "add", "mine.txt"], capture_output=True).returncode:
                continue
            argv = ["git", "-C", str(place.repo), "commit", "-q", "-m", f"mine {number}"]
            if subprocess.run(argv, capture_output=True).returncode == 0:
                mine.append(f"mine {number}")

    typing = threading.Thread(target=user)
    typing.start()
    landed = [land_until_it_moves(place, f"s{number}") for number in range(8)]
    typing.join()
    subjects = place.git("log", "--format=%s", "main").splitlines()
    assert [subject for subject in reversed(subjects) if subject.startswith("mine")] == mine
    assert all(place.repository.contains(place.base, commit) for commit in landed)
    assert place.git("status", "--porcelain") in ("", "M  mine.txt", " M mine.txt", "?? mine.txt", "A  mine.txt")
    assert sorted(path for path in files_below(place.repo) if path.startswith("s")) == [f"s{n}.txt" for n in range(8)]


def land_until_it_moves(place: Place, name: str) -> str:
    head = place.branch(name, {f"{name}.txt": f"{name}\n"})
    for _ in range(200):
        merge = place.staged(head)
        result = place.integration.land(proof_of(merge), "main")
        if isinstance(result, Moved):
            return merge.commit
        if isinstance(result, ParkedAt) and isinstance(place.integration.unpark("main"), Moved):
            return merge.commit
    raise AssertionError("it never landed")


def test_a_commit_of_the_users_between_staging_and_landing_is_a_lost_race(place: Place) -> None:
    merge = place.staged(place.branch("task", {"new.txt": "new\n"}))
    place.git("commit", "-q", "--allow-empty", "-m", "mine")
    mine = place.base
    assert place.integration.land(proof_of(merge), "main") == LostRace(mine)
    assert place.base == mine
    assert not (place.repo / "new.txt").exists()


def test_another_branch_that_the_user_switched_to_never_moves(place: Place) -> None:
    merge = place.staged(place.branch("task", {"new.txt": "new\n"}))
    place.git("checkout", "-q", "-b", "feature")
    feature = place.git("rev-parse", "feature")
    assert place.integration.land(proof_of(merge), "main") == Moved(merge.commit)
    assert place.git("rev-parse", "feature") == feature
    assert place.git("symbolic-ref", "HEAD") == "refs/heads/feature"
    assert not (place.repo / "new.txt").exists()


def test_pinned_work_outlives_an_agents_garbage_collection(place: Place) -> None:
    path = place.add("agent")
    merge = place.staged(place.branch("task", {"new.txt": "new\n"}))
    place.integration.pin("refs/swarm/queue/task", merge.commit)
    sealed = place.integration.seal(merge, {"Swarm-Task": "t1"}, AT)
    place.integration.pin("refs/swarm/queue/task", sealed.commit)
    place.git("reflog", "expire", "--expire=now", "--all", cwd=path)
    place.git("gc", "-q", "--prune=now", cwd=path)
    assert place.integration.land(proof_of(sealed), "main") == Moved(sealed.commit)
    assert place.git("log", "-1", "--format=%(trailers:key=Swarm-Task,valueonly)", "main").strip() == "t1"


def test_a_proof_whose_tree_is_another_moves_nothing(place: Place) -> None:
    merge = place.staged(place.branch("task", {"new.txt": "new\n"}))
    before = place.base
    forged = Proof(merge.base, merge.head, merge.commit, place.repository.tree_of("main"), (), "", ())
    with pytest.raises(EnvironmentFault):
        place.integration.land(forged, "main")
    assert place.base == before


def test_a_commit_that_does_not_continue_its_base_moves_nothing(place: Place) -> None:
    orphan = place.git("commit-tree", place.repository.tree_of("main"), "-m", "from nowhere")
    with pytest.raises(EnvironmentFault):
        place.integration.land(Proof(place.base, orphan, orphan, place.repository.tree_of("main"), (), "", ()), "main")


def test_the_users_hooks_do_not_run_when_we_land(place: Place, tmp_path: Path) -> None:
    for name in ("post-merge", "reference-transaction", "pre-merge-commit", "post-checkout"):
        hook = place.repo / ".git" / "hooks" / name
        hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran-{name}\n")
        hook.chmod(0o755)
    merge = place.staged(place.branch("task", {"new.txt": "new\n"}))
    place.integration.check_out(str(place.state / "integration" / "main"), merge.commit)
    assert place.integration.land(proof_of(merge), "main") == Moved(merge.commit)
    assert not list(tmp_path.glob("ran-*"))
