"""One step of a sum, exactly; `Refused` where it has no answer, two of them, or one too large to read."""

from __future__ import annotations

from fractions import Fraction
from math import floor

_BITS = 8192


class Refused(Exception):
    """It is no sum, or two sums."""


def operated(left: Fraction, op: str, right: Fraction) -> Fraction:
    if op == "+":
        return left + right
    if op == "-":
        return left - right
    if op == "*":
        return left * right
    if op == "^":
        return power(left, right)
    if right == 0 or (op == "%%" and (left < 0 or right < 0)) or (op == "mod" and right < 0):
        raise Refused
    if op == "/":
        return left / right
    if op != "//" and left.denominator * right.denominator != 1:
        raise Refused  # 2^-1 mod 7
    return Fraction(left // right) if op == "//" else left - right * (left // right)


def power(base: Fraction, exponent: Fraction) -> Fraction:
    if exponent.denominator != 1:
        if exponent.denominator > 10 or base < 0:
            raise Refused
        return power(root(base, exponent.denominator), Fraction(exponent.numerator))
    bits = max(base.numerator.bit_length(), base.denominator.bit_length())
    if (base == 0 and exponent <= 0) or (abs(base) != 1 and bits * abs(exponent) > _BITS) or abs(exponent) > 10**6:
        raise Refused
    return base ** int(exponent)


def root(value: Fraction, degree: int) -> Fraction:
    """The exact root, or none."""
    if value < 0 and degree % 2 == 0:
        raise Refused
    above, below = _whole_root(abs(value.numerator), degree), _whole_root(value.denominator, degree)
    done = Fraction(above, below) * (-1 if value < 0 else 1)
    if done**degree != value:
        raise Refused
    return done


def _whole_root(value: int, degree: int) -> int:
    low, high = 0, 1 << (value.bit_length() // degree + 1)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if middle**degree <= value else (low, middle - 1)
    return max(low, 1) if value else 0


def rounded(value: Fraction, digits: Fraction) -> Fraction:
    """To the nearest; a tie has two answers in this world, so none."""
    if digits.denominator != 1 or not 0 <= digits <= 15:
        raise Refused
    scaled = value * 10 ** int(digits)
    if (scaled * 2).denominator == 1 and scaled.denominator != 1:
        raise Refused
    return Fraction(floor(scaled + Fraction(1, 2)), 10 ** int(digits))
