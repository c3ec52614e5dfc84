"""What `Worktrees` promises, over real git and over the fake."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest

from swarmctl.core.bringing import Sides, TakenBack
from swarmctl.core.errors import EnvironmentFault, Refused, UsageFault
from swarmctl.core.ports import Worktrees
from swarmctl.edges.git.repository import open_repository
from swarmctl.edges.git.worktrees import GitWorktrees
from tests.fakes.git import FakeRepository, FakeWorktree, FakeWorktrees

REF = "refs/swarm/checkpoint/abcde"


class World(Protocol):
    """A repository with `app.py` on main, and hands to work in its worktrees."""

    worktrees: Worktrees
    home: str

    def write(self, worktree: str, path: str, data: bytes) -> None: ...

    def delete(self, worktree: str, path: str) -> None: ...

    def files(self, worktree: str) -> dict[str, bytes]: ...

    def exists(self, worktree: str) -> bool: ...

    def take_away(self, worktree: str) -> None: ...

    def drop(self, ref: str) -> None: ...

    def by_hand(self, worktree: str, branch: str) -> None:
        """As a person makes one, who knows nothing of swarmctl."""

    def kept(self, commit: str) -> dict[str, bytes]: ...


@dataclass
class FakeWorld:
    repository: FakeRepository
    worktrees: Worktrees
    home: str = "/state"

    def write(self, worktree: str, path: str, data: bytes) -> None:
        self.repository.worktrees[worktree].files[path] = data

    def delete(self, worktree: str, path: str) -> None:
        del self.repository.worktrees[worktree].files[path]

    def files(self, worktree: str) -> dict[str, bytes]:
        return self.repository.worktrees[worktree].files

    def exists(self, worktree: str) -> bool:
        return worktree in self.repository.worktrees

    def take_away(self, worktree: str) -> None:
        del self.repository.worktrees[worktree]

    def drop(self, ref: str) -> None:
        del self.repository.refs[ref]

    def by_hand(self, worktree: str, branch: str) -> None:
        head = self.repository.refs.setdefault(f"refs/heads/{branch}", self.repository.refs["refs/heads/main"])
        files = dict(self.repository.files(head))
        self.repository.worktrees[worktree] = FakeWorktree(branch, head, files, held=False)

    def kept(self, commit: str) -> dict[str, bytes]:
        return self.repository.files(commit)


@dataclass
class GitWorld:
    repo: Path
    worktrees: Worktrees
    home: str

    def write(self, worktree: str, path: str, data: bytes) -> None:
        file = Path(worktree, path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)

    def delete(self, worktree: str, path: str) -> None:
        Path(worktree, path).unlink()

    def files(self, worktree: str) -> dict[str, bytes]:
        root = Path(worktree)
        found = (path for path in root.rglob("*") if path.is_file() and path != root / ".git")
        return {str(path.relative_to(root)): path.read_bytes() for path in found}

    def exists(self, worktree: str) -> bool:
        return Path(worktree).exists()

    def take_away(self, worktree: str) -> None:
        self._git("worktree", "remove", "--force", "--force", worktree)

    def drop(self, ref: str) -> None:
        self._git("update-ref", "-d", ref)

    def by_hand(self, worktree: str, branch: str) -> None:
        self._git("worktree", "add", "-q", "-b", branch, worktree)

    def kept(self, commit: str) -> dict[str, bytes]:
        names = self._git("ls-tree", "-r", "-z", "--name-only", commit).decode().split("\0")
        return {name: self._git("cat-file", "blob", f"{commit}:{name}") for name in names if name}

    def _git(self, *args: str) -> bytes:
        return subprocess.run(["git", "-C", str(self.repo), *args], check=True, capture_output=True).stdout


@pytest.fixture(params=["fake", "git"])
def world(request: pytest.FixtureRequest, repo: Path, tmp_path: Path) -> World:
    if request.param == "git":
        return GitWorld(repo, GitWorktrees(open_repository(repo), tmp_path / "state"), str(tmp_path / "state"))
    repository = FakeRepository.of({"README.md": b"# a project\n", "app.py": b"def answer() -> int:\n    return 42\n"})
    return FakeWorld(repository, FakeWorktrees(repository))


@pytest.fixture
def place(world: World) -> str:
    path = f"{world.home}/worktrees/task-abcde"
    world.worktrees.add(path, "swarm/task-abcde", world.worktrees.base("", fetch=False).commit)
    return path


def base(world: World) -> str:
    return world.worktrees.base("main", fetch=False).commit


def test_the_base_is_the_branch_of_the_checkout_unless_one_is_named(world: World) -> None:
    found = world.worktrees.base("", fetch=True)
    assert (found.target, found.name, found.notice) == ("main", "main", "")
    assert world.worktrees.base("main", fetch=False).commit == found.commit


def test_a_missing_target_branch_is_a_usage_fault_with_a_hint(world: World) -> None:
    with pytest.raises(UsageFault) as caught:
        world.worktrees.base("no-such-branch", fetch=False)
    assert caught.value.hint


def test_a_new_worktree_holds_the_base(world: World, place: str) -> None:
    assert sorted(world.files(place)) == ["README.md", "app.py"]


def test_adding_again_changes_nothing_of_the_work_there(world: World, place: str) -> None:
    world.write(place, "new.txt", b"work\n")
    world.worktrees.add(place, "swarm/task-abcde", base(world))
    assert world.files(place)["new.txt"] == b"work\n"


def test_a_worktree_from_the_pool_says_so_and_the_pool_is_refilled_to_its_size(world: World) -> None:
    assert world.worktrees.fill_pool(base(world), 2) == 2
    assert world.worktrees.fill_pool(base(world), 2) == 0
    assert world.worktrees.add(f"{world.home}/worktrees/one", "swarm/one", base(world)) is True
    assert world.worktrees.fill_pool(base(world), 2) == 1


def test_without_a_pool_a_worktree_is_cold(world: World) -> None:
    assert world.worktrees.add(f"{world.home}/worktrees/one", "swarm/one", base(world)) is False


def test_a_checkpoint_keeps_tracked_and_untracked_and_leaves_the_files_alone(world: World, place: str) -> None:
    world.write(place, "app.py", b"changed\n")
    world.write(place, "new/file.txt", b"new\n")
    world.delete(place, "README.md")
    before = dict(world.files(place))
    commit = world.worktrees.checkpoint(place, REF, "checkpoint")
    assert world.kept(commit) == before == world.files(place)


def test_a_checkpoint_of_nothing_new_is_the_one_before(world: World, place: str) -> None:
    world.write(place, "new.txt", b"1\n")
    first = world.worktrees.checkpoint(place, REF, "checkpoint")
    assert world.worktrees.checkpoint(place, REF, "again") == first
    world.write(place, "new.txt", b"2\n")
    assert world.worktrees.checkpoint(place, REF, "more") != first


def test_what_is_left_uncommitted_is_committed_once(world: World, place: str) -> None:
    world.write(place, "new.txt", b"work\n")
    work = world.worktrees.commit_work(place, "swarm/task-abcde", base(world), "The task\n")
    assert (work.committed, work.changed, work.stopped) == (("new.txt",), True, "")
    assert world.kept(work.head)["new.txt"] == b"work\n"
    again = world.worktrees.commit_work(place, "swarm/task-abcde", base(world), "The task\n")
    assert (again.head, again.committed, again.changed) == (work.head, (), True)


def test_no_work_is_no_change(world: World, place: str) -> None:
    work = world.worktrees.commit_work(place, "swarm/task-abcde", base(world), "The task\n")
    assert (work.head, work.changed, work.committed) == (base(world), False, ())


def test_a_secret_stops_the_commit_with_its_name(world: World, place: str) -> None:
    world.write(place, ".env", b"KEY=1\n")
    world.write(place, "ok.txt", b"fine\n")
    work = world.worktrees.commit_work(place, "swarm/task-abcde", base(world), "The task\n")
    assert ".env" in work.stopped
    assert (work.committed, work.head) == ((), base(world))


def test_what_provisioning_made_is_never_work(world: World, place: str) -> None:
    world.write(place, "made-by-setup", b"link\n")
    world.worktrees.exclude(place, ("made-by-setup",))
    assert "made-by-setup" not in world.kept(world.worktrees.checkpoint(place, REF, "checkpoint"))
    assert world.worktrees.commit_work(place, "swarm/task-abcde", base(world), "The task\n").committed == ()
    assert world.files(place)["made-by-setup"] == b"link\n"


def test_removing_moves_to_the_trash_and_can_be_repeated(world: World, place: str) -> None:
    world.write(place, "new.txt", b"work\n")
    trash = f"{world.home}/trash/abcde"
    removed = world.worktrees.remove(place, trash, "refs/swarm/trash/abcde", "removed")
    assert removed.trash == trash
    assert not world.exists(place)
    assert world.kept(removed.checkpoint)["new.txt"] == b"work\n"
    assert world.worktrees.remove(place, trash, "refs/swarm/trash/abcde", "removed") == removed


def test_removing_what_was_never_ours_is_refused(world: World) -> None:
    with pytest.raises(Refused):
        world.worktrees.remove(f"{world.home}/worktrees/other", f"{world.home}/trash/x", "refs/swarm/trash/x", "no")


def test_a_removed_worktree_comes_back_with_everything_in_it(world: World, place: str) -> None:
    world.write(place, "new.txt", b"work\n")
    before = dict(world.files(place))
    trash = f"{world.home}/trash/abcde"
    removed = world.worktrees.remove(place, trash, "refs/swarm/trash/abcde", "removed")
    world.worktrees.restore(place, trash, "swarm/task-abcde", base(world), removed.checkpoint)
    assert world.files(place) == before
    world.worktrees.restore(place, trash, "swarm/task-abcde", base(world), removed.checkpoint)
    assert world.files(place) == before


def test_a_worktree_comes_back_from_its_checkpoint_when_the_trash_is_empty(world: World, place: str) -> None:
    world.write(place, "new.txt", b"work\n")
    before = dict(world.files(place))
    removed = world.worktrees.remove(place, f"{world.home}/trash/abcde", "refs/swarm/trash/abcde", "removed")
    world.worktrees.restore(place, f"{world.home}/elsewhere", "swarm/task-abcde", base(world), removed.checkpoint)
    assert world.files(place) == before
    work = world.worktrees.commit_work(place, "swarm/task-abcde", base(world), "The task\n")
    assert work.committed == ("new.txt",)


def test_a_worktree_that_somebody_removed_stands_no_more_and_comes_back(world: World, place: str) -> None:
    world.write(place, "kept.txt", b"work\n")
    kept = world.worktrees.checkpoint(place, REF, "checkpoint")
    assert world.worktrees.stands(place)
    world.take_away(place)
    assert not world.worktrees.stands(place)
    world.worktrees.restore(place, f"{world.home}/elsewhere", "swarm/task-abcde", base(world), kept)
    assert world.worktrees.stands(place)
    assert world.files(place)["kept.txt"] == b"work\n"


def test_a_ref_that_somebody_deleted_stands_again_unless_its_commit_is_gone(world: World, place: str) -> None:
    kept = world.worktrees.checkpoint(place, REF, "checkpoint")
    lost = "refs/swarm/checkpoint/other"
    assert world.worktrees.uphold({REF: kept, lost: "1" * 40}) == ((), (lost,))
    world.drop(REF)
    assert world.worktrees.uphold({REF: kept}) == ((REF,), ())
    assert world.worktrees.uphold({REF: kept}) == ((), ())
    assert world.worktrees.checkpoint(place, REF, "checkpoint") == kept
    assert world.worktrees.uphold({}) == ((), ())


def test_a_branch_goes_only_while_it_holds_what_is_known_of_it_and_comes_back_with_its_worktree(
    world: World, place: str
) -> None:
    world.write(place, "new.txt", b"work\n")
    head = world.worktrees.commit_work(place, "swarm/task-abcde", base(world), "The task\n").head
    before = dict(world.files(place))
    trash = f"{world.home}/trash/abcde"
    removed = world.worktrees.remove(place, trash, "refs/swarm/trash/abcde", "removed")
    assert not world.worktrees.delete_branch("swarm/task-abcde", base(world))
    assert world.worktrees.delete_branch("swarm/task-abcde", head)
    assert not world.worktrees.delete_branch("swarm/task-abcde", head)
    world.worktrees.restore(place, trash, "swarm/task-abcde", head, removed.checkpoint)
    assert world.files(place) == before
    assert world.worktrees.commit_work(place, "swarm/task-abcde", base(world), "The task\n").head == head


def test_a_place_that_is_no_worktree_has_no_checkpoint(world: World) -> None:
    with pytest.raises(EnvironmentFault):
        world.worktrees.checkpoint(f"{world.home}/worktrees/none", REF, "checkpoint")


def test_instructions_are_there_under_another_name_in_every_folder_and_are_never_work(world: World) -> None:
    at = f"{world.home}/worktrees/first"
    world.worktrees.add(at, "swarm/first", base(world))
    for path in ("AGENTS.md", "part/AGENTS.md", "both/AGENTS.md", "both/CLAUDE.md", "gemini/GEMINI.md"):
        world.write(at, path, f"rules of {path}\n".encode())
    head = world.worktrees.commit_work(at, "swarm/first", base(world), "Rules").head
    place = f"{world.home}/worktrees/second"
    world.worktrees.add(place, "swarm/second", head)

    made = world.worktrees.alias(place, "CLAUDE.md", ["AGENTS.md", "GEMINI.md"])

    assert set(made) == {"CLAUDE.md", "part/CLAUDE.md", "gemini/CLAUDE.md"}
    files = world.files(place)
    assert files["CLAUDE.md"] == b"rules of AGENTS.md\n"
    assert files["gemini/CLAUDE.md"] == b"rules of gemini/GEMINI.md\n"
    assert files["both/CLAUDE.md"] == b"rules of both/CLAUDE.md\n"
    work = world.worktrees.commit_work(place, "swarm/second", head, "Nothing")
    assert (work.changed, work.committed) == (False, ())
    assert "CLAUDE.md" not in world.kept(world.worktrees.checkpoint(place, REF, "as it is"))


def test_where_there_are_no_instructions_none_are_made(world: World, place: str) -> None:
    before = world.files(place)
    assert world.worktrees.alias(place, "CLAUDE.md", ["AGENTS.md"]) == ()
    assert world.files(place) == before


def sides_of(world: World, place: str, theirs: dict[str, bytes]) -> Sides:
    """Work committed in `place`, and a commit of another session's beside it."""
    ours = world.worktrees.commit_work(place, "swarm/task-abcde", base(world), "The task\n").head
    other = f"{world.home}/worktrees/other"
    world.worktrees.add(other, "swarm/other", base(world))
    for path, data in theirs.items():
        world.write(other, path, data)
    return Sides(ours, world.worktrees.commit_work(other, "swarm/other", base(world), "Meanwhile\n").head, "main")


