"""Many at once: worktrees without lock failures, and landings of which exactly one wins."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from swarmctl.core.ports import LostRace, Moved
from tests.edges.git.conftest import Place, files_below, open_place, proof_of


def add_one(repo: str, state: str, name: str) -> str:
    place = open_place(Path(repo), Path(state))
    return str(place.add(name))


@pytest.mark.parametrize("count", [8, 16])
@pytest.mark.parametrize("pool", [0, 3])
def test_worktrees_added_at_once_in_threads_are_all_whole(place: Place, count: int, pool: int) -> None:
    place.worktrees.fill_pool(place.base, pool)
    with ThreadPoolExecutor(count) as threads:
        paths = list(threads.map(place.add, [f"s{number}" for number in range(count)]))
    check_all(place, paths)


def test_worktrees_added_at_once_by_many_processes_are_all_whole(place: Place) -> None:
    place.worktrees.fill_pool(place.base, 2)
    script = "import sys; from tests.edges.git.test_parallel import add_one; add_one(*sys.argv[1:])"
    argv = [sys.executable, "-c", script, str(place.repo), str(place.state)]
    root = Path(__file__).resolve().parents[3]
    racers = [subprocess.Popen([*argv, f"s{number}"], cwd=root, stderr=subprocess.PIPE) for number in range(8)]
    complaints = [racer.communicate()[1].decode() for racer in racers]
    assert complaints == [""] * 8
    check_all(place, [place.state / "worktrees" / f"s{number}" for number in range(8)])


def check_all(place: Place, paths: list[Path]) -> None:
    for path in paths:
        assert sorted(files_below(path)) == ["README.md", "app.py"]
        assert place.git("status", "--porcelain=v1", "--branch", cwd=path) == f"## swarm/{path.name}"
    assert place.git("status", "--porcelain") == ""
    assert place.git("fsck", "--no-dangling") == ""


def test_filling_the_pool_and_adding_at_once_leave_nothing_half_made(place: Place) -> None:
    def fill(_: int) -> object:
        return place.worktrees.fill_pool(place.base, 3)

    with ThreadPoolExecutor(8) as threads:
        filled = threads.map(fill, range(4))
        paths = list(threads.map(place.add, [f"s{number}" for number in range(8)]))
        list(filled)
    check_all(place, paths)
    place.worktrees.fill_pool(place.base, 3)
    assert len(list((place.state / "pool").iterdir())) == 3


def test_of_eight_landings_at_once_on_a_free_branch_exactly_one_wins(place: Place) -> None:
    place.git("branch", "release", "main")
    race(place, "release")


def test_of_eight_landings_at_once_on_the_branch_in_the_checkout_exactly_one_wins(place: Place) -> None:
    race(place, "main")
    assert place.git("status", "--porcelain") == ""


def race(place: Place, target: str) -> None:
    before = place.git("rev-parse", f"refs/heads/{target}")
    merges = [place.staged(place.branch(f"s{n}", {f"{n}.txt": f"{n}\n"}), target) for n in range(8)]
    with ThreadPoolExecutor(8) as threads:
        results = list(threads.map(lambda merge: place.integration.land(proof_of(merge), target), merges))
    winners = [result for result in results if isinstance(result, Moved)]
    assert len(winners) == 1
    assert place.git("rev-parse", f"refs/heads/{target}") == winners[0].commit
    assert place.git("rev-parse", f"{winners[0].commit}^") == before
    assert sum(isinstance(result, LostRace) for result in results) == 7
    assert place.git("for-each-ref", "refs/heads/swarm/land") == ""


def test_checkpoints_while_the_agent_commits_all_succeed(place: Place) -> None:
    path = place.add("busy")
    script = 'for i in $(seq 40); do echo $i > f$i; git add -A; git commit -q -m "$i"; done'
    agent = subprocess.Popen(["sh", "-c", script], cwd=path)
    commits = []
    while agent.poll() is None:
        commits.append(place.worktrees.checkpoint(str(path), "refs/swarm/checkpoint/busy", "c"))
    assert agent.returncode == 0
    last = place.worktrees.checkpoint(str(path), "refs/swarm/checkpoint/busy", "c")
    assert len(commits) > 1
    assert len(place.git("ls-tree", "--name-only", last).splitlines()) == 42
    assert all(place.repository.contains(last, commit) for commit in commits)
