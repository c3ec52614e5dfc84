"""Numbers as people write them, read exactly or not at all, and said again without a digit that is not known."""

from __future__ import annotations

import re
from fractions import Fraction

LITERAL = (
    r"(?:[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]+)?|[1-9][0-9]{0,2}(?:_[0-9]{3})+"
    r"|(?:0|[1-9][0-9]*)(?:\.[0-9]+)?|\.[0-9]+)"
)
"""Groups of three behind commas are thousands; `1,5` and `007` are nobody's."""
_LITERAL = re.compile(rf"(-)?({LITERAL})(?:e([+-]?[0-9]{{1,3}}))?")
_BITS = 8192
_SCALES = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_ONES = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
SMALL = {word: value for value, word in enumerate(_ONES)} | {word: 20 + 10 * n for n, word in enumerate(_TENS)}
WORD = rf"(?:{'|'.join(sorted({*SMALL, *_SCALES, 'hundred'}, key=len, reverse=True))})"
SPELLED = rf"{WORD}(?:(?:-| (?:and )?){WORD})*"
"""One number in words; whether it is well formed is for `number` to say."""


def number(text: str) -> Fraction | None:
    """The number that the whole text is."""
    text = text.strip().lower().replace("\u2212", "-")
    if found := _LITERAL.fullmatch(text):
        digits = re.sub("[,_]", "", found[2])
        value = Fraction(digits) * Fraction(10) ** int(found[3] or 0)
        return fits(-value if found[1] else value)
    words = text.split()
    if len(words) == 2 and words[1] in _SCALES and (few := _LITERAL.fullmatch(words[0])):
        return fits(Fraction(re.sub("[,_]", "", few[2])) * _SCALES[words[1]]) if not few[1] and not few[3] else None
    spelled = _spelled(words[1:] if words[:1] == ["minus"] else words)
    return None if spelled is None else Fraction(-spelled if words[0] == "minus" else spelled)


def _spelled(words: list[str]) -> int | None:
    total, last = 0, 10**15
    rest = [part for word in words for part in word.split("-")]
    while rest:
        cut = next((at for at, word in enumerate(rest) if word in _SCALES), len(rest))
        scale = _SCALES[rest[cut]] if cut < len(rest) else 1
        group = _below_thousand(rest[:cut], more=total > 0 and scale == 1)
        if group is None or scale >= last or (group == 0 and len(words) > 1):
            return None
        total, last, rest = total + group * scale, scale, rest[cut + 1 :]
    return total if words else None


def _below_thousand(words: list[str], *, more: bool) -> int | None:
    """`more`: a thousand came before, so that `and` may begin."""
    if more and words[:1] == ["and"]:
        words = words[1:]
    hundreds = 0
    if words[1:2] == ["hundred"]:
        if not 1 <= SMALL.get(words[0], 0) <= 19:
            return None
        hundreds, words = SMALL[words[0]] * 100, words[2:]
        if words[:1] == ["and"]:
            words = words[1:] or ["and"]
        if not words:
            return hundreds
    below = [SMALL.get(word, -1) for word in words]
    if len(below) == 1 and below[0] >= 0 and not (hundreds and below[0] == 0):
        return hundreds + below[0]
    if len(below) == 2 and below[0] >= 20 and 1 <= below[1] <= 9:
        return hundreds + sum(below)
    return None


def fits(value: Fraction) -> Fraction | None:
    """None when it is larger than anybody would read."""
    return value if max(value.numerator.bit_length(), value.denominator.bit_length()) <= _BITS else None


def places(value: Fraction) -> int | None:
    """How many decimals write it exactly; None when none do."""
    rest, twos, fives = value.denominator, 0, 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    return max(twos, fives) if rest == 1 else None


def decimal(value: Fraction, digits: int) -> str:
    """With so many decimals, rounded to the nearest, a tie away from zero."""
    scaled = abs(value) * 10**digits
    whole = (scaled.numerator * 2 + scaled.denominator) // (scaled.denominator * 2)
    text = str(whole).rjust(digits + 1, "0")
    sign = "-" if value < 0 and whole else ""
    return f"{sign}{text[:-digits]}.{text[-digits:]}" if digits else f"{sign}{text}"


def exactly(value: Fraction) -> str:
    """An integer, a short decimal, or a fraction."""
    if value.denominator == 1:
        return str(value.numerator)
    digits = places(value)
    return decimal(value, digits) if digits is not None and digits <= 15 else f"{value.numerator}/{value.denominator}"


def about(value: Fraction) -> str:
    """Six digits that are right, six decimals from a tenth upwards."""
    digits = 6
    while digits < 60 and abs(value) * 10 ** (digits - 5) < 1:
        digits += 1
    return decimal(value, digits)


def shown(value: Fraction) -> str:
    """`6`, `12.5`, `1/3 ≈ 0.333333`."""
    exact = exactly(value)
    return f"{exact} \u2248 {about(value)}" if "/" in exact else exact
