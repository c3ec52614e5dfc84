"""What the ending of a gate means: total over everything that can happen, and green in exactly one case. Pure."""

from __future__ import annotations

import signal
from collections.abc import Sequence

from swarmctl.core.config import GateSpec
from swarmctl.core.gate import GateResult, Proof, Staged, Verdict, why_not_proven
from swarmctl.core.ports import Finished
from swarmctl.flow.gate.count import Count, plain

LONGEST_LINE = 120


def judge(spec: GateSpec, finished: Finished, count: Count | str) -> tuple[Verdict, str]:
    broken = _broken(spec, finished)
    if broken:
        return Verdict.ERROR, broken
    if finished.rc != 0:
        return Verdict.FAIL, _with_last_line(f"exit code {finished.rc}", finished.tail)
    if not spec.count and spec.min_tests is None:
        return Verdict.PASS, f"{count.passed} tests" if isinstance(count, Count) and count.passed else "passed"
    return _judge_count(spec.min_tests or 0, count)


def _broken(spec: GateSpec, finished: Finished) -> str:
    """Why the ending says nothing about the tree; empty when it does."""
    if finished.timed_out:
        return f"timed out after {spec.timeout_s:g} s"
    if finished.out_of_memory:
        return "killed for want of memory"
    if finished.signal is not None:
        return f"killed by {_signal_name(finished.signal)}"
    if finished.not_found or finished.rc == 127:
        return _with_last_line("command not found", finished.tail)
    return "nobody saw how it ended" if finished.rc is None else ""


def _judge_count(least: int, count: Count | str) -> tuple[Verdict, str]:
    if isinstance(count, str):
        return Verdict.ERROR, f"exit code 0, but its tests cannot be counted: {count}"
    if count.failed:
        return Verdict.FAIL, f"exit code 0, but {_tests(count.failed)} failed"
    if count.passed < least:
        ran = _tests(count.passed) if count.passed else "no tests"
        return Verdict.FAIL, f"exit code 0, but {ran} ran where at least {least} must"
    return Verdict.PASS, _tests(count.passed)


def _tests(number: int) -> str:
    return f"{number} test" if number == 1 else f"{number} tests"


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _with_last_line(words: str, tail: str) -> str:
    lines = ["".join(char for char in line if char.isprintable()).strip() for line in plain(tail).splitlines()]
    last = next((line for line in reversed(lines) if line), "")
    return f"{words}: {last[:LONGEST_LINE]}" if last else words


def prove(staged: Staged, promised: Sequence[str], gate_set: str, results: Sequence[GateResult]) -> Proof | str:
    """The proof of the staged tree, or why there is none."""
    why = why_not_proven(staged.tree, tuple(promised), tuple(results))
    if why:
        return why
    return Proof(
        base=staged.base,
        head=staged.head,
        commit=staged.commit,
        tree=staged.tree,
        promised=tuple(promised),
        gate_set=gate_set,
        results=tuple(results),
    )