def test_what_merges_cleanly_is_one_commit_of_both_sides(world: World, place: str) -> None:
    world.write(place, "mine.txt", b"mine\n")
    sides = sides_of(world, place, {"theirs.txt": b"theirs\n"})
    brought = world.worktrees.bring(place, "swarm/task-abcde", sides, leave=True)
    assert (brought.changed, brought.conflicts, brought.stopped) == (True, (), "")
    assert world.kept(brought.head) == world.files(place)
    assert {"mine.txt", "theirs.txt"} <= set(world.files(place))
    assert world.worktrees.bring(place, "swarm/task-abcde", sides, leave=True).head == brought.head


def test_a_conflict_stays_until_it_is_resolved(world: World, place: str) -> None:
    world.write(place, "app.py", b"mine\n")
    sides = sides_of(world, place, {"app.py": b"theirs\n"})
    before = dict(world.files(place))
    assert world.worktrees.bring(place, "swarm/task-abcde", sides, leave=False).conflicts == ("app.py (contents)",)
    assert world.files(place) == before
    world.worktrees.bring(place, "swarm/task-abcde", sides, leave=True)
    assert (world.worktrees.take_back(place, "swarm/task-abcde", sides), world.files(place)) == (TakenBack(), before)
    brought = world.worktrees.bring(place, "swarm/task-abcde", sides, leave=True)
    assert (brought.head, brought.conflicts, bool(brought.log)) == (sides.ours, ("app.py (contents)",), True)
    work = world.worktrees.commit_work(place, "swarm/task-abcde", base(world), "The task\n", sides)
    assert "app.py" in work.stopped and not work.merged
    world.write(place, "app.py", b"both\n")
    work = world.worktrees.commit_work(place, "swarm/task-abcde", base(world), "The task\n", sides)
    assert (work.stopped, work.merged, world.kept(work.head)["app.py"]) == ("", True, b"both\n")
    assert world.worktrees.bring(place, "swarm/task-abcde", sides, leave=True).head == work.head


