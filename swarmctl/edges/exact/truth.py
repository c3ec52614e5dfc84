"""A boolean formula as a function of its letters; what could be bound in two ways is refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import product

Values = dict[str, bool]
Formula = Callable[[Values], bool]
MOST_LETTERS = 16
DEEPEST = 30
_TOKEN = re.compile(
    r"\s*(?:(?P<iff><->|<=>|↔|⇔|≡|\b(?:iff|if and only if)\b)|(?P<implies>->|=>|→|⇒|\bimplies\b)"
    r"|(?P<xor>⊕|\bxor\b)|(?P<nand>\bnand\b)|(?P<nor>\bnor\b)|(?P<or>\|\|?|\u2228|\bor\b)|(?P<and>&&?|∧|\band\b)"
    r"|(?P<not>!|~|¬|\bnot\b)|(?P<true>\btrue\b|\u22a4)|(?P<false>\bfalse\b|⊥)|(?P<open>\()|(?P<close>\))"
    r"|(?P<letter>\b[a-zA-Z]\b))",
    re.IGNORECASE,
)


class _Refused(Exception):
    """Not one formula with one reading."""


class Parsed:
    """The formula, the letters in it in order, and whether anything joins them."""

    def __init__(self, holds: Formula, letters: tuple[str, ...], kinds: frozenset[str]) -> None:
        self.holds = holds
        self.letters = letters
        self.kinds = kinds


def parsed(text: str) -> Parsed | None:
    try:
        tokens = list(_tokens(text))
        reader = _Reader(tokens)
        holds = reader.whole()
    except _Refused:
        return None
    letters = tuple(dict.fromkeys(word for kind, word in tokens if kind == "letter"))
    if len(letters) > MOST_LETTERS or len({letter.lower() for letter in letters}) != len(letters):
        return None
    return Parsed(holds, letters, frozenset(kind for kind, _ in tokens))


def cases(letters: tuple[str, ...]) -> Iterator[Values]:
    for values in product((True, False), repeat=len(letters)):
        yield dict(zip(letters, values, strict=True))


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    at, text = 0, text.rstrip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None or found.lastgroup is None:
            raise _Refused
        yield found.lastgroup, found[found.lastgroup]
        at = found.end()


class _Reader:
    """not binds before and, and before or, or before implies and iff; a chain of the last two needs parentheses."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def whole(self) -> Formula:
        holds = self._outer()
        if self._at < len(self._tokens):
            raise _Refused
        return holds

    def _next(self) -> str:
        return self._tokens[self._at][0] if self._at < len(self._tokens) else ""

    def _outer(self) -> Formula:
        self._depth += 1
        if self._depth > DEEPEST:
            raise _Refused
        left = self._middle()
        kind = self._next()
        if kind in ("implies", "iff"):
            self._at += 1
            left = _joined(kind, left, self._middle())
            if self._next() in ("implies", "iff"):
                raise _Refused
        self._depth -= 1
        return left

    def _middle(self) -> Formula:
        """and and or by their order; xor, nand and nor only alone between parentheses."""
        left = self._term()
        kinds: set[str] = set()
        ors: list[Formula] = []
        while (kind := self._next()) in ("and", "or", "xor", "nand", "nor"):
            self._at += 1
            kinds.add(kind)
            right = self._term()
            if kind == "or":
                ors.append(left)
                left = right
            else:
                if kind in ("nand", "nor") and len(kinds) == 1 and self._next() in ("nand", "nor"):
                    raise _Refused
                left = _joined(kind, left, right)
        if kinds & {"xor", "nand", "nor"} and len(kinds) > 1:
            raise _Refused
        for other in reversed(ors):
            left = _joined("or", other, left)
        return left

    def _term(self) -> Formula:
        kind = self._next()
        word = self._tokens[self._at][1] if kind else ""
        self._at += 1
        if kind == "not":
            return _negated(self._deeper())
        if kind == "open":
            inner = self._outer()
            if self._next() != "close":
                raise _Refused
            self._at += 1
            return inner
        if kind == "letter":
            return lambda values: values[word]
        if kind in ("true", "false"):
            return lambda values: kind == "true"
        raise _Refused

    def _deeper(self) -> Formula:
        self._depth += 1
        if self._depth > DEEPEST:
            raise _Refused
        inner = self._term()
        self._depth -= 1
        return inner


def _negated(inner: Formula) -> Formula:
    return lambda values: not inner(values)


def _joined(kind: str, left: Formula, right: Formula) -> Formula:
    joins: dict[str, Callable[[bool, bool], bool]] = {
        "and": lambda a, b: a and b,
        "or": lambda a, b: a or b,
        "xor": lambda a, b: a != b,
        "nand": lambda a, b: not (a and b),
        "nor": lambda a, b: not (a or b),
        "implies": lambda a, b: not a or b,
        "iff": lambda a, b: a == b,
    }
    join = joins[kind]
    return lambda values: join(left(values), right(values))
