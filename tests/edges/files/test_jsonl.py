"""Transcripts of others: whole lines once, and nothing that is no file of JSON lines."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from swarmctl.edges.files.jsonl import read_lines


def read(path: Path, offset: int = 0) -> tuple[list[dict[str, Any]], int]:
    found = list(read_lines(str(path), offset))
    return [line for line, _ in found], found[-1][1] if found else offset


def test_a_look_goes_on_where_the_last_one_ended_and_waits_for_the_rest_of_a_line(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"n": 1}\n{"n": 2')
    first, end = read(path)
    with path.open("a") as stream:
        stream.write('2}\nnot json\n[3]\n{"n": 4}\n')
    second, end = read(path, end)
    assert (first, second) == ([{"n": 1}], [{"n": 22}, {"n": 4}])
    assert read(path, end) == ([], end)


def test_a_file_that_shrank_is_read_anew(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"n": 1}\n')
    assert read(path, 500)[0] == [{"n": 1}]


def test_what_is_no_file_of_ones_own_gives_nothing_and_holds_nobody_up(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "real.jsonl").write_text("{}\n")
    (tmp_path / "link").symlink_to(tmp_path / "real.jsonl")
    for name in ("pipe", "link", "absent", ".", "nul\0byte"):
        assert list(read_lines(f"{tmp_path}/{name}", 0)) == []
    assert list(read_lines("/dev/zero", 0)) == []