# --- what a person made -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["path", "branch"])
def test_a_persons_worktree_is_found_held_and_given_back_as_it_was(world: World, by: str) -> None:
    path = f"{world.home}/worktrees/own"
    world.by_hand(path, "topic")
    world.write(path, "loose.txt", b"loose\n")
    before = world.files(path)

    found = world.worktrees.look_at(path if by == "path" else "topic", "main")
    assert (found.path, found.branch, found.fork, found.subject) == (path, "topic", base(world), "")
    assert found.uncommitted == ("loose.txt",)
    for _ in range(2):
        world.worktrees.hold(path, "topic")
    kept = world.worktrees.checkpoint(path, REF, "taken over")
    assert world.kept(kept)["loose.txt"] == b"loose\n"
    assert world.worktrees.look_at(path, "main") == found, "whose it is by now is for the ledger to say"
    for _ in range(2):
        world.worktrees.give_back(path)
    assert world.files(path) == before
    with pytest.raises(EnvironmentFault):
        world.worktrees.checkpoint(path, REF, "no longer held")


def test_a_persons_worktree_on_another_branch_than_was_said_is_not_held(world: World) -> None:
    path = f"{world.home}/worktrees/own"
    world.by_hand(path, "topic")

    with pytest.raises(Refused, match="another branch"):
        world.worktrees.hold(path, "elsewhere")
    with pytest.raises(EnvironmentFault):
        world.worktrees.hold(f"{path}-not", "topic")


def test_what_is_neither_a_worktree_nor_a_branch_is_a_usage_fault_with_a_hint(world: World) -> None:
    with pytest.raises(UsageFault) as caught:
        world.worktrees.look_at("never-heard-of", "main")
    assert caught.value.hint
