"""The end of a file that another program appends to: each whole line once, torn and huge ones passed over."""

from __future__ import annotations

import errno
import json
import os
import select
from collections.abc import Iterator
from pathlib import Path

import pytest

from swarmctl.edges.files.tail import MOST, Tail, TailWatch, lies_below, newest


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "talk.jsonl"


@pytest.fixture
def watch() -> Iterator[TailWatch]:
    made = TailWatch()
    yield made
    made.close()


def put(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    with path.open("a") as stream:
        stream.write(text)


def line(number: int, size: int = 0) -> str:
    return json.dumps({"n": number, "fill": "x" * size}) + "\n"


def numbers(tail: Tail) -> list[int]:
    return [value["n"] for value in tail.lines()]


def test_a_line_counts_once_and_only_when_it_is_whole(path: Path) -> None:
    tail = Tail(str(path))
    assert numbers(tail) == []

    put(path, line(1) + line(2)[:5])
    assert numbers(tail) == [1]
    assert numbers(tail) == []

    put(path, line(2)[5:] + "no json\n[3]\n" + line(4))
    assert numbers(tail) == [2, 4]


def test_only_the_end_of_a_long_file_is_read(path: Path) -> None:
    for number in range(100):
        put(path, line(number, MOST // 20))

    found = numbers(Tail(str(path)))

    assert found == list(range(100 - len(found), 100))
    assert 0 < len(found) <= 20


def test_a_huge_line_says_nothing_and_hides_nothing_that_follows(path: Path) -> None:
    tail = Tail(str(path))
    put(path, line(1))
    assert numbers(tail) == [1]

    huge = line(2, MOST * 3)
    for begin in range(0, len(huge), MOST):
        put(path, huge[begin : begin + MOST])
        assert numbers(tail) == []
    put(path, line(3))
    assert numbers(tail) == [3]


def test_the_rest_of_a_line_of_which_the_beginning_was_left_out_is_no_line(path: Path) -> None:
    put(path, "x" * (2 * MOST))
    tail = Tail(str(path))
    assert numbers(tail) == []

    put(path, '{"n": 1}\n' + line(2))

    assert numbers(tail) == [2]


def test_a_file_that_was_cut_or_replaced_is_met_anew(path: Path) -> None:
    tail = Tail(str(path))
    put(path, line(1) + line(2))
    assert numbers(tail) == [1, 2]

    path.write_text(line(3))
    assert numbers(tail) == [3]

    other = path.with_name("other")
    other.write_text(line(4) + line(5))
    other.replace(path)
    assert numbers(tail) == [4, 5]


def test_what_is_no_plain_file_is_not_read(path: Path) -> None:
    path.parent.mkdir()
    os.mkfifo(path)
    assert Tail(str(path)).lines() == []

    path.unlink()
    path.symlink_to("/etc/passwd")
    assert Tail(str(path)).lines() == []
    assert Tail(str(path.parent)).lines() == []


def said(watch: TailWatch) -> set[str]:
    assert select.select([watch], [], [], 30)[0], "the kernel said nothing"
    return watch.changed()


def test_the_kernel_says_who_grew_and_nobody_else_is_looked_at(watch: TailWatch, path: Path) -> None:
    quiet = path.with_name("quiet.jsonl")
    for each in (path, quiet):
        put(each, line(1))
    watch.follow([str(path), str(quiet)])
    assert watch.changed() == set()

    put(path, line(2))
    assert said(watch) == {str(path)}

    watch.follow([str(quiet)])
    watch.changed()
    put(path, line(3))
    put(quiet, line(2))
    assert said(watch) == {str(quiet)}


def test_a_file_that_is_not_there_yet_is_awaited(watch: TailWatch, path: Path) -> None:
    deeper = path.parent / "deeper" / "talk.jsonl"
    watch.follow([str(deeper)])

    path.parent.mkdir()
    assert said(watch) == {str(deeper)}
    deeper.parent.mkdir()
    assert said(watch) == {str(deeper)}
    put(deeper, "")
    assert said(watch) == {str(deeper)}
    put(deeper, line(1))
    assert said(watch) == {str(deeper)}


def test_a_file_that_was_replaced_is_followed_further(watch: TailWatch, path: Path) -> None:
    put(path, line(1))
    watch.follow([str(path)])
    other = path.with_name("other")
    put(other, line(2))

    other.replace(path)
    assert said(watch) == {str(path)}
    watch.changed()
    put(path, line(3))

    assert said(watch) == {str(path)}


def test_the_newest_file_of_a_conversation_is_found_whatever_its_name_holds(tmp_path: Path) -> None:
    for number, folder in enumerate(("a", "b")):
        made = tmp_path / folder / "log-[x].jsonl"
        made.parent.mkdir()
        made.write_text("")
        os.utime(made, (number, number))

    patterns = [f"{tmp_path}/*/log-{{id}}.jsonl", f"{tmp_path}/none/{{id}}"]

    assert newest(patterns, "[x]") == str(tmp_path / "b" / "log-[x].jsonl")
    assert newest(patterns, "x") == ""


@pytest.mark.parametrize("link", ["nowhere", "talk.jsonl"])
def test_a_link_that_leads_nowhere_is_not_followed_and_hides_nobody(watch: TailWatch, path: Path, link: str) -> None:
    path.parent.mkdir()
    path.symlink_to(link)
    other = path.with_name("other.jsonl")
    put(other, line(1))

    watch.follow([str(path), str(other)])
    put(other, line(2))
    assert said(watch) == {str(other)}

    path.unlink()
    put(path, line(1))
    watch.follow([str(path), str(other)])
    put(path, line(2))
    assert said(watch) == {str(path)}


def test_without_a_watch_left_nothing_is_followed(
    watch: TailWatch, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none_left(*_: object) -> int:
        raise OSError(errno.ENOSPC, "no space left on device")

    put(path, line(1))
    with monkeypatch.context() as patch:
        patch.setattr("inotify_simple.INotify.add_watch", none_left)
        watch.follow([str(path)])
    assert watch.changed() == set()

    watch.follow([str(path)])
    put(path, line(2))
    assert said(watch) == {str(path)}


def test_only_files_of_the_agents_own_folders_lie_there(tmp_path: Path) -> None:
    root, patterns = tmp_path / "talks", [f"{tmp_path}/link/*/{{id}}.jsonl", "/nowhere/*/{id}"]
    (root / "a").mkdir(parents=True)
    (tmp_path / "link").symlink_to(root)
    (root / "out").symlink_to("/etc")

    assert lies_below(f"{root}/a/b.jsonl", patterns)
    assert lies_below(f"{tmp_path}/link/new/b.jsonl", patterns)
    foreign = (
        "",
        "talks/a",
        f"{root}/../x",
        f"{root}/out/passwd",
        f"{root}/\0",
        f"{root}/\ud800",
        f"{root}" + "/a" * 9999,
    )
    assert [path for path in foreign if lies_below(path, patterns)] == []
    assert not lies_below(f"{root}/a/b.jsonl", [])
