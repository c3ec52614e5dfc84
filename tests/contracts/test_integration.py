"""What `Integration` promises, over real git and over the fake."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest

from swarmctl.core.config import Strategy
from swarmctl.core.contest import Size
from swarmctl.core.errors import EnvironmentFault
from swarmctl.core.gate import Proof, Staged
from swarmctl.core.ports import Conflict, Integration, LostRace, Moved, ParkedAt
from swarmctl.edges.git.integration import GitIntegration
from swarmctl.edges.git.repository import open_repository
from tests.fakes.git import FakeRepository
from tests.fakes.integration import FakeIntegration

AT = 1_700_000_000.0
STRATEGIES: tuple[Strategy, ...] = ("squash", "merge", "rebase")


class World(Protocol):
    """A repository whose `main`, with `app.py`, the user has checked out."""

    integration: Integration
    home: str

    def branch(self, name: str, start: str, files: dict[str, bytes]) -> str:
        """A commit on a branch, with these files changed."""
        ...

    def main(self) -> str: ...

    def dirty(self, path: str, data: bytes) -> None:
        """The user edits a file in the checkout."""
        ...

    def clean(self, path: str) -> None: ...

    def write(self, worktree: str, path: str, data: bytes) -> None: ...

    def has(self, worktree: str, path: str) -> bool: ...


@dataclass
class FakeWorld:
    repository: FakeRepository
    integration: Integration
    home: str = "/state"

    def branch(self, name: str, start: str, files: dict[str, bytes]) -> str:
        commit = self.repository.commit({**self.repository.files(start), **files}, (start,), f"work on {name}")
        self.repository.refs[f"refs/heads/{name}"] = commit
        return commit

    def main(self) -> str:
        return self.repository.refs["refs/heads/main"]

    def dirty(self, path: str, data: bytes) -> None:
        self.repository.dirty.add(path)

    def clean(self, path: str) -> None:
        self.repository.dirty.discard(path)

    def write(self, worktree: str, path: str, data: bytes) -> None:
        self.repository.worktrees[worktree].files[path] = data

    def has(self, worktree: str, path: str) -> bool:
        return path in self.repository.worktrees[worktree].files


@dataclass
class GitWorld:
    repo: Path
    integration: Integration
    home: str

    def branch(self, name: str, start: str, files: dict[str, bytes]) -> str:
        if name == "main":
            work = self.repo
        else:
            work = self.repo.parent / name.replace("/", "-")
            self._git("worktree", "add", "-q", "--detach", str(work), start)
        for path, data in files.items():
            (work / path).write_bytes(data)
        self._git("-C", str(work), "add", "-A")
        self._git("-C", str(work), "commit", "-q", "-m", f"work on {name}")
        commit = self._git("-C", str(work), "rev-parse", "HEAD")
        if name != "main":
            self._git("update-ref", f"refs/heads/{name}", commit)
            self._git("worktree", "remove", str(work))
        return commit

    def main(self) -> str:
        return self._git("rev-parse", "refs/heads/main")

    def dirty(self, path: str, data: bytes) -> None:
        (self.repo / path).write_bytes(data)

    def clean(self, path: str) -> None:
        self._git("checkout", "--", path)

    def write(self, worktree: str, path: str, data: bytes) -> None:
        Path(worktree, path).write_bytes(data)

    def has(self, worktree: str, path: str) -> bool:
        return Path(worktree, path).exists()

    def _git(self, *args: str) -> str:
        return subprocess.run(
            ["git", "-C", str(self.repo), *args], check=True, capture_output=True, text=True
        ).stdout.strip()


@pytest.fixture(params=["fake", "git"])
def world(request: pytest.FixtureRequest, repo: Path, tmp_path: Path) -> World:
    if request.param == "git":
        return GitWorld(repo, GitIntegration(open_repository(repo), tmp_path / "state"), str(tmp_path / "state"))
    repository = FakeRepository.of({"README.md": b"# a project\n", "app.py": b"def answer() -> int:\n    return 42\n"})
    return FakeWorld(repository, FakeIntegration(repository))


def staged(world: World, head: str, strategy: Strategy = "squash") -> Staged:
    result = world.integration.stage(world.integration.tip("main").commit, head, strategy, "The task\n", AT)
    assert isinstance(result, Staged)
    return result


def proof_of(merge: Staged) -> Proof:
    return Proof(merge.base, merge.head, merge.commit, merge.tree, (), "", ())


def landed(world: World, head: str) -> Moved | ParkedAt | LostRace:
    return world.integration.land(proof_of(staged(world, head)), "main")


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_the_same_arguments_stage_the_same_commit(world: World, strategy: Strategy) -> None:
    head = world.branch("swarm/a", world.main(), {"new.txt": b"a\n"})
    first = staged(world, head, strategy)
    assert staged(world, head, strategy) == first
    assert world.integration.changed(first.base, first.commit) == ("new.txt",)
    assert world.integration.read(first.commit, "new.txt") == b"a\n"
    assert world.main() == first.base


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_both_sides_are_in_the_merge(world: World, strategy: Strategy) -> None:
    head = world.branch("swarm/a", world.main(), {"a.txt": b"a\n"})
    world.branch("main", world.main(), {"b.txt": b"b\n"})
    merge = staged(world, head, strategy)
    assert world.integration.read(merge.commit, "a.txt") == b"a\n"
    assert world.integration.read(merge.commit, "b.txt") == b"b\n"


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_conflict_names_the_file_and_its_kind(world: World, strategy: Strategy) -> None:
    head = world.branch("swarm/a", world.main(), {"app.py": b"theirs\n"})
    world.branch("main", world.main(), {"app.py": b"ours\n"})
    result = world.integration.stage(world.main(), head, strategy, "The task\n", AT)
    assert isinstance(result, Conflict)
    assert [(path.path, path.kind) for path in result.paths] == [("app.py", "CONFLICT (contents)")]
    assert (result.base, result.head) == (world.main(), head)


def test_the_size_of_a_merge_counts_files_and_lines(world: World) -> None:
    app = b"def answer() -> int:\n    return 43\n"
    head = world.branch("swarm/a", world.main(), {"new.txt": b"a\nb\n", "app.py": app})
    merge = staged(world, head)
    assert world.integration.size(merge.base, merge.commit) == Size(files=2, added=3, removed=1)
    assert world.integration.size(merge.base, merge.base) == Size()


def test_nothing_new_is_staged_with_the_tree_of_the_tip(world: World) -> None:
    merge = staged(world, world.main())
    assert world.integration.changed(merge.base, merge.commit) == ()


def test_a_landing_moves_the_target_once(world: World) -> None:
    merge = staged(world, world.branch("swarm/a", world.main(), {"new.txt": b"a\n"}))
    assert world.integration.holds("main", merge.commit) == ""
    assert world.integration.land(proof_of(merge), "main") == Moved(merge.commit)
    assert world.main() == merge.commit
    assert world.integration.holds("main", merge.commit) == "target"
    assert world.integration.land(proof_of(merge), "main") == Moved(merge.commit)


def test_a_target_that_moved_is_a_lost_race_and_keeps_its_commit(world: World) -> None:
    merge = staged(world, world.branch("swarm/a", world.main(), {"new.txt": b"a\n"}))
    faster = world.branch("main", world.main(), {"b.txt": b"b\n"})
    assert world.integration.land(proof_of(merge), "main") == LostRace(faster)
    assert world.main() == faster


def test_a_tree_that_was_not_proven_does_not_land(world: World) -> None:
    merge = staged(world, world.branch("swarm/a", world.main(), {"new.txt": b"a\n"}))
    other = staged(world, world.branch("swarm/b", world.main(), {"new.txt": b"b\n"}))
    with pytest.raises(EnvironmentFault):
        world.integration.land(Proof(merge.base, merge.head, merge.commit, other.tree, (), "", ()), "main")
    assert world.main() == merge.base


def test_a_checkout_in_the_way_parks_the_landing_and_the_queue_goes_on(world: World) -> None:
    start = world.main()
    world.dirty("app.py", b"the user's own\n")
    first = staged(world, world.branch("swarm/a", start, {"app.py": b"changed\n"}))
    assert world.integration.land(proof_of(first), "main") == ParkedAt(first.commit, "app.py")
    assert world.main() == start
    assert world.integration.holds("main", first.commit) == "landing"
    tip = world.integration.tip("main")
    assert (tip.commit, tip.parked) == (first.commit, True)
    second = staged(world, world.branch("swarm/b", start, {"b.txt": b"b\n"}))
    assert world.integration.land(proof_of(second), "main") == ParkedAt(second.commit, "app.py")
    assert world.integration.unpark("main") == ParkedAt(second.commit, "app.py")
    world.clean("app.py")
    assert world.integration.unpark("main") == Moved(second.commit)
    assert world.main() == second.commit
    assert world.integration.unpark("main") is None


def test_a_target_that_left_its_landing_ref_is_what_counts(world: World) -> None:
    start = world.main()
    world.dirty("app.py", b"the user's own\n")
    parked = staged(world, world.branch("swarm/a", start, {"app.py": b"changed\n"}))
    assert isinstance(world.integration.land(proof_of(parked), "main"), ParkedAt)
    world.clean("app.py")
    mine = world.branch("main", start, {"b.txt": b"b\n"})
    assert world.integration.tip("main").commit == mine
    assert world.integration.unpark("main") == LostRace(mine)
    assert world.integration.holds("main", parked.commit) == "landing"


def test_the_gates_worktree_is_made_once_and_holds_exactly_the_commit(world: World) -> None:
    place = f"{world.home}/integration/main"
    one = staged(world, world.branch("swarm/a", world.main(), {"a.txt": b"a\n"}))
    two = staged(world, world.branch("swarm/b", world.main(), {"b.txt": b"b\n"}))
    assert world.integration.check_out(place, one.commit) is True
    world.write(place, "left-by-a-gate.txt", b"junk\n")
    world.write(place, "app.py", b"edited by a gate\n")
    assert world.integration.check_out(place, two.commit) is False
    assert world.integration.commit_fix(place, two, "fix\n") == two


def test_cleaning_the_gates_worktree_spares_what_provisioning_made(world: World) -> None:
    place = f"{world.home}/integration/main"
    one = staged(world, world.branch("swarm/a", world.main(), {"a.txt": b"a\n"}))
    world.integration.check_out(place, one.commit)
    world.write(place, "made-by-setup", b"link\n")
    world.integration.exclude(place, ("made-by-setup",))
    assert world.integration.check_out(place, one.commit) is False
    assert world.has(place, "made-by-setup")
    assert world.integration.commit_fix(place, one, "fix\n") == one


def test_a_fix_is_a_commit_of_its_own_on_the_staged_one(world: World) -> None:
    place = f"{world.home}/integration/main"
    merge = staged(world, world.branch("swarm/a", world.main(), {"a.txt": b"a\n"}))
    world.integration.check_out(place, merge.commit)
    world.write(place, "a.txt", b"fixed\n")
    fixed = world.integration.commit_fix(place, merge, "fix\n")
    assert (fixed.base, fixed.head) == (merge.base, merge.head)
    assert world.integration.read(fixed.commit, "a.txt") == b"fixed\n"
    assert world.integration.land(proof_of(fixed), "main") == Moved(fixed.commit)


def test_sealing_changes_the_commit_and_not_the_tree(world: World) -> None:
    merge = staged(world, world.branch("swarm/a", world.main(), {"a.txt": b"a\n"}))
    sealed = world.integration.seal(merge, {"Swarm-Task": "t1"}, AT)
    assert sealed.tree == merge.tree
    assert sealed.commit != merge.commit
    assert world.integration.seal(merge, {"Swarm-Task": "t1"}, AT) == sealed
    assert world.integration.land(proof_of(sealed), "main") == Moved(sealed.commit)


def test_a_landing_is_taken_back_by_a_new_commit(world: World) -> None:
    merge = staged(world, world.branch("swarm/a", world.main(), {"a.txt": b"a\n", "app.py": b"changed\n"}))
    world.integration.land(proof_of(merge), "main")
    later = world.branch("main", world.main(), {"b.txt": b"b\n"})
    undone = world.integration.revert(merge.base, merge.commit, later, "Take it back\n", AT)
    assert isinstance(undone, Staged)
    assert world.integration.changed(later, undone.commit) == ("a.txt", "app.py")
    assert world.integration.read(undone.commit, "a.txt") is None
    assert world.integration.land(proof_of(undone), "main") == Moved(undone.commit)


def test_every_commit_of_a_landing_is_taken_back_at_once(world: World) -> None:
    first = staged(world, world.branch("swarm/a", world.main(), {"a.txt": b"a\n"}))
    world.integration.land(proof_of(first), "main")
    second = staged(world, world.branch("swarm/b", world.main(), {"b.txt": b"b\n"}))
    undone = world.integration.revert(first.base, second.commit, second.commit, "Take both back\n", AT)
    assert isinstance(undone, Staged)
    assert world.integration.changed(first.base, undone.commit) == ()


def test_taking_back_what_was_built_upon_is_a_conflict(world: World) -> None:
    merge = staged(world, world.branch("swarm/a", world.main(), {"app.py": b"changed\n"}))
    world.integration.land(proof_of(merge), "main")
    later = world.branch("main", world.main(), {"app.py": b"changed again\n"})
    undone = world.integration.revert(merge.base, merge.commit, later, "Take it back\n", AT)
    assert isinstance(undone, Conflict)
    assert [path.path for path in undone.paths] == ["app.py"]


def test_a_pinned_commit_can_be_let_go_of_twice(world: World) -> None:
    merge = staged(world, world.branch("swarm/a", world.main(), {"a.txt": b"a\n"}))
    world.integration.pin("refs/swarm/queue/a", merge.commit)
    world.integration.unpin("refs/swarm/queue/a")
    world.integration.unpin("refs/swarm/queue/a")
    assert world.integration.read(merge.commit, "a.txt") == b"a\n"
