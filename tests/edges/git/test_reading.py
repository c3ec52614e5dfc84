"""Diffs that people and agents ask for, and what is better not shown in one."""

from __future__ import annotations

import pytest

from swarmctl.edges.git import reading
from swarmctl.edges.git.reading import changed_lines, diff, local_branches, questionable
from tests.edges.git.conftest import Place

TOKEN = "ghp_" + "a" * 36


def committed(place: Place, files: dict[str, bytes]) -> str:
    for name, content in files.items():
        (place.repo / name).parent.mkdir(exist_ok=True)
        (place.repo / name).write_bytes(content)
    place.git("add", "-A")
    place.git("commit", "-qm", "more")
    return place.git("rev-parse", "HEAD")


def test_files_that_are_not_committed_without_a_person_are_named_whatever_side_of_a_diff_they_are_on(
    place: Place,
) -> None:
    before = committed(place, {"was.txt": TOKEN.encode(), "fine.txt": b"fine\n"})
    named = ("conf/.env", "*.pem", "odd\nname.pem", ":(top)é.pem")
    newest = committed(place, {"was.txt": b"clean\n", "fine.txt": b"finer\n", **dict.fromkeys(named, b"hidden\n")})
    found = questionable(place.repository, before, newest)
    assert {path.decode() for path in found} == {"was.txt", *named}
    assert found[b"was.txt"] == "holds what looks like an access token"
    shown = diff(place.repository, before, newest, stat=False, without=found)
    assert "+finer" in shown
    assert TOKEN not in shown and "hidden" not in shown


def test_nothing_is_shown_where_too_much_would_have_to_be_left_out(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    newest = committed(place, {"fine.txt": b"fine\n", "a.pem": b"x\n"})
    monkeypatch.setattr(reading, "LONGEST_LIST", 10)
    assert diff(place.repository, f"{newest}^", newest, stat=False, without=[b"a.pem"]) == ""
    assert "+fine" in diff(place.repository, f"{newest}^", newest, stat=False)


def test_a_name_that_holds_a_break_of_lines_is_one_file(place: Place) -> None:
    names = ("a\u2028b.txt", "c\x85d.txt", "e\nf.txt")
    newest = committed(place, dict.fromkeys(names, b"one\ntwo\n"))
    assert changed_lines(place.repository, f"{newest}^", newest) == (3, 6, 0)


def test_a_binary_file_has_no_lines_and_a_renamed_one_is_one(place: Place) -> None:
    committed(place, {"old.txt": b"one\ntwo\nthree\n"})
    place.git("mv", "old.txt", "new.txt")
    newest = committed(place, {"new.txt": b"one\ntwo\nthree\nfour\n", "picture.png": b"\0\1"})
    assert changed_lines(place.repository, f"{newest}^", newest) == (2, 1, 0)


def test_a_branch_is_one_whatever_its_name_holds_or_ends_with(place: Place) -> None:
    odd = ("a\u2028b", "ends\u2028", "c\x85d", "\u3000begins")
    for name in odd:
        place.git("branch", name)
    assert local_branches(place.repository)[0] == "main"
    assert set(local_branches(place.repository)[1]) == {"main", *odd}
    place.git("checkout", "-q", "ends\u2028")
    assert local_branches(place.repository)[0] == "ends\u2028"
