"""The spool is read line by line, whatever was done to it."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from swarmctl.core.session import SpoolPlace
from swarmctl.edges.files.spool import LONGEST_LINE, NEWEST, SpoolWatch, read_spool

TOKEN = "ours"
START = SpoolPlace()


def line(event: str, token: str = TOKEN, **more: object) -> bytes:
    return b"\n" + json.dumps({"v": 1, "token": token, "event": event, "at": 1.5, "text": "", **more}).encode() + b"\n"


def events(path: Path, heard: SpoolPlace = START) -> tuple[list[str], SpoolPlace, int]:
    lines, heard, forged = read_spool(path, heard, TOKEN)
    return [each.event for each in lines], heard, forged


def whole(path: Path) -> SpoolPlace:
    """All of the file was read."""
    return read_spool(path, START, TOKEN)[1]


def test_lines_are_returned_once(tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    assert events(spool) == ([], START, 0)
    spool.write_bytes(line("a") + line("b"))
    found, offset, _ = events(spool)
    assert found == ["a", "b"]
    with spool.open("ab") as file:
        file.write(line("c"))
    assert events(spool, offset)[0] == ["c"]


def test_a_torn_line_waits_for_its_end(tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    both = line("a") + line("b", payload="é")
    for cut in range(len(both)):
        spool.write_bytes(both[:cut])
        first, offset, _ = events(spool)
        spool.write_bytes(both)
        assert first + events(spool, offset)[0] == ["a", "b"]


def test_a_line_that_stays_torn_costs_no_other(tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    spool.write_bytes(line("a") + line("lost")[:20] + line("b"))
    assert events(spool) == (["a", "b"], whole(spool), 0)
    assert whole(spool).offset == spool.stat().st_size


def test_another_token_is_counted_and_not_believed(tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    spool.write_bytes(line("a", token="theirs") + line("b", token="") + b'{"event":"c"}\n' + line("d"))
    assert events(spool) == (["d"], whole(spool), 3)


def test_what_is_no_text_is_neither_a_token_nor_an_event(tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    spool.write_bytes(line("a", token="\ud800") + line("b") + b'{"token": ["ours"], "event": "c"}\n')
    assert events(spool) == (["b"], whole(spool), 2)
    spool.write_bytes(b'{"token": "ours", "event": ["d"]}\n' + line("e"))
    assert [each.event for each in read_spool(spool, SpoolPlace(), TOKEN, frozenset({"e"}))[0]] == ["e"]


def test_a_line_of_ten_megabytes_is_passed_over(tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    spool.write_bytes(line("a") + line("huge", payload="x" * 10_000_000) + line("b"))
    assert events(spool)[0] == ["a", "b"]
    spool.write_bytes(b"x" * (LONGEST_LINE + 10))
    _, offset, _ = events(spool)
    assert offset.offset == LONGEST_LINE + 10
    with spool.open("ab") as file:
        file.write(b"the end" + line("c"))
    assert events(spool, offset)[0] == ["c"]


def test_of_a_flood_the_newest_lines_count(tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    spool.write_bytes(b"".join(line(f"e{n}", payload="x" * n) for n in range(NEWEST + 5)))
    found, offset, _ = events(spool)
    assert (len(found), found[0], found[-1]) == (NEWEST, "e5", f"e{NEWEST + 4}")
    assert offset.offset == spool.stat().st_size


def test_a_truncated_spool_starts_anew(tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    spool.write_bytes(line("a") * 10)
    _, offset, _ = events(spool)
    spool.write_bytes(line("b"))
    assert events(spool, offset)[0] == ["b"]


def test_a_spool_that_was_truncated_and_grew_again_starts_anew(tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    spool.write_bytes(line("a") + line("b"))
    _, heard, _ = events(spool)
    spool.write_bytes(line("c") + line("d") + line("e"))
    assert events(spool, heard)[0] == ["c", "d", "e"]


def test_a_rotated_spool_starts_anew_even_when_it_is_as_long_as_the_old_one(tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    spool.write_bytes(line("a") + line("b"))
    _, heard, _ = events(spool)
    spool.rename(tmp_path / "spool.1")
    assert events(spool, heard) == ([], START, 0)
    spool.write_bytes(line("c") + line("d"))
    assert spool.stat().st_size == heard.offset
    assert events(spool, heard)[0] == ["c", "d"]


def test_a_spool_that_was_moved_with_its_folder_is_still_the_same(tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    spool.write_bytes(line("a"))
    _, heard, _ = events(spool)
    (tmp_path / "copy").write_bytes(spool.read_bytes() + line("b"))
    assert events(tmp_path / "copy", heard)[0] == ["b"]


def test_what_is_not_a_file_is_neither_waited_for_nor_read(tmp_path: Path) -> None:
    heard = SpoolPlace(10, "x")
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "secret").write_bytes(line("a"))
    (tmp_path / "link").symlink_to("secret")
    (tmp_path / "folder").mkdir()
    for name in ("fifo", "link", "folder"):
        assert events(tmp_path / name, heard) == ([], heard, 0)


def test_a_spool_that_cannot_be_opened_now_is_not_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spool = tmp_path / "spool"
    spool.write_bytes(line("a"))
    _, heard, _ = events(spool)

    def no_descriptor(*_: object) -> int:
        raise OSError(errno.EMFILE, "Too many open files")

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", no_descriptor)
        assert events(spool, heard) == ([], heard, 0)
    assert events(spool, heard) == ([], heard, 0)


@pytest.mark.parametrize("value", [None, 3, [1], {"x": 1}, "\ud800", True])
def test_a_value_of_the_wrong_type_becomes_an_empty_one(tmp_path: Path, value: object) -> None:
    spool = tmp_path / "spool"
    spool.write_bytes(line("a", text=value, payload=value, at=value))
    [found], _, _ = read_spool(spool, START, TOKEN)
    assert found.text in ("", "?")
    assert found.at == 0.0


@given(st.binary(max_size=200))
def test_garbage_never_breaks_the_reader(tmp_path_factory: pytest.TempPathFactory, garbage: bytes) -> None:
    spool = tmp_path_factory.mktemp("spool") / "s"
    spool.write_bytes(garbage + line("after"))
    assert events(spool)[0][-1:] == ["after"]


def test_the_watch_names_what_changed(tmp_path: Path) -> None:
    watch = SpoolWatch(tmp_path)
    try:
        assert watch.changed() == set()
        (tmp_path / "a").write_bytes(line("x"))
        (tmp_path / "b").write_bytes(line("x"))
        assert watch.changed(timeout_s=5) == {"a", "b"}
        with (tmp_path / "b").open("ab") as file:
            file.write(line("y"))
        assert watch.changed(timeout_s=5) == {"b"}
        assert watch.fileno() > 2
    finally:
        watch.close()
