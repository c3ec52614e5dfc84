"""Which files differ between two trees, and the patch of each, whatever stands in them."""

from __future__ import annotations

import os

import pytest

from swarmctl.core.patch import Change, lines_of
from swarmctl.edges.git.patches import changed_paths, changes, patch, sizes
from tests.edges.git.conftest import Place


def committed(place: Place, files: dict[str, bytes | None]) -> str:
    for name, content in files.items():
        file = place.repo / name
        if content is None:
            file.unlink()
        else:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
    place.git("add", "-A")
    place.git("commit", "-qm", "more", "--allow-empty")
    return place.git("rev-parse", "HEAD")


def by_path(found: list[Change]) -> dict[str, Change]:
    return {change.new: change for change in found}


def test_every_kind_of_change_is_told_apart_and_counted(place: Place) -> None:
    text = b"".join(b"line %d\n" % number for number in range(20))
    before = committed(place, {"gone": b"x\ny\n", "was": text, "same": b"s\n", "pic": b"\0\1", "run": b"r\n"})
    (place.repo / "run").chmod(0o755)
    (place.repo / "was").rename(place.repo / "is")
    after = committed(place, {"gone": None, "new": b"n\n", "pic": b"\0\2\3", "is": text + b"more\n"})
    found = by_path(changes(place.repository, before, after))
    assert set(found) == {"gone", "is", "new", "pic", "run"}
    kinds = {name: (each.status, each.added, each.removed) for name, each in found.items()}
    assert kinds["gone"] == ("D", 0, 2)
    assert kinds["new"] == ("A", 1, 0)
    assert kinds["is"] == ("R", 1, 0)
    assert found["is"].old == "was"
    assert kinds["run"] == ("M", 0, 0)
    assert found["run"].modes == ("100644", "100755")
    assert found["pic"].binary
    assert sizes(place.repository, found["pic"].before, found["pic"].after, found["new"].before) == [2, 3, 0]
    assert changed_paths(place.repository, before, after) == {"gone", "was", "is", "new", "pic", "run"}


NAMES = ["a b\tc", 'quo"te', "new\nline", "*.py", ":(top)x", "é", os.fsdecode(b"\xff\xfe"), "-n", "deep/er/x"]


@pytest.mark.parametrize("name", NAMES)
def test_the_patch_of_a_file_is_its_own_whatever_it_is_called(place: Place, name: str) -> None:
    before = committed(place, {"other.py": b"1\n"})
    after = committed(place, {name: b"hello\n", "other.py": b"2\n"})
    change = by_path(changes(place.repository, before, after))[name]
    assert [line.text for line in lines_of(patch(place.repository, before, after, change))][1:] == ["hello"]


def test_a_file_whose_place_a_folder_took_shows_only_its_own_lines(place: Place) -> None:
    before = committed(place, {"a": b"the file\n"})
    (place.repo / "a").unlink()
    after = committed(place, {"a/b": b"in the folder\n"})
    found = by_path(changes(place.repository, before, after))
    texts = {
        name: [line.text for line in lines_of(patch(place.repository, before, after, found[name]))] for name in found
    }
    assert texts == {"a": ["", "the file"], "a/b": ["", "in the folder"]}


CONTENTS = [
    (b"one\r\ntwo\r\n", b"one\r\nTWO\r\n"),
    (b"one\ntwo", b"one\ntwo\n"),
    (b"", b"x"),
    (b"\xff\xfe latin\n", b"\xff\xfd latin\n"),
    (b"a\x0bb\x0cc\x1cd\xc2\x85e\n", b"a\x0bb\x0cc\x1cD\xc2\x85e\n"),
    (b"\x1b[2J\x1b]0;t\x07\n", b"plain\n"),
    (b"\n\n\n\n\n", b"\n\n\nx\n\n\n"),
    (b"x" * 100_000 + b"\n", b"y" * 100_000 + b"\n"),
    (b"".join(b"%d\n" % n for n in range(5000)), b"".join(b"%d\n" % (n * 2) for n in range(5000))),
]


@pytest.mark.parametrize("number", range(len(CONTENTS)))
def test_the_lines_of_a_patch_make_the_new_file_of_the_old_one(place: Place, number: int) -> None:
    old, new = CONTENTS[number]
    before = committed(place, {"f": old})
    after = committed(place, {"f": new})
    (change,) = changes(place.repository, before, after)
    lines = lines_of(patch(place.repository, before, after, change))
    olds = old.decode("utf-8", "replace").split("\n")
    news = new.decode("utf-8", "replace").split("\n")
    for line in lines:
        if line.kind in "- ":
            assert olds[line.old - 1] == line.text
        if line.kind in "+ ":
            assert news[line.new - 1] == line.text
    assert sum(line.kind == "+" for line in lines) == change.added
    assert sum(line.kind == "-" for line in lines) == change.removed


def test_settings_of_a_person_do_not_change_what_is_read(place: Place) -> None:
    before = committed(place, {"f": b"one\n\ntwo\n"})
    after = committed(place, {"f": b"one\n\nTWO\n"})
    for key in ("diff.noprefix", "diff.mnemonicPrefix", "diff.suppressBlankEmpty"):
        place.git("config", key, "true")
    place.git("config", "diff.external", "false")
    place.git("config", "color.ui", "always")
    (change,) = changes(place.repository, before, after)
    kinds = [(line.kind, line.text) for line in lines_of(patch(place.repository, before, after, change))]
    assert kinds[1:] == [(" ", "one"), (" ", ""), ("-", "two"), ("+", "TWO")]
