"""A `Proof` cannot be written down unless every promised gate passed on its tree."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given, strategies as st

from swarmctl.core.gate import GateResult, Proof, Verdict, why_not_proven
from tests.fakes.events import proofs, values

TREE, OTHER = "d" * 40, "e" * 40


def proof(promised: tuple[str, ...], *results: GateResult) -> Proof:
    return Proof("b" * 40, "a" * 40, "c" * 40, TREE, promised, "f" * 64, results)


def result(gate: str = "tests", verdict: Verdict = Verdict.PASS, tree: str = TREE) -> GateResult:
    return GateResult(gate, tree, verdict, "words")


def test_all_promised_gates_green_on_the_tree_make_a_proof() -> None:
    assert proof(("tests", "lint"), result("lint"), result("tests")).kind == "gated"


def test_a_proof_that_promised_nothing_says_so() -> None:
    assert proof(()).kind == "ungated"


@pytest.mark.parametrize(
    ("promised", "results"),
    [
        (("tests",), ()),
        (("tests", "lint"), (result("tests"),)),
        (("tests",), (result("tests", tree=OTHER),)),
        (("tests",), (result("tests"), result("tests"))),
        (("tests",), (result("tests"), result("more"))),
        ((), (result("tests"),)),
        *((("tests",), (result("tests", verdict),)) for verdict in Verdict if verdict is not Verdict.PASS),
        *((("a", "b"), (result("a"), result("b", verdict))) for verdict in Verdict if verdict is not Verdict.PASS),
    ],
)
def test_no_proof_can_be_made_of_less(promised: tuple[str, ...], results: tuple[GateResult, ...]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        proof(promised, *results)


@given(proofs())
def test_a_proof_cannot_be_turned_to_another_tree(sound: Proof) -> None:
    if sound.results:
        with pytest.raises(ValueError, match="ran on tree"):
            dataclasses.replace(sound, tree=sound.tree + "0")


@given(st.lists(values(GateResult), max_size=4), st.lists(st.text(max_size=3), max_size=4))
def test_proven_means_each_promised_gate_passed_once_on_the_tree(results: list[GateResult], names: list[str]) -> None:
    if why_not_proven(TREE, tuple(names), tuple(results)) == "":
        assert sorted(each.gate for each in results) == sorted(set(names))
        assert all(each.verdict is Verdict.PASS and each.tree == TREE for each in results)
