"""Every way a gate can end, in one table: nothing but a seen exit code 0 with enough tests makes a proof."""

from __future__ import annotations

import itertools

import pytest

from swarmctl.core.config import GateSpec
from swarmctl.core.gate import GateResult, Proof, Staged, Verdict
from swarmctl.core.ports import Finished
from swarmctl.flow.gate.count import Count
from swarmctl.flow.gate.judge import judge, prove

STAGED = Staged(base="b" * 40, head="a" * 40, commit="c" * 40, tree="d" * 40, strategy="squash")
PLAIN = GateSpec(name="tests", run="pytest", timeout_s=600.0)
COUNTED = GateSpec(name="tests", run="pytest", timeout_s=600.0, min_tests=3)


def ending(
    rc: int | None = 0,
    signal: int | None = None,
    timed_out: bool = False,
    out_of_memory: bool = False,
    not_found: bool = False,
    tail: str = "",
) -> Finished:
    return Finished(rc, signal, timed_out, out_of_memory, not_found, 1.0, "/log", "e" * 64, tail)


TABLE = [
    (PLAIN, ending(), "", Verdict.PASS, "passed"),
    (PLAIN, ending(), Count(7), Verdict.PASS, "7 tests"),
    (PLAIN, ending(rc=1), "", Verdict.FAIL, "exit code 1"),
    (PLAIN, ending(rc=1, tail="boom\n\x1b[31m2 failed\x1b[0m\n\n"), "", Verdict.FAIL, "exit code 1: 2 failed"),
    (PLAIN, ending(rc=-1), "", Verdict.FAIL, "exit code -1"),
    (PLAIN, ending(rc=None), "", Verdict.ERROR, "nobody saw how it ended"),
    (PLAIN, ending(rc=127), "", Verdict.ERROR, "command not found"),
    (PLAIN, ending(rc=127, not_found=True, tail="sh: ruf: not found"), "", Verdict.ERROR, "command not found: sh: ruf"),
    (PLAIN, ending(rc=None, signal=11), "", Verdict.ERROR, "killed by SIGSEGV"),
    (PLAIN, ending(rc=None, signal=99), "", Verdict.ERROR, "killed by signal 99"),
    (PLAIN, ending(rc=0, signal=9), "", Verdict.ERROR, "killed by SIGKILL"),
    (PLAIN, ending(rc=None, signal=9, out_of_memory=True), "", Verdict.ERROR, "killed for want of memory"),
    (PLAIN, ending(rc=None, signal=15, timed_out=True), "", Verdict.ERROR, "timed out after 600 s"),
    (PLAIN, ending(rc=0, timed_out=True), "", Verdict.ERROR, "timed out after 600 s"),
    (COUNTED, ending(), Count(3), Verdict.PASS, "3 tests"),
    (COUNTED, ending(), Count(2), Verdict.FAIL, "2 tests ran where at least 3 must"),
    (COUNTED, ending(), Count(0), Verdict.FAIL, "no tests ran where at least 3 must"),
    (COUNTED, ending(), Count(9, failed=1), Verdict.FAIL, "exit code 0, but 1 test failed"),
    (COUNTED, ending(), "no plan", Verdict.ERROR, "cannot be counted: no plan"),
    (COUNTED, ending(rc=1), Count(9), Verdict.FAIL, "exit code 1"),
    (COUNTED, ending(rc=5), Count(0), Verdict.FAIL, "exit code 5"),
]


@pytest.mark.parametrize(("spec", "finished", "count", "verdict", "words"), TABLE)
def test_each_ending_has_its_verdict_and_its_own_words(
    spec: GateSpec, finished: Finished, count: Count | str, verdict: Verdict, words: str
) -> None:
    found, said = judge(spec, finished, count)
    assert found is verdict
    assert words in said


def test_no_other_ending_than_a_counted_exit_0_makes_a_proof() -> None:
    """All combinations of everything a runner can report, with every kind of count."""
    flags = [False, True]
    counts: list[Count | str] = ["unreadable", Count(0), Count(3), Count(3, failed=1)]
    proven = []
    for rc, signal, timed_out, oom, missing in itertools.product([None, 0, 1, 5, 127], [None, 9], flags, flags, flags):
        for spec, count in itertools.product([PLAIN, COUNTED], counts):
            finished = ending(rc, signal, timed_out, oom, missing)
            verdict, words = judge(spec, finished, count)
            assert words
            result = GateResult("tests", STAGED.tree, verdict, words)
            if isinstance(prove(STAGED, ("tests",), "f" * 64, (result,)), Proof):
                proven.append((finished, spec.min_tests, count))
    clean = ending()
    assert proven == [
        *((clean, None, count) for count in counts),
        (clean, 3, Count(3)),
    ]


def passed(name: str, tree: str = STAGED.tree) -> GateResult:
    return GateResult(name, tree, Verdict.PASS, "passed")


@pytest.mark.parametrize(
    ("promised", "results", "why"),
    [
        (("tests",), (), "tests: promised and never run"),
        (("tests", "lint"), (passed("tests"),), "lint: promised and never run"),
        ((), (passed("tests"),), "tests: ran without being promised"),
        (("tests",), (passed("tests"), passed("tests")), "a gate reported twice"),
        (("tests",), (passed("tests", "0" * 40),), "tests: ran on tree 000000000000, not on dddddddddddd"),
        *(
            (("tests",), (GateResult("tests", STAGED.tree, verdict, ""),), f"tests: {verdict.value}")
            for verdict in Verdict
            if verdict is not Verdict.PASS
        ),
    ],
)
def test_a_set_of_results_with_a_hole_is_no_proof(
    promised: tuple[str, ...], results: tuple[GateResult, ...], why: str
) -> None:
    assert prove(STAGED, promised, "f" * 64, results) == why


def test_a_proof_carries_what_was_proven_and_of_what_kind() -> None:
    gated = prove(STAGED, ["tests"], "f" * 64, [passed("tests")])
    ungated = prove(STAGED, (), "f" * 64, ())
    assert isinstance(gated, Proof) and isinstance(ungated, Proof)
    assert (gated.base, gated.head, gated.commit, gated.tree) == ("b" * 40, "a" * 40, "c" * 40, "d" * 40)
    assert (gated.kind, ungated.kind) == ("gated", "ungated")
