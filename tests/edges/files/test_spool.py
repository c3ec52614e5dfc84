"""The spool is read line by line, whatever was done to it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swarmctl.edges.files.spool import LONGEST_LINE, NEWEST, SpoolWatch, read_spool

TOKEN = "ours"


def line(event: str, token: str = TOKEN, **more: object) -> bytes:
    return b"\n" + json.dumps({"v": 1, "token": token, "event": event, "at": 1.5, "text": "", **more}).encode() + b"\n"


def events(path: Path, offset: int = 0) -> tuple[list[str], int, int]:
    lines, offset, forged = read_spool(path, offset, TOKEN)
    return [each.event for each in lines], offset, forged


def test_lines_are_returned_once(tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    assert events(spool) == ([], 0, 0)
    spool.write_bytes(line("a") + line("b"))
    found, offset, _ = events(spool)
    assert found == ["a", "b"]
    with spool.open("ab") as file:
        file.write(line("c"))
    assert events(spool, offset)[0] == ["c"]


def test_a_torn_line_waits_for_its_end(tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    whole = line("a") + line("b", payload="é")
    for cut in range(len(whole)):
        spool.write_bytes(whole[:cut])
        first, offset, _ = events(spool)
        spool.write_bytes(whole)
        assert first + events(spool, offset)[0] == ["a", "b"]


def test_a_line_that_stays_torn_costs_no_other(tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    spool.write_bytes(line("a") + line("lost")[:20] + line("b"))
    assert events(spool) == (["a", "b"], spool.stat().st_size, 0)


def test_another_token_is_counted_and_not_believed(tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    spool.write_bytes(line("a", token="theirs") + line("b", token="") + b'{"event":"c"}\n' + line("d"))
    assert events(spool) == (["d"], spool.stat().st_size, 3)


def test_a_line_of_ten_megabytes_is_passed_over(tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    spool.write_bytes(line("a") + line("huge", payload="x" * 10_000_000) + line("b"))
    assert events(spool)[0] == ["a", "b"]
    spool.write_bytes(b"x" * (LONGEST_LINE + 10))
    _, offset, _ = events(spool)
    assert offset == LONGEST_LINE + 10
    with spool.open("ab") as file:
        file.write(b"the end" + line("c"))
    assert events(spool, offset)[0] == ["c"]


def test_of_a_flood_the_newest_lines_count(tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    spool.write_bytes(b"".join(line(f"e{n}", payload="x" * n) for n in range(NEWEST + 5)))
    found, offset, _ = events(spool)
    assert (len(found), found[0], found[-1]) == (NEWEST, "e5", f"e{NEWEST + 4}")
    assert offset == spool.stat().st_size


def test_a_truncated_spool_starts_anew(tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    spool.write_bytes(line("a") * 10)
    _, offset, _ = events(spool)
    spool.write_bytes(line("b"))
    assert events(spool, offset)[0] == ["b"]


@pytest.mark.parametrize("value", [None, 3, [1], {"x": 1}, "\ud800", True])
def test_a_value_of_the_wrong_type_becomes_an_empty_one(tmp_path: Path, value: object) -> None:
    spool = tmp_path / "spool"
    spool.write_bytes(line("a", text=value, payload=value, at=value))
    [found], _, _ = read_spool(spool, 0, TOKEN)
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
