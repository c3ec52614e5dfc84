"""How many tests ran and how many of them failed, read from what a gate left behind; never guessed.

Whatever cannot be read is a string that says why, and no caller may take it for a number.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable
from pathlib import Path
from xml.parsers import expat

from swarmctl.core.values import dataclass

LARGEST = 16 * 1024 * 1024
REGEX_INPUT = 64 * 1024
REGEX_LINE = 1000


@dataclass(frozen=True, slots=True)
class Count:
    passed: int
    failed: int = 0


Stamp = tuple[int, int, int] | None
"""What tells one writing of a file from another; None while there is no file."""

_ESCAPES = re.compile(r"\x1b\[[0-9;:?]*[ -/]*[@-~]|\r")
_SUMMARY = re.compile(
    r"^=*[ \t]*((?:\d+ [a-z]+(?: [a-z]+)?(?:, )?)+|no tests ran) in [\d.]+ ?s(?:econds)?\b.*$", re.MULTILINE
)
_NOTHING = re.compile(r"^collected 0 items\b", re.MULTILINE)
_NUMBER = re.compile(r"(?<!\d)(\d{1,9}) (passed|failed|errors?)\b")
_WARNED = re.compile(r"(?<!\d)(\d{1,9}) warnings?\b")
"""A longer number is none, and is passed over at once: a search from each of its digits would never end."""
_WARNINGS = re.compile(
    r"(?:^|\(|[,:] | generated )(\d{1,9}) warnings?(?: and \d+ errors?)?(?: generated| emitted|\)|\.?$)", re.MULTILINE
)
"""As clang, cargo, eslint and their like end with."""
_TAP_PLAN = re.compile(r"^1\.\.(\d{1,9})\s*(?:#\s*(.*))?$")
_TAP_TEST = re.compile(r"^(not )?ok\b([^#]*)(?:#\s*(skip|todo))?", re.IGNORECASE)


def plain(text: str) -> str:
    """Without colours and carriage returns."""
    return _ESCAPES.sub("", text)


def from_pytest(output: str) -> Count | str:
    """Summary lines of pytest, added up when the command ran it several times; skipped tests did not run."""
    text = plain(output)
    lines = _SUMMARY.findall(text)
    if not lines:
        return Count(0) if _NOTHING.search(text) else "no summary line of pytest in its output (is it run with -qq?)"
    passed = failed = 0
    for number, word in _NUMBER.findall("\n".join(lines)):
        passed += int(number) if word == "passed" else 0
        failed += int(number) if word != "passed" else 0
    return Count(passed, failed)


def from_tap(output: str) -> Count | str:
    """Top-level lines only; the plan must be there and be kept."""
    plans: list[int] = []
    passed = failed = seen = 0
    for line in plain(output).splitlines():
        if line.startswith("Bail out!"):
            return "its TAP output bailed out"
        plan = _TAP_PLAN.match(line)
        if plan:
            plans.append(int(plan[1]))
            continue
        test = _TAP_TEST.match(line)
        if test:
            seen += 1
            directive = (test[3] or "").lower()
            passed += not test[1] and directive != "skip"
            failed += bool(test[1]) and directive != "todo"
    if len(plans) != 1:
        return f"{len(plans) or 'no'} TAP plans in its output, where there must be one"
    if seen != plans[0]:
        return f"its TAP plan says {plans[0]} tests and {seen} reported"
    return Count(passed, failed)


def from_junit(data: bytes) -> Count | str:
    """Test cases of a JUnit report; a document type, and so any entity, is refused."""
    cases: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        kind = name.rpartition("}")[2].rpartition(":")[2]
        if kind == "testcase":
            cases.append("passed")
        elif cases and kind in ("failure", "error"):
            cases[-1] = "failed"
        elif cases and kind == "skipped":
            cases[-1] = "skipped"

    def refuse(*_: object) -> None:
        raise ValueError("it has a document type")

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError) as error:
        return f"its JUnit report cannot be read: {error}"
    return Count(cases.count("passed"), cases.count("failed"))


def from_regex(pattern: str, output: str) -> Count | str:
    """The last line that matches has the number; only the end of the output is searched, in lines of bounded length."""
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        return f"`count` is no regular expression: {error}"
    if compiled.groups != 1:
        return f"`count` must have one group, it has {compiled.groups}"
    for line in reversed(plain(output[-REGEX_INPUT:]).splitlines()):
        found = compiled.search(line[:REGEX_LINE])
        if found:
            number = found[1] or ""
            return (
                Count(int(number)) if re.fullmatch(r"[0-9]{1,9}", number) else f"`count` matched {number!r}, no number"
            )
    return "nothing in its output matches `count`"


def either(output: str) -> Count | str:
    """When nobody said how to count."""
    for reader in (from_pytest, from_tap):
        count = reader(output)
        if isinstance(count, Count):
            return count
    return 'its output has no count; say how with `count = "pytest"`, `tap`, `junit:PATH` or a regular expression'


READERS: dict[str, Callable[[str], Count | str]] = {"": either, "pytest": from_pytest, "tap": from_tap}


def report_path(count: str) -> str:
    """The JUnit report's path in the worktree; empty when the count comes from the output."""
    return count.removeprefix("junit:") if count.startswith("junit:") else ""


def count_tests(count: str, log: str, worktree: str, before: Stamp) -> Count | str:
    """`before` is the report's stamp from before the gate ran: a report that is still the same is not this run's."""
    report = report_path(count)
    if report:
        if stamp(worktree, report) == before:
            return f"{report} was not written by this run"
        data = _inside(worktree, report)
        return data if isinstance(data, str) else from_junit(data)
    data = _read(log)
    if isinstance(data, str):
        return data
    output = data.decode(errors="replace")
    reader = READERS.get(count)
    return reader(output) if reader else from_regex(count, output)


def count_warnings(log: str) -> int | None:
    """As its output adds them up itself; None where it does not."""
    data = _read(log)
    return warnings_in(data.decode(errors="replace")) if isinstance(data, bytes) else None


def warnings_in(output: str) -> int | None:
    """A summary line of pytest that names none says that there were none."""
    text = plain(output)
    summaries = _SUMMARY.findall(text)
    if summaries:
        return sum(int(number) for number in _WARNED.findall("\n".join(summaries)))
    found = _WARNINGS.findall("\n".join(line[:REGEX_LINE] for line in text[-REGEX_INPUT:].splitlines()))
    return sum(map(int, found)) if found else None


def stamp(worktree: str, report: str) -> Stamp:
    try:
        found = Path(worktree, report).stat()
    except OSError:
        return None
    return (found.st_ino, found.st_mtime_ns, found.st_size)


def _inside(worktree: str, report: str) -> bytes | str:
    if not Path(worktree, report).resolve().is_relative_to(Path(worktree).resolve()):
        return f"{report} leads out of the worktree"
    return _read(str(Path(worktree, report)))


def _read(path: str) -> bytes | str:
    """A regular file of bounded size; opened without waiting, in case it is a pipe."""
    name = Path(path).name
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return f"{name} is no regular file"
            data = file.read(LARGEST + 1)
    except OSError as error:
        return f"{name} cannot be read: {error.strerror}"
    return data if len(data) <= LARGEST else f"{name} is larger than {LARGEST // 2**20} MB"
