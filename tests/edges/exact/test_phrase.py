"""Only what is around a question goes; what is in it stays, mark for mark."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from swarmctl.edges.exact.phrase import LONGEST, bare, plain


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        ("what's 15% of 80?", "15% of 80"),
        ("Hey, could you please tell me what 2+2 is?", "2+2"),
        ("2+2=?", "2+2"),
        ("= 2+2", "2+2"),
        ("what is 5!?", "5!"),
        ("please compute: 2 + 2.", "2 + 2"),
        ("what does 2+2 equal?", "2+2"),
        ("what is `2+2`?", "2+2"),
        ("the sum of 1 and 2", "sum of 1 and 2"),
    ],
)
def test_what_is_around_a_question_is_taken_off(text: str, inside: str) -> None:
    assert bare(text) == inside


@pytest.mark.parametrize(
    "text",
    [
        "hello, world in base64",
        "is 97 prime",
        "don't compute 2+2",
        "2+2==",
        "what isn't 2+2",
        "when does 5 run",
        "2+2 not",
    ],
)
def test_every_other_word_stays(text: str) -> None:
    assert bare(text) == text


def test_what_is_too_long_is_nothing() -> None:
    assert bare("1" * (LONGEST + 1)) == ""
    assert bare("1" * LONGEST) == "1" * LONGEST


def test_layers_without_end_are_taken_off_only_so_far() -> None:
    assert bare("what is " * 400 + "2").startswith("what is ")


@given(st.text(max_size=200))
def test_what_is_left_was_there(text: str) -> None:
    assert bare(text) in text
    assert plain(text) == " ".join(plain(text).split())
