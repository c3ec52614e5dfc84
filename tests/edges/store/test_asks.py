"""What was asked is kept: by many at once, bounded, readable by its owner alone."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from swarmctl.core.errors import EnvironmentFault
from swarmctl.edges.store import asks

ROOT = Path(__file__).resolve().parents[3]


def row(name: str, **other: Any) -> dict[str, Any]:
    return {
        "id": name, "at": 1.5, "zone": "UTC", "root": "", "head": "", "question": "2+2", "read_as": "2+2", "whole": 1,
        "before": [["1+1", "2"]], "kind": "exact", "risk": "low", "tiers": ["rules", "exact"], "reasons": ["a sum"],
        "status": "answered", "tier": "exact", "confidence": 1.0, "answer": "4", "proof": "2+2 = 4", "reads": [],
        "steps": [["exact", "sums", "answered", "4", 12, 0]], "rules": "r1", "tools": "t1", "latency_us": 1000,
        "cost_micro": 0, **other,
    }  # fmt: skip


def test_what_was_recorded_is_read_back(tmp_path: Path) -> None:
    asks.record(str(tmp_path), row("aaaaa"), "the rules")
    asks.record(str(tmp_path), row("bbbbb", question="3+3"), "the rules")
    assert asks.find(str(tmp_path), "aaaaa") == row("aaaaa")
    newest = asks.find(str(tmp_path), "")
    assert newest and newest["id"] == "bbbbb"
    assert asks.rules_of(str(tmp_path), "r1") == "the rules"
    assert [each[1:6] for each in asks.figures(str(tmp_path))] == [("exact", "answered", "exact", 1000, 0)] * 2


def test_where_nothing_was_asked_nothing_is_found_and_nothing_is_made(tmp_path: Path) -> None:
    assert asks.find(str(tmp_path), "") is None
    assert asks.figures(str(tmp_path)) == []
    assert list(tmp_path.iterdir()) == []


def test_its_owner_alone_may_read_it(tmp_path: Path) -> None:
    asks.record(str(tmp_path), row("aaaaa"), "")
    assert (tmp_path / asks.NAME).stat().st_mode & 0o777 == 0o600


def test_the_oldest_leave_and_with_them_rules_that_nobody_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asks, "KEPT", 10)
    monkeypatch.setattr(asks, "PRUNED_EVERY", 5)
    for number in range(30):
        asks.record(str(tmp_path), row(f"a{number}", rules=f"r{number // 10}"), f"rules {number // 10}")
    assert asks.find(str(tmp_path), "a19") is None
    assert asks.find(str(tmp_path), "a20") is not None
    assert asks.rules_of(str(tmp_path), "r0") == ""
    assert len(asks.figures(str(tmp_path))) == 10


WRITER = """
import sys
sys.path.insert(0, {root!r})
from swarmctl.edges.store import asks
from tests.edges.store.test_asks import row
for number in range(20):
    asks.record({folder!r}, row(f"{{sys.argv[1]}}{{number}}"), "rules")
"""


def test_several_processes_write_at_once_and_none_is_lost(tmp_path: Path) -> None:
    code = WRITER.format(root=str(ROOT), folder=str(tmp_path))
    children = [subprocess.Popen([sys.executable, "-c", code, name], cwd=ROOT, env=os.environ) for name in "abcd"]
    assert [child.wait(120) for child in children] == [0, 0, 0, 0]
    assert len(asks.figures(str(tmp_path))) == 80


def test_a_file_of_a_newer_format_is_left_alone(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / asks.NAME) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(EnvironmentFault, match="newer swarmctl"):
        asks.record(str(tmp_path), row("aaaaa"), "")


def test_a_broken_file_is_a_fault_with_a_hint(tmp_path: Path) -> None:
    (tmp_path / asks.NAME).write_text("no database at all " * 100)
    with pytest.raises(EnvironmentFault) as fault:
        asks.record(str(tmp_path), row("aaaaa"), "")
    assert asks.NAME in fault.value.message
    assert fault.value.hint
    with pytest.raises(EnvironmentFault):
        asks.find(str(tmp_path), "")


def test_a_folder_that_nobody_can_write_to_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault):
        asks.record(str(tmp_path / "nosuch"), row("aaaaa"), "")
