"""Counting tests from what a gate left behind: the real forms, and everything that must not become a number."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from swarmctl.flow.gate.count import (
    LARGEST,
    Count,
    count_tests,
    from_junit,
    from_pytest,
    from_regex,
    from_tap,
    stamp,
    warnings_in,
)

PYTEST = [
    ("3 passed in 0.01s\n", Count(3)),
    ("============ 3 passed, 1 skipped in 0.12s ============\n", Count(3)),
    ("1 failed, 2 passed, 1 error in 0.50s", Count(2, 2)),
    ("2 errors in 0.50s", Count(0, 2)),
    ("=== 12 passed, 2 warnings in 65.10s (0:01:05) ===", Count(12)),
    ("\x1b[32m\x1b[1m4 passed\x1b[0m\x1b[32m in 0.01s\x1b[0m", Count(4)),
    (
        "\x1b[32m======= \x1b[32m\x1b[1m4 passed\x1b[0m, \x1b[33m1 xfailed\x1b[0m\x1b[32m in 0.01s =======\x1b[0m",
        Count(4),
    ),
    ("5 skipped in 0.01s", Count(0)),
    ("no tests ran in 0.00s", Count(0)),
    ("========= 3 deselected in 0.01s ========", Count(0)),
    ("collected 0 items\n", Count(0)),
    ("3 passed, 2 subtests passed in 0.02s", Count(3)),
    ("1 passed in 0.1s\nlinting\n2 passed in 0.2s\n", Count(3)),
]


@pytest.mark.parametrize(("output", "count"), PYTEST)
def test_every_form_of_the_pytest_summary_is_read(output: str, count: Count) -> None:
    assert from_pytest("collecting ...\r\n" + output) == count


@pytest.mark.parametrize("output", ["", "...  [100%]", "all 3 passed", "ok: 3 passed in time", "3 passed"])
def test_what_is_no_summary_of_pytest_is_no_count(output: str) -> None:
    assert isinstance(from_pytest(output), str)


def test_hostile_output_is_read_in_a_moment() -> None:
    blank, long = "\n" * 500_000, "1 a" * 100_000
    assert isinstance(from_pytest(blank + "=" * 500_000 + long), str)
    assert isinstance(from_tap(blank), str)


@pytest.mark.parametrize(
    ("output", "count"),
    [
        ("1..2\nok 1 - a\nok 2 - b\n", Count(2)),
        ("ok 1\nnot ok 2 - b\n1..2\n", Count(1, 1)),
        ("TAP version 13\n1..3\nok 1 # SKIP no net\nnot ok 2 # TODO later\nok 3 - # not a directive\n", Count(1)),
        ("1..0 # skipped: nothing here\n", Count(0)),
        ("1..1\n    1..2\n    ok 1\n    not ok 2\nok 1 - subtests\n", Count(1)),
    ],
)
def test_tap_is_counted_at_its_top_level(output: str, count: Count) -> None:
    assert from_tap(output) == count


@pytest.mark.parametrize(
    ("output", "why"),
    [
        ("ok 1\nok 2\n", "no TAP plans"),
        ("1..3\nok 1\n", "says 3 tests and 1 reported"),
        ("1..1\nok 1\nok 2\n", "says 1 tests and 2 reported"),
        ("1..1\nok 1\n1..1\nok 1\n", "2 TAP plans"),
        ("1..2\nok 1\nBail out! no database\n", "bailed out"),
    ],
)
def test_tap_that_does_not_keep_its_plan_is_no_count(output: str, why: str) -> None:
    count = from_tap(output)
    assert isinstance(count, str) and why in count


def test_junit_counts_cases_that_ran() -> None:
    report = b"""<?xml version="1.0"?><testsuites><testsuite tests="99">
        <testcase name="a"/><testcase name="b"><system-out>x</system-out></testcase>
        <testcase name="c"><skipped/></testcase><testcase name="d"><failure>no</failure></testcase>
        <testcase name="e"><error/></testcase></testsuite></testsuites>"""
    assert from_junit(report) == Count(2, 2)


BOMB = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<testsuite><testcase name="&b;"/></testsuite>"""
OUTSIDE = b"""<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><testsuite><testcase>&a;</testcase></testsuite>"""


@pytest.mark.parametrize("report", [BOMB, OUTSIDE, b"", b"<testsuite>", b"not xml", b"<a>&b;</a>"])
def test_a_junit_report_that_is_broken_or_declares_entities_is_no_count(report: bytes) -> None:
    assert isinstance(from_junit(report), str)


def test_the_last_line_that_matches_the_users_expression_counts() -> None:
    assert from_regex(r"^Tests: (\d+) ok", "Tests: 3 ok\nmore\n\x1b[1mTests: 12 ok\x1b[0m\n") == Count(12)


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("Tests: (", "no regular expression"),
        ("Tests: 3", "one group"),
        (r"(Te)(sts)", "one group"),
        (r"Tests(:)", "no number"),
        (r"Passed: (\d+)", "nothing in its output"),
        (r"(x)?Tests", "no number"),
    ],
)
def test_an_expression_that_finds_no_number_is_no_count(pattern: str, why: str) -> None:
    count = from_regex(pattern, "Tests: 3 ok\n")
    assert isinstance(count, str) and why in count


