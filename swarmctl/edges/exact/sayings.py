"""Sums that are said in a sentence; each number in one must be a plain one, so that nothing can be read twice."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from functools import reduce
from math import isqrt
from operator import add

from swarmctl.edges.exact import sums
from swarmctl.edges.exact.figures import about, decimal, exactly, fits, number, shown
from swarmctl.edges.exact.reckoning import Refused, operated, root

_N = r"(-?[a-z0-9][a-z0-9.,_ -]*?)"
_P = rf"{_N} ?(?:%| percent| per cent)"
_PERCENTAGE = r"(?:percent|per cent|percentage|%)"
_EVERY = r"(.+)"
_RATIO = r"([0-9.]+(?: ?/ ?[0-9]+)?)"
_DIGITS = r"([0-9]{1,2})"
_NEAREST: dict[str, int | Fraction] = {
    "integer": 1, "whole number": 1, "one": 1, "unit": 1, "ten": 10, "hundred": 100, "thousand": 1000, "million": 10**6,
    "tenth": Fraction(1, 10), "hundredth": Fraction(1, 100), "thousandth": Fraction(1, 1000),
}  # fmt: skip
Said = tuple[str, str]
"""The answer and its proof."""


def _listed(text: str) -> list[Fraction] | None:
    """`1, 2 and 3`; None when a comma may also be a thousand's or a decimal's, or `and` part of a number."""
    if re.search(r"[0-9],[0-9]{3}(?![0-9])|(?:hundred|thousand|million) and ", text):
        return None
    groups = re.split(r",\s+(?:and\s+)?|\s+and\s+", text)
    if "," in "".join(groups) and max(group.count(",") for group in groups) == 1:
        return None  # 1,5 and 2
    parts = re.split(r"\s*,\s*and\s+|\s*,\s*|\s+and\s+", text)
    values = [number(part) for part in parts]
    return [value for value in values if value is not None] if None not in values and len(values) > 1 else None


def _binary(op: str, swap: bool = False) -> Callable[..., Said | None]:
    def said(first: str, second: str) -> Said | None:
        left, right = (number(second), number(first)) if swap else (number(first), number(second))
        return None if left is None or right is None else _worked(left, op, right)

    return said


def _worked(left: Fraction, op: str, right: Fraction) -> Said | None:
    try:
        done = fits(operated(left, op, right))
    except Refused:
        return None
    sign = " mod " if op == "mod" else op
    return None if done is None else (shown(done), f"{_in(left)}{sign}{_in(right)} = {exactly(done)}")


def _in(value: Fraction) -> str:
    return f"({exactly(value)})" if value < 0 else exactly(value)


def _difference(first: str, second: str) -> Said | None:
    left, right = number(first), number(second)
    return None if left is None or right is None or left < right else _worked(left, "-", right)


def _remainder(first: str, second: str) -> Said | None:
    left, right = number(first), number(second)
    if left is None or right is None or left < 0 or right < 1 or left.denominator * right.denominator != 1:
        return None
    return exactly(left % right), f"{exactly(left)} = {left // right}*{exactly(right)} + {exactly(left % right)}"


def _all(name: str) -> Callable[..., Said | None]:
    def said(text: str) -> Said | None:
        values = _listed(text)
        if values is None:
            return None
        given = [_in(value) for value in values]
        if name in ("+", "*"):
            done = Fraction(0 if name == "+" else 1)
            for value in values:
                done = done + value if name == "+" else done * value
            return (shown(done), f"{name.join(given)} = {exactly(done)}") if fits(done) else None
        if name == "mean":
            done = reduce(add, values) / len(values)
            return shown(done), f"({'+'.join(given)})/{len(values)} = {exactly(done)}"
        return _of_order(name, sorted(values))

    return said


def _of_order(name: str, values: list[Fraction]) -> Said:
    line = ", ".join(exactly(value) for value in values)
    if name == "median":
        middle = (values[(len(values) - 1) // 2] + values[len(values) // 2]) / 2
        return shown(middle), f"in order: {line}; in the middle: {exactly(middle)}"
    done = values[0] if name == "min" else values[-1]
    return shown(done), f"in order: {line}"


def _share(part: str, whole: str) -> Said | None:
    some, every = number(part), number(whole)
    if some is None or every is None or some < 0 or every <= 0:
        return None
    return _percentage(some / every), f"{exactly(some)}/{exactly(every)}*100 = {exactly(some / every * 100)}"


def _percentage(value: Fraction) -> str:
    text = exactly(value * 100)
    return f"{text}%" if "/" not in text else f"({text})% \u2248 {about(value * 100)}%"


def _change(sign: int, swap: bool = False) -> Callable[..., Said | None]:
    def said(first: str, second: str) -> Said | None:
        base, percent = (number(second), number(first)) if swap else (number(first), number(second))
        if base is None or percent is None or base < 0 or percent < 0:
            return None
        done = base * (100 + sign * percent) / 100
        return shown(done), f"{exactly(base)}*({exactly(100 + sign * percent)}/100) = {exactly(done)}"

    return said


def _growth(sign: int) -> Callable[..., Said | None]:
    def said(first: str, second: str) -> Said | None:
        before, after = number(first), number(second)
        if before is None or after is None or before <= 0 or after < 0 or (after - before) * sign < 0:
            return None
        grown = (after - before) / before * (sign or 1)
        return _percentage(grown), f"({exactly(after)}-{exactly(before)})/{exactly(before)}*100 = " + exactly(
            (after - before) / before * 100
        )

    return said


def _rounded(text: str, digits: str = "0") -> Said | None:
    return _to_nearest(text, Fraction(1, 10 ** int(digits)), int(digits))


def _nearest(text: str, unit: str) -> Said | None:
    return _to_nearest(text, Fraction(_NEAREST[unit]), 0)


def _to_nearest(text: str, unit: Fraction, digits: int) -> Said | None:
    value = number(text)
    if value is None or digits > 15 or ((value / unit * 2).denominator == 1 and (value / unit).denominator != 1):
        return None
    done = (value / unit + Fraction(1, 2)).__floor__() * unit
    away = exactly(abs(done - value))
    return exactly(done), f"{exactly(done)} is {away} away from {exactly(value)}, less than half of {exactly(unit)}"


def _root(degree: int) -> Callable[..., Said | None]:
    return lambda text: _any_root(text, degree)


def _nth_root(degree: str, text: str) -> Said | None:
    return _any_root(text, int(degree)) if 2 <= int(degree) <= 10 else None


def _any_root(text: str, degree: int) -> Said | None:
    value = number(text)
    if value is None:
        return None
    try:
        done = root(value, degree)
        return shown(done), f"{_in(done)}^{degree} = {exactly(value)}"
    except Refused:
        return _near_root(value) if degree == 2 and 0 < value < 10**12 else None


def _near_root(value: Fraction) -> Said:
    near = Fraction((isqrt(4 * 10**12 * value.numerator // value.denominator) + 1) // 2, 10**6)
    half = Fraction(1, 2 * 10**6)
    below, above = (decimal(near + by, 7) for by in (-half, half))
    exact = exactly(value)
    return f"\u221a{exact} \u2248 {decimal(near, 6)}", f"{below}^2 <= {exact} <= {above}^2"


def _scaled(factor: Fraction) -> Callable[..., Said | None]:
    def said(text: str) -> Said | None:
        value = number(text)
        return None if value is None else _worked(factor, "*", value)

    return said


def _to_the(degree: int) -> Callable[..., Said | None]:
    def said(text: str) -> Said | None:
        value = number(text)
        return None if value is None else _worked(value, "^", Fraction(degree))

    return said


def _reciprocal(text: str) -> Said | None:
    value = number(text)
    return None if value is None else _worked(Fraction(1), "/", value)


def _ratio(text: str) -> Fraction | None:
    """`7/8` or `0.25`."""
    above, _, below = text.partition("/")
    top, bottom = number(above), number(below or "1")
    return top / bottom if top is not None and bottom else None


def _as_decimal(text: str) -> Said | None:
    value = _ratio(text)
    return None if value is None or "/" not in text else (shown(value), f"{text} = {shown(value)}")


def _as_fraction(text: str) -> Said | None:
    value = _ratio(text)
    if value is None or value.denominator == 1:
        return None
    fraction = f"{value.numerator}/{value.denominator}"
    return fraction, f"{fraction} = {text}"


def _as_percentage(text: str) -> Said | None:
    value = _ratio(text) if "." in text or "/" in text else None
    return None if value is None else (_percentage(value), f"{text}*100 = {exactly(value * 100)}")


def _factorial(text: str) -> Said | None:
    done = sums.worked_out(f"factorial({text})") if re.fullmatch("[0-9]+", text) else None
    return None if done is None else (exactly(done[0]), done[1][0])


_MOST = "largest|biggest|greatest|highest|maximum|max|larger|bigger|greater"
_LEAST = "smallest|lowest|least|minimum|min|smaller"
_SAYINGS: tuple[tuple[str, str, Callable[..., Said | None]], ...] = (
    ("sum|total|add", rf"(?:sum|total) of {_EVERY}|add(?: up)? (?!.* to ){_EVERY}", _all("+")),
    ("product|multiply", rf"product of {_EVERY}|multiply (?!.* (?:by|with) ){_EVERY}", _all("*")),
    ("average|mean", rf"(?:average|mean|arithmetic mean) of {_EVERY}", _all("mean")),
    ("median", rf"median of {_EVERY}", _all("median")),
    (_MOST, rf"(?:{_MOST})(?: number)?(?: of|:) {_EVERY}", _all("max")),
    (_LEAST, rf"(?:{_LEAST})(?: number)?(?: of|:) {_EVERY}", _all("min")),
    ("difference", rf"difference (?:between|of) {_N} and {_N}", _difference),
    ("quotient|divide", rf"quotient of {_N} and {_N}|divide {_N} by {_N}", _binary("/")),
    ("add", rf"add {_N} to {_N}|{_N} added to {_N}", _binary("+")),
    ("subtract", rf"subtract {_N} from {_N}|{_N} subtracted from {_N}", _binary("-", swap=True)),
    ("more than", rf"{_N} more than {_N}", _binary("+")),
    ("less than", rf"{_N} less than {_N}", _binary("-", swap=True)),
    ("take", rf"take(?: away)? {_N}(?: away)? from {_N}", _binary("-", swap=True)),
    ("multiply", rf"multiply {_N} (?:by|with) {_N}", _binary("*")),
    ("remainder", rf"remainder (?:of|when|if) {_N}(?: is)? ?(?:divided by|/) ?{_N}", _remainder),
    ("remainder", rf"remainder (?:of|when) dividing {_N} by {_N}", _remainder),
    ("percent|per cent|%", rf"(?:what )?{_PERCENTAGE} of {_N} is {_N}", lambda whole, part: _share(part, whole)),
    ("percent|per cent|%", rf"{_N} is what {_PERCENTAGE} of {_N}|what {_PERCENTAGE} is {_N} of {_N}", _share),
    ("percent|per cent|%", rf"{_N} as (?:a )?{_PERCENTAGE} of {_N}", _share),
    ("increase", rf"increase {_N} by {_P}|{_N} increased by {_P}", _change(1)),
    ("add", rf"add {_P} to {_N}", _change(1, swap=True)),
    ("decrease|reduce|lower", rf"(?:decrease|reduce|lower) {_N} by {_P}", _change(-1)),
    ("creased|reduced", rf"{_N} (?:decreased|reduced) by {_P}", _change(-1)),
    ("off|discount", rf"{_N} with {_P} off|{_N} with a {_P} discount", _change(-1)),
    ("off", rf"(?:take )?{_P} off(?: of)? {_N}", _change(-1, swap=True)),
    ("subtract", rf"subtract {_P} from {_N}", _change(-1, swap=True)),
    ("change", rf"(?:percent|percentage) change from {_N} to {_N}", _growth(0)),
    ("increase", rf"(?:percent|percentage) increase from {_N} to {_N}", _growth(1)),
    ("decrease", rf"(?:percent|percentage) decrease from {_N} to {_N}", _growth(-1)),
    ("round", rf"(?:round {_N}|{_N} rounded) to {_DIGITS} (?:decimal places?|decimals?|places)", _rounded),
    ("nearest", rf"(?:round {_N}|{_N} rounded) to the nearest ({'|'.join(_NEAREST)})", _nearest),
    ("round", rf"round {_N}|{_N} rounded", _rounded),
    ("sq|\u221a", rf"(?:(?:square root|sqrt)(?: of)?|\u221a) ?\(?{_N}\)?", _root(2)),
    ("cube|cbrt", rf"(?:cube root of|cbrt of|cube root|cbrt) {_N}", _root(3)),
    ("root", rf"{_DIGITS}(?:st|nd|rd|th) root of {_N}", _nth_root),
    ("double|twice", rf"(?:double|twice|double of) {_N}", _scaled(Fraction(2))),
    ("triple|thrice", rf"(?:triple|thrice) {_N}", _scaled(Fraction(3))),
    ("half", rf"half {_N}", _scaled(Fraction(1, 2))),
    ("square", rf"(?:square of|square) {_N}", _to_the(2)),
    ("cube", rf"(?:cube of|cube) {_N}", _to_the(3)),
    (" to the ", rf"{_N} to the {_DIGITS}(?:st|nd|rd|th)(?: power)?|{_N} to the power {_DIGITS}", _binary("^")),
    (" as a ", rf"{_RATIO} (?:as|in) an? (?:decimal|decimal number)", _as_decimal),
    (" as a ", rf"{_RATIO} as an? (?:simplified )?fraction", _as_fraction),
    (" as a ", rf"{_RATIO} as an? {_PERCENTAGE}", _as_percentage),
    ("reciprocal", rf"reciprocal of {_N}", _reciprocal),
    ("factorial", "([0-9]{1,3}) factorial", _factorial),
)  # fmt: skip


def said(text: str) -> Said | None:
    """What the sentence, in small letters, comes to. A pattern is looked at only when one of its words is there."""
    if len(text) > 300:
        return None
    for words, pattern, meant in _SAYINGS:
        if any(word in text for word in words.split("|")) and (found := re.fullmatch(pattern, text)):
            answer = meant(*(group for group in found.groups() if group is not None))
            if answer is not None:
                return answer
    return None
