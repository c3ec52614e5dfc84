"""When two answers are the same: numbers by their value, words by their letters."""

from __future__ import annotations

import re
from fractions import Fraction

_NUMBER = re.compile(r"[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:/\d+)?", re.ASCII)
_LONGEST = 4000


def normal(answer: str) -> str:
    words = " ".join(answer.split(" ≈ ")[0].casefold().split()).removesuffix(".")
    if len(words) <= _LONGEST and _NUMBER.fullmatch(words):
        above, _, below = words.replace(",", "").partition("/")
        if not below or int(below):
            return str(Fraction(above) / int(below or 1))
    return words
