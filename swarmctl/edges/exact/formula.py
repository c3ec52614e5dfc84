"""A written formula as a tree of lists, or None: every sign of it is understood, and what has two readings is refused.

A tree is ["n", digits], ["v", letter], ["c", name], ["neg", a], ["f", name, a] or [operator, a, b] with + - * / ^.
"""

from __future__ import annotations

import re
from typing import Any

Tree = list[Any]
LONGEST = 400
DEEPEST = 40
MOST_TOKENS = 150
FUNCTIONS = "arcsin|arccos|arctan|asin|acos|atan|sinh|cosh|tanh|sin|cos|tan|sec|csc|cot|sqrt|cbrt|exp|ln|log10|log2|abs"
_TOKEN = re.compile(
    rf"\s*(?:(?P<number>\d+(?:\.\d+)?|\.\d+)(?![\d.,])|(?P<function>{FUNCTIONS})(?![a-z0-9])|(?P<constant>pi|π)(?![a-z])"
    r"|(?P<letters>[a-zA-Zθ]+)|(?P<sign>\*\*|[-+*/^()|√])|(?P<raised>[²³⁴⁵]))"
)
_SAME = str.maketrans({"·": "*", "×": "*", "⋅": "*", "÷": "/", "−": "-", "–": "-", "∙": "*"})  # noqa: RUF001
_VARIABLES = frozenset("abcdkmnpqrstuvwxyzABCDKLMNPQRSTVWXYZθ")
_PRODUCTS = re.compile(r"(?:[xyz]{2,3}|[abc]{2,3})\Z")
_JOINED = re.compile(r"(sin|cos|tan|ln)([xyzt])\Z")
_RAISED = {"²": "2", "³": "3", "⁴": "4", "⁵": "5"}
_NAMES = {"arcsin": "asin", "arccos": "acos", "arctan": "atan"}


class _Refused(Exception):
    """The text is not one formula with one reading."""


def parsed(text: str, index: str = "") -> Tree | None:
    """`index` is a letter of its own besides, such as the i of a sum."""
    if not text.strip() or len(text) > LONGEST:
        return None
    try:
        return _Reader(_tokens(text.translate(_SAME), index)).whole()
    except _Refused:
        return None


def letters(tree: Tree) -> set[str]:
    if tree[0] == "v":
        return {tree[1]}
    return set().union(*(letters(part) for part in tree[1:] if isinstance(part, list)))


def _tokens(text: str, index: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    at = 0
    text = text.rstrip()
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None or token.lastgroup is None:
            raise _Refused
        kind, word = token.lastgroup, token[token.lastgroup]
        at = token.end()
        if kind == "letters" and word == index != "e":
            found.append(("variable", word))
        elif kind == "letters":
            found += _names(word)
        else:
            found.append((kind, "^" if word == "**" else word))
    if len(found) > MOST_TOKENS:
        raise _Refused
    return found


def _names(word: str) -> list[tuple[str, str]]:
    if word == "e":
        return [("constant", "e")]
    if len(word) == 1 and word in _VARIABLES:
        return [("variable", word)]
    if joined := _JOINED.match(word):
        return [("function", joined[1]), ("variable", joined[2])]
    if _PRODUCTS.match(word):
        return [("variable", letter) for letter in word]
    raise _Refused


class _Reader:
    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def whole(self) -> Tree:
        tree = self._sum()
        if self._at < len(self._tokens):
            raise _Refused
        return tree

    def _next(self, ahead: int = 0) -> tuple[str, str]:
        place = self._at + ahead
        return self._tokens[place] if place < len(self._tokens) else ("end", "")

    def _take(self, *signs: str) -> str:
        kind, word = self._next()
        if kind == "sign" and word in signs:
            self._at += 1
            return word
        return ""

    def _sum(self) -> Tree:
        tree = self._product()
        while sign := self._take("+", "-"):
            tree = [sign, tree, self._product()]
        return tree

    def _product(self) -> Tree:
        tree = self._signed()
        divided = False
        while True:
            if sign := self._take("*", "/"):
                tree = [sign, tree, self._signed()]
                divided = sign == "/"
            elif self._starts_a_factor():
                if divided:
                    raise _Refused  # 1/2x has two readings
                tree = ["*", tree, self._power()]
            else:
                return tree

    def _starts_a_factor(self) -> bool:
        """Side by side is a product; a number may only come first: x2 and 2 3 are no formulas."""
        kind, word = self._next()
        if kind == "number" and self._at and self._tokens[self._at - 1][0] != "sign":
            raise _Refused
        return kind in ("variable", "constant", "function") or (kind == "sign" and word in "(√")

    def _signed(self) -> Tree:
        if self._take("-"):
            return ["neg", self._signed()]
        if self._take("+"):
            return self._signed()
        return self._power()

    def _power(self) -> Tree:
        base = self._atom()
        kind, word = self._next()
        if kind == "raised":
            self._at += 1
            return ["^", base, ["n", _RAISED[word]]]
        if not self._take("^"):
            return base
        raised = ["neg", self._power()] if self._take("-") else self._power()
        plain = raised[0] == "n" and base[0] not in ("c", "n")
        if not plain and self._next()[0] != "function" and self._starts_a_factor():
            raise _Refused  # e^2x and 2^xy have two readings
        return ["^", base, raised]

    def _atom(self) -> Tree:
        self._depth += 1
        if self._depth > DEEPEST:
            raise _Refused
        tree = self._read_atom()
        self._depth -= 1
        return tree

    def _read_atom(self) -> Tree:
        kind, word = self._next()
        self._at += 1
        if kind == "number":
            return ["n", word]
        if kind == "variable":
            return ["v", word]
        if kind == "constant":
            return ["c", "e" if word == "e" else "pi"]
        if kind == "function":
            return self._applied(_NAMES.get(word, word))
        if kind == "sign" and word == "√":
            return ["f", "sqrt", self._simple()]
        if kind == "sign" and word in "(|":
            return self._enclosed(word)
        raise _Refused

    def _enclosed(self, opening: str) -> Tree:
        inner = self._sum()
        if not self._take(")" if opening == "(" else "|"):
            raise _Refused
        return inner if opening == "(" else ["f", "abs", inner]

    def _applied(self, name: str) -> Tree:
        """sin(x), sin x, sin 2x, sin^2 x and sin²(x); sin x^2 has two readings."""
        power = ""
        kind, word = self._next()
        if kind == "raised":
            self._at += 1
            power = _RAISED[word]
        elif kind == "sign" and word == "^" and self._next(1)[0] == "number":
            power = self._next(1)[1]
            self._at += 2
        if power and (not power.isdigit() or name in ("sqrt", "ln", "exp", "abs", "log10", "log2")):
            raise _Refused
        tree = ["f", name, self._simple()]
        return ["^", tree, ["n", power]] if power else tree

    def _simple(self) -> Tree:
        """What a function is applied to: parentheses, or a number and letters side by side."""
        if self._take("("):
            return self._enclosed("(")
        kind, _ = self._next()
        if kind not in ("number", "variable", "constant"):
            raise _Refused
        tree = self._atom()
        while self._next()[0] in ("variable", "constant"):
            tree = ["*", tree, self._atom()]
        if self._next() in (("sign", "^"), ("sign", "(")) or self._next()[0] == "raised":
            raise _Refused
        return tree