def test_only_the_end_of_the_output_meets_the_users_expression() -> None:
    assert isinstance(from_regex(r"n=(\d+)", "n=5\n" + "x" * 100_000), str)
    assert isinstance(from_regex(r"n=(\d+)", "x" * 2000 + "n=5"), str)


@pytest.fixture
def worktree(tmp_path: Path) -> Path:
    (tmp_path / "work").mkdir()
    return tmp_path / "work"


def count_report(worktree: Path, write: bytes | None = None) -> Count | str:
    """Count `report.xml` as if a gate had run that wrote `write`."""
    before = stamp(str(worktree), "report.xml")
    if write is not None:
        (worktree / "report.xml").write_bytes(write)
    return count_tests("junit:report.xml", "/nowhere", str(worktree), before)


ONE = b'<testsuite><testcase name="a"/></testsuite>'


def test_a_fresh_junit_report_counts(worktree: Path) -> None:
    assert count_report(worktree, ONE) == Count(1)


def test_a_junit_report_from_before_the_gate_does_not_count(worktree: Path) -> None:
    (worktree / "report.xml").write_bytes(ONE)
    assert count_report(worktree) == "report.xml was not written by this run"
    assert count_report(worktree, ONE + b"\n") == Count(1)


def test_a_missing_junit_report_does_not_count(worktree: Path) -> None:
    assert count_report(worktree) == "report.xml was not written by this run"


def test_a_junit_report_outside_the_worktree_does_not_count(worktree: Path) -> None:
    (worktree.parent / "other.xml").write_bytes(ONE)
    (worktree / "report.xml").symlink_to("../other.xml")
    count = count_tests("junit:report.xml", "/nowhere", str(worktree), None)
    assert count == "report.xml leads out of the worktree"
    assert "leads out" in str(count_tests("junit:../other.xml", "/nowhere", str(worktree), None))


def test_a_report_that_is_a_pipe_or_too_large_does_not_count(worktree: Path) -> None:
    os.mkfifo(worktree / "report.xml")
    assert "no regular file" in str(count_tests("junit:report.xml", "/nowhere", str(worktree), None))
    with (worktree / "large.xml").open("wb") as large:
        large.truncate(LARGEST + 1)
    assert "larger than 16 MB" in str(count_tests("junit:large.xml", "/nowhere", str(worktree), None))


@pytest.mark.parametrize(
    ("count", "output", "expected"),
    [
        ("", "3 passed in 0.1s", Count(3)),
        ("", "1..1\nok 1", Count(1)),
        ("", "all good", None),
        ("pytest", "1..1\nok 1", None),
        ("tap", "3 passed in 0.1s", None),
        (r"(\d+) good", "4 good", Count(4)),
    ],
)
def test_the_way_of_counting_is_the_one_asked_for(
    worktree: Path, count: str, output: str, expected: Count | None
) -> None:
    log = worktree.parent / "log"
    log.write_text(output)
    found = count_tests(count, str(log), str(worktree), None)
    assert found == expected if expected else isinstance(found, str)


def test_a_log_that_is_gone_is_no_count(worktree: Path) -> None:
    assert count_tests("pytest", "/nowhere/log", str(worktree), None) == "log cannot be read: No such file or directory"


@pytest.mark.parametrize(
    ("output", "count"),
    [
        ("=== 3 passed, 2 warnings in 0.12s ===\n", 2),
        ("3 passed in 0.12s\n", 0),
        ("1 passed, 1 warning in 0.1s\n2 passed, 4 warnings in 0.1s\n", 5),
        ("a.c:1: warning: unused\n2 warnings generated.\n", 2),
        ("warning: `x` (lib) generated 3 warnings\n", 3),
        ("warning: 1 warning emitted\n", 1),
        ("✖ 5 problems (2 errors, 3 warnings)\n", 3),
        ("\x1b[33m1 warning generated.\x1b[0m\n", 1),
        ("all is well\n", None),
        ("fixed 3 warnings of the linter\n", None),
        ("", None),
    ],
)
def test_warnings_count_where_the_output_adds_them_up(output: str, count: int | None) -> None:
    assert warnings_in(output) == count


ENDLESS = "9" * 2_000_000


@pytest.mark.parametrize("summary", [f"{ENDLESS} skipped in 1s\n", f"1 passed, {ENDLESS} warnings in 1s\n"])
def test_a_number_without_an_end_is_none_and_keeps_nobody_busy(summary: str) -> None:
    assert warnings_in(summary) == 0
    assert from_pytest(f"2 passed in 1s\n{summary}") == Count(2 + summary.count("1 passed"))


def test_what_no_number_of_tests_can_be_is_no_plan_and_no_warnings() -> None:
    assert from_tap(f"1..{ENDLESS}\n") == "no TAP plans in its output, where there must be one"
    assert warnings_in(f"{ENDLESS} warnings generated.\n") is None
