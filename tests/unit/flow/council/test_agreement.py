"""An answer is compared with the right one by what it means, and by nothing less."""

from __future__ import annotations

import pytest

from swarmctl.flow.council.agreement import agrees


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        ("12.5", "25/2"),
        ("1,000", "1000"),
        ("1/3 ≈ 0.333333", "1/3"),
        ("≈ 62.137119 mph", "62.1371192237334 mph"),
        ("≈ 62.13712 mph", "62.1371192237334 mph"),
        ("781250/12573 mph ≈ 62.137119 mph", "781250/12573 mph"),
        ("781250/12573 ≈ 62.137119 mph", "781250/12573 mph"),
        ("4.828032 km", "4.828032 kilometers"),
        ("4.828032", "4.828032 km"),
        ("Yes, 97 is prime", "yes"),
        ("x = 3 or x = 2", "x = 2, x = 3"),
        ("3*x^2", "3*x**2"),
        ("Tuesday, 2026-03-03", "2026-03-03"),
        ("2026-03-04 11:05:00 Europe/Berlin", "2026-03-04 11:05"),
        ("1/0", "1/0"),
    ],
)
def test_the_same_in_other_words_agrees(answer: str, right: str) -> None:
    assert agrees(answer, "something else", right)


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        ("≈ 62.13711 mph", "62.1371192237334 mph"),
        ("781250/12573 ≈ 62.137119 km", "781250/12573 mph"),
        ("4.828032 m", "4.828032 km"),
        ("4.83 km", "4.828032 km"),
        ("yesterday", "yes"),
        ("no", "yes"),
        ("x = 3", "x = 2, x = 3"),
        ("3*x^2", "3*x**3"),
        ("2026-03-03 to 2026-03-04", "2026-03-03"),
        ("2026-03-04 11:06", "2026-03-04 11:05"),
        ("4 apples", "4"),
        ("1/0", "1"),
    ],
)
def test_another_value_unit_day_or_set_does_not(answer: str, right: str) -> None:
    assert not agrees(answer, right)


def test_nothing_agrees_with_silence() -> None:
    assert not agrees("4")
