"""Ranking: gates, tests, size, warnings, in this order; nothing else tells two entries apart."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from swarmctl.core.contest import Rehearsal, Size
from swarmctl.core.gate import GateResult, Verdict
from swarmctl.core.ids import SessionId
from swarmctl.core.ranking import Evidence, decided_by, evidence_of, ranked

SMALL = st.integers(0, 3)
SIZES = st.builds(Size, SMALL, SMALL, SMALL)
EVIDENCE = st.builds(Evidence, SMALL, st.none() | SMALL, SIZES, st.none() | SMALL)
FIELDS = st.dictionaries(st.integers(0, 20), st.none() | EVIDENCE, max_size=8)
GREEN = Evidence(0, 5, Size(1, 3, 0), 0)


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (replace(GREEN, tests=0, size=Size(9, 900, 9), warnings=9), replace(GREEN, red=1, tests=99)),
        (replace(GREEN, red=1, tests=0), replace(GREEN, red=2)),
        (replace(GREEN, tests=6, size=Size(9, 900, 9)), GREEN),
        (GREEN, replace(GREEN, tests=None)),
        (GREEN, replace(GREEN, size=Size(1, 2, 2))),
        (GREEN, replace(GREEN, size=Size(2, 3, 0))),
        (GREEN, replace(GREEN, warnings=1)),
        (replace(GREEN, red=3), None),
    ],
)
def test_what_counts_first_decides(better: Evidence, worse: Evidence | None) -> None:
    for entries in ({"better": better, "worse": worse}, {"worse": worse, "better": better}):
        assert [(each.entry, each.rank, each.tied) for each in ranked(entries)] == [
            ("better", 1, False),
            ("worse", 2, False),
        ]


def test_equal_evidence_is_a_tie_in_the_order_it_was_asked_for() -> None:
    found = ranked({"b": GREEN, "a": GREEN, "c": replace(GREEN, red=1), "d": None, "e": None})

    assert [(each.entry, each.rank, each.tied) for each in found] == [
        ("b", 1, True),
        ("a", 1, True),
        ("c", 3, False),
        ("d", 4, False),
        ("e", 4, False),
    ]


def test_warnings_count_only_where_all_were_counted() -> None:
    noisy, quiet = replace(GREEN, warnings=7), replace(GREEN, warnings=0)

    assert [each.entry for each in ranked({"noisy": noisy, "quiet": quiet})] == ["quiet", "noisy"]
    assert all(each.tied for each in ranked({"noisy": noisy, "quiet": quiet, "silent": replace(GREEN, warnings=None)}))


@given(FIELDS)
def test_every_entry_stands_somewhere_once_and_no_red_one_before_a_green_one(
    entries: dict[int, Evidence | None],
) -> None:
    found = ranked(entries)

    assert sorted(each.entry for each in found) == sorted(entries)
    assert [each.rank for each in found] == sorted(each.rank for each in found)
    reds = [known.red for each in found if (known := entries[each.entry]) is not None]
    assert reds == sorted(reds)
    blank = [entries[each.entry] is None for each in found]
    assert blank == sorted(blank), "without evidence: last"


@given(FIELDS, st.randoms())
def test_the_order_of_asking_changes_no_rank(entries: dict[int, Evidence | None], dice: object) -> None:
    names = list(entries)
    dice.shuffle(names)  # type: ignore[attr-defined]
    mixed = {name: entries[name] for name in names}

    assert {each.entry: each.rank for each in ranked(entries)} == {each.entry: each.rank for each in ranked(mixed)}


@given(FIELDS)
def test_those_and_only_those_who_share_a_rank_with_evidence_are_tied(entries: dict[int, Evidence | None]) -> None:
    found = ranked(entries)
    ranks = [each.rank for each in found if entries[each.entry] is not None]

    for each in found:
        assert each.tied == (entries[each.entry] is not None and ranks.count(each.rank) > 1)


@given(st.lists(st.builds(GateResult, st.text(), st.text(), st.sampled_from(Verdict), st.text(), st.none(), SMALL)))
def test_evidence_adds_up_what_the_gates_said(results: list[GateResult]) -> None:
    rehearsal = Rehearsal(SessionId("s"), "done", results=tuple(results), size=Size(1, 1, 1))
    found = evidence_of(rehearsal)

    assert found is not None
    assert found.red == sum(result.verdict is not Verdict.PASS for result in results)
    assert (found.tests or 0) == sum(result.tests or 0 for result in results)
    assert found.warnings is None


@pytest.mark.parametrize("stage", ["asked", "begun", "left"])
def test_what_never_came_to_the_gates_is_no_evidence(stage: str) -> None:
    assert evidence_of(Rehearsal(SessionId("s"), stage, size=Size())) is None  # type: ignore[arg-type]
    assert evidence_of(Rehearsal(SessionId("s"), "done", reason="conflicts")) is None


@pytest.mark.parametrize(
    ("worse", "measure"),
    [
        (replace(GREEN, red=1, tests=99), "gates"),
        (replace(GREEN, tests=None, size=Size(1, 1, 0)), "tests"),
        (replace(GREEN, size=Size(1, 2, 2)), "lines"),
        (replace(GREEN, size=Size(2, 3, 0)), "files"),
        (replace(GREEN, warnings=1), "warnings"),
        (GREEN, ""),
    ],
)
def test_what_decided_between_two_is_the_first_that_differs(worse: Evidence, measure: str) -> None:
    assert decided_by(GREEN, worse, warnings_count=True) == measure


@given(FIELDS)
def test_what_decided_between_two_is_told_of_all_that_do_not_tie(entries: dict[int, Evidence | None]) -> None:
    known = [evidence for evidence in entries.values() if evidence is not None]
    counted = all(evidence.warnings is not None for evidence in known)
    places = [each for each in ranked(entries) if entries[each.entry] is not None]
    for one, other in pairwise(places):
        better, worse = entries[one.entry], entries[other.entry]
        assert better is not None and worse is not None
        assert (decided_by(better, worse, warnings_count=counted) == "") == (one.rank == other.rank)
