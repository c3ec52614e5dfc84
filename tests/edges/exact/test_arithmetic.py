"""Sums against Python's fractions, and everything that must not cost more than a moment."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest
from hypothesis import given, settings, strategies as st

from swarmctl.core.council import Asked
from swarmctl.edges.exact import arithmetic, figures


def said(text: str) -> str | None:
    found = arithmetic.answer(Asked(text, 0.0, "UTC"))
    return found.answer if found else None


def leaf(value: Fraction) -> str:
    return figures.exactly(value)


NUMBERS = st.fractions(0, 1000, max_denominator=1).map(Fraction) | st.integers(0, 99999).map(lambda n: Fraction(n, 100))
TREES = st.recursive(
    NUMBERS.map(lambda value: (leaf(value), value)),
    lambda inner: st.tuples(inner, st.sampled_from("+-*/"), inner).map(
        lambda each: (f"({each[0][0]}{each[1]}{each[2][0]})", worked(each[0][1], each[1], each[2][1]))
    ),
    max_leaves=8,
)


def worked(left: Fraction | None, op: str, right: Fraction | None) -> Fraction | None:
    if left is None or right is None or (op == "/" and right == 0):
        return None
    return {"+": left + right, "-": left - right, "*": left * right, "/": left / right if right else left}[op]


@given(TREES)
@settings(max_examples=150, deadline=None)
def test_a_sum_in_parentheses_is_what_python_makes_of_it(tree: tuple[str, Fraction | None]) -> None:
    text, value = tree
    if not re.search("[-+*/]", text):
        return
    assert said(text) == (None if value is None else figures.shown(value))


@given(st.lists(st.tuples(st.integers(1, 50), st.sampled_from(["+", "-", "*", "/"])), min_size=2, max_size=6))
@settings(max_examples=150, deadline=None)
def test_operators_bind_as_they_do_in_python(parts: list[tuple[int, str]]) -> None:
    text = " ".join(f"{number} {op}" for number, op in parts) + " 7"
    value = eval(re.sub(r"(\d+)", r"Fraction(\1)", text), {"Fraction": Fraction})
    assert said(text) == figures.shown(value)


@given(st.integers(0, 10**7 - 1))
def test_numbers_in_words_are_read_back(value: int) -> None:
    assert figures.number(in_words(value)) == value


def in_words(value: int) -> str:
    names = {number: word for word, number in figures.SMALL.items()}
    for size, word in ((10**6, "million"), (1000, "thousand"), (100, "hundred")):
        if value >= size:
            rest = value % size
            joint = " and " if rest and rest < 100 and word == "hundred" else " "
            return f"{in_words(value // size)} {word}" + (f"{joint}{in_words(rest)}" if rest else "")
    return names[value] if value in names else f"{names[value // 10 * 10]}-{names[value % 10]}"


@pytest.mark.parametrize(
    "text",
    [
        *("9**9**9", "10^10^10", "2^-99999999999", "999999999!", "((((2^9999)^9999)))", "0.1^99999999"),
        *("(" * 2000 + "1" + ")" * 2000, "-" * 3000 + "1", "1+" * 2000 + "1+", "2^" * 1000 + "2", "1/0", "0^-1", "0/0"),
        *("sqrt " * 500 + "4", "half of " * 400 + "8", "1" * 5000 + "+1", "2!" * 300, "(-8)^(1/3)", "(1/0)^0"),
        *(
            "__import__('os')",
            "1 if 1 else 2",
            "1;2",
            "2+2 # three",
            "[1][0]",
            "1 + 1\x1b[31m",
            "1\u066b5 + 1",
            "\uff12+\uff12",
        ),
    ],
)
def test_what_is_hostile_or_without_end_is_left_alone(text: str) -> None:
    assert said(text) is None


@given(st.text("0123456789+-*/^%!().,x ", max_size=30))
@settings(max_examples=300, deadline=None)
def test_no_heap_of_signs_breaks_it(text: str) -> None:
    assert said(text) is None or figures.number(str(said(text)).split(" ")[0]) is not None or "/" in str(said(text))


@pytest.mark.parametrize("word", ["apples", "not", "euro", "km", "maybe", "and", "?!", "really"])
def test_a_word_too_many_is_not_skipped(word: str) -> None:
    assert said("2 + 3") == "5"
    assert said(f"2 + 3 {word}") is None
    assert said(f"{word} 2 + 3") is None


def test_a_proof_can_be_checked_step_by_step() -> None:
    found = arithmetic.answer(Asked("25*4+18/3", 0.0, "UTC"))
    assert found is not None
    assert found.proof == "25*4 = 100; 18/3 = 6; 100+6 = 106"


def test_a_long_proof_is_kept_short() -> None:
    found = arithmetic.answer(Asked("+".join(["1234567"] * 300), 0.0, "UTC"))
    assert found is not None
    assert found.answer == str(1234567 * 300)
    assert len(found.proof) < 400
