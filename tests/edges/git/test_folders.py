"""A folder where a file was, and a file where a folder was, are work like any other."""

from __future__ import annotations

from tests.edges.git.conftest import Place


def test_a_folder_in_the_place_of_a_file_is_kept_and_committed(place: Place) -> None:
    path = place.add("one")
    name = next(each.name for each in path.iterdir() if each.is_file() and each.name != ".git")
    (path / name).unlink()
    (path / name).mkdir()
    (path / name / "inside").write_text("x\n")
    kept = place.worktrees.checkpoint(str(path), "refs/swarm/checkpoint/one", "as it is")
    head = place.worktrees.commit_work(str(path), "swarm/one", place.base, "Work\n").head
    for commit in (kept, head):
        listed = place.git("ls-tree", "-r", "--name-only", commit).splitlines()
        assert f"{name}/inside" in listed and name not in listed


def test_a_file_in_the_place_of_a_folder_is_kept_and_committed(place: Place) -> None:
    path = place.add("one")
    (path / "folder").mkdir()
    (path / "folder" / "inside").write_text("x\n")
    place.worktrees.commit_work(str(path), "swarm/one", place.base, "Work\n")
    (path / "folder" / "inside").unlink()
    (path / "folder").rmdir()
    (path / "folder").write_text("now a file\n")
    kept = place.worktrees.checkpoint(str(path), "refs/swarm/checkpoint/one", "as it is")
    head = place.worktrees.commit_work(str(path), "swarm/one", place.base, "Work\n").head
    for commit in (kept, head):
        assert place.git("cat-file", "blob", f"{commit}:folder") == "now a file"
