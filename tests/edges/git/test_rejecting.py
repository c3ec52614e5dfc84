"""Parts of real work taken out again: modes, links, renames, folders in the place of files, and kills on the way."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from swarmctl.core.patch import lines_of, run_at, runs
from swarmctl.core.rejection import Rejection
from swarmctl.edges.git.patches import changes, patch
from tests.edges.git.conftest import Place


def commit(place: Place, path: Path) -> str:
    return place.worktrees.commit_work(str(path), f"swarm/{path.name}", place.base, "Work\n").head


def rejected(place: Place, path: Path, what: Rejection) -> str:
    why = place.worktrees.reject(str(path), what)
    assert why == ""
    return commit(place, path)


def onto_main(place: Place, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        (place.repo / name).parent.mkdir(parents=True, exist_ok=True)
        (place.repo / name).write_bytes(content)
    place.git("add", "-A")
    place.git("commit", "-qm", "more")


def test_a_rename_is_taken_back_whole(place: Place) -> None:
    onto_main(place, {"was.txt": b"".join(b"%d\n" % n for n in range(50))})
    path = place.add("one")
    (path / "was.txt").rename(path / "is.txt")
    (path / "keep.txt").write_text("kept\n")
    after = commit(place, path)
    head = rejected(place, path, Rejection(place.base, after, "was.txt", "is.txt"))
    assert [(each.status, each.new) for each in changes(place.repository, place.base, head)] == [("A", "keep.txt")]
    assert (path / "was.txt").exists() and not (path / "is.txt").exists()


def test_a_mode_and_a_link_are_as_they_were(place: Place) -> None:
    onto_main(place, {"run.sh": b"x\n", "data": b"d\n"})
    path = place.add("one")
    (path / "run.sh").chmod(0o755)
    (path / "data").unlink()
    (path / "data").symlink_to("/etc/passwd")
    after = commit(place, path)
    middle = rejected(place, path, Rejection(place.base, after, "run.sh", "run.sh"))
    rejected(place, path, Rejection(place.base, middle, "data", "data"))
    assert not stat.S_IMODE((path / "run.sh").stat().st_mode) & 0o111
    assert not (path / "data").is_symlink() and (path / "data").read_bytes() == b"d\n"
    assert Path("/etc/passwd").exists()


@pytest.mark.parametrize("name", ["a b\tc", "*.py", ":(top)x", os.fsdecode(b"\xff\xfe"), "deep/er/x", "new\nline"])
def test_an_odd_name_names_this_file_only(place: Place, name: str) -> None:
    path = place.add("one")
    (path / name).parent.mkdir(parents=True, exist_ok=True)
    (path / name).write_text("x\n")
    (path / "other.py").write_text("y\n")
    after = commit(place, path)
    head = rejected(place, path, Rejection(place.base, after, name, name))
    assert [each.new for each in changes(place.repository, place.base, head)] == ["other.py"]
    assert not (path / name).exists()


CONTENTS = [
    (b"one\ntwo\nthree\n", b"ONE\ntwo\nthree\nfour"),
    (b"one\r\ntwo\r\nthree\r\n", b"one\r\nTWO\r\nthree\r\nmore\r\n"),
    (b"a\nb", b"a\nc\nb\nd\n"),
    (b"".join(b"%d\n" % n for n in range(60)), b"".join(b"%d\n" % n for n in range(60) if n % 20) + b"end\n"),
    (b"\xff\n\x00ok\n".replace(b"\x00", b""), b"\xfe\nok\nmore\n"),
]


@pytest.mark.parametrize("number", range(len(CONTENTS)))
def test_every_run_rejected_one_after_another_gives_the_file_of_the_base(place: Place, number: int) -> None:
    old, new = CONTENTS[number]
    onto_main(place, {"f": old})
    path = place.add("one")
    (path / "f").write_bytes(new)
    head, count = commit(place, path), 0
    while found := changes(place.repository, place.base, head):
        lines = lines_of(patch(place.repository, place.base, head, found[0]))
        run = run_at(lines, runs(lines)[-1])
        head = rejected(place, path, Rejection(place.base, head, "f", "f", run))
        count += 1
        assert count < 10
    assert (path / "f").read_bytes() == old


def test_a_folder_in_the_place_of_a_file_is_not_thrown_away(place: Place) -> None:
    onto_main(place, {"a": b"file\n"})
    path = place.add("one")
    (path / "a").unlink()
    (path / "a").mkdir()
    (path / "a" / "b").write_text("inside\n")
    after = commit(place, path)
    why = place.worktrees.reject(str(path), Rejection(place.base, after, "a", "a"))
    assert why == "a folder stands in its place: reject what is in it first"
    assert (path / "a" / "b").read_text() == "inside\n"


def test_half_of_it_done_before_a_kill_is_finished_by_the_next_try(place: Place) -> None:
    onto_main(place, {"was.txt": b"".join(b"%d\n" % n for n in range(50))})
    path = place.add("one")
    (path / "was.txt").rename(path / "is.txt")
    after = commit(place, path)
    (path / "was.txt").write_bytes(b"".join(b"%d\n" % n for n in range(50)))
    commit(place, path)
    head = rejected(place, path, Rejection(place.base, after, "was.txt", "is.txt"))
    assert changes(place.repository, place.base, head) == []


def test_what_was_saved_after_all_was_committed_is_not_overwritten(place: Place) -> None:
    onto_main(place, {"f": b"one\ntwo\n"})
    path = place.add("one")
    (path / "f").write_bytes(b"ONE\ntwo\n")
    after = commit(place, path)
    (path / "f").write_bytes(b"ONE\ntwo\nsaved\n")
    assert place.worktrees.reject(str(path), Rejection(place.base, after, "f", "f")) == "it changed since you looked"
    assert (path / "f").read_bytes() == b"ONE\ntwo\nsaved\n"


def test_what_no_commit_holds_is_not_written_over_by_a_file_that_comes_back(place: Place) -> None:
    onto_main(place, {"deep/f": b"was\n", "g/f": b"was\n", "h": b"was\n"})
    onto_main(place, {".gitignore": b"f\n/g\n"})
    path = place.add("one")
    for name in ("deep/f", "g/f", "h"):
        (path / name).unlink()
    after = commit(place, path)
    (path / "deep" / "f").write_text("ignored\n")
    (path / "g").rmdir()
    (path / "g").write_text("stands where a folder was\n")
    (path / "h").mkdir()
    (path / "h" / "f").write_text("ignored as well\n")
    for name in ("deep/f", "g/f", "h"):
        why = place.worktrees.reject(str(path), Rejection(place.base, after, name, name))
        assert why == "it changed since you looked"
    assert (path / "deep" / "f").read_text() == "ignored\n"
    assert (path / "g").read_text() == "stands where a folder was\n"
    assert (path / "h" / "f").read_text() == "ignored as well\n"


def test_a_file_that_came_back_before_a_kill_is_no_change_although_it_is_ignored(place: Place) -> None:
    onto_main(place, {"f": b"was\n"})
    onto_main(place, {".gitignore": b"f\n"})
    path = place.add("one")
    (path / "f").unlink()
    after = commit(place, path)
    (path / "f").write_bytes(b"was\n")
    assert place.worktrees.reject(str(path), Rejection(place.base, after, "f", "f")) == ""
    assert (path / "f").read_bytes() == b"was\n"
