"""Questions with answers that were worked out without the tools, put to all of them together.

A wrong answer accepted is a failure, whoever gave it; a silence is one only when too many of `exact.tsv` meet it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from swarmctl.app.council_bench import Case, cases_of
from swarmctl.core.council import Asked
from swarmctl.edges.exact import table
from swarmctl.flow.council.agreement import agrees

QUESTIONS = Path(__file__).resolve().parents[2] / "fixtures" / "council"
EXACT = list(cases_of(QUESTIONS / "exact.tsv"))
TRAPS = list(cases_of(QUESTIONS / "traps.tsv"))
ENOUGH = 0.98
Said = tuple[str, str, str]
"""The tool, its answer, its proof."""


@cache
def said(case: Case) -> tuple[Said, ...]:
    """What each tool that may answer says, alone."""
    asked = Asked(case.question, case.now, case.zone)
    found = [(tool.name, tool.answer(asked)) for tool in table.tools() if tool.may(asked)]
    return tuple((name, each.answer, each.proof) for name, each in found if each is not None)


def wrong(cases: list[Case], group: str) -> list[str]:
    return [
        f"{case.question!r} is {case.answers or 'nobody knows'}, said: {said(case)}"
        for case in cases
        if case.group == group and not all(agrees(answer, *case.answers) for _, answer, _ in said(case))
    ]


def test_the_files_hold_what_they_promise() -> None:
    exact, traps = ({case.question for case in cases} for cases in (EXACT, TRAPS))
    assert len(exact) == len(EXACT) >= 500
    assert len(traps) == len(TRAPS) >= 500
    assert not exact & traps
    assert all(case.answers and not case.trap for case in EXACT)
    assert all(case.trap for case in TRAPS)


@pytest.mark.parametrize("group", sorted({case.group for case in EXACT}))
def test_nothing_wrong_is_said_to_an_exact_question(group: str) -> None:
    found = wrong(EXACT, group)
    assert not found, "\n" + "\n".join(found)


def test_nearly_every_exact_question_is_answered() -> None:
    silent = [case.question for case in EXACT if not said(case)]
    share = 1 - len(silent) / len(EXACT)
    assert share >= ENOUGH, f"{share:.2%}\n" + "\n".join(map(repr, silent))


@pytest.mark.parametrize("group", sorted({case.group for case in TRAPS}))
def test_every_trap_meets_silence_or_the_right_answer(group: str) -> None:
    found = wrong(TRAPS, group)
    assert not found, "\n" + "\n".join(found)


def test_no_answer_and_no_proof_can_move_a_terminal() -> None:
    for case in (*EXACT, *TRAPS):
        for _, answer, proof in said(case):
            assert answer.isprintable(), (case, answer)
            assert proof.isprintable(), (case, proof)
            assert proof.strip(), case
