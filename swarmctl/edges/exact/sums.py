"""Sums as people write them, worked out exactly; None where two readings of one would differ.

Nothing is skipped: a mark or a word that is not a number, an operator or a root makes it None. Work is bounded.
"""

from __future__ import annotations

import re
from fractions import Fraction
from functools import cache
from math import ceil, factorial, floor

from swarmctl.edges.exact import figures
from swarmctl.edges.exact.figures import exactly, fits, shown
from swarmctl.edges.exact.reckoning import Refused, operated, root, rounded

_DEPTH = 40
_LARGEST_FACTORIAL = 300
_PART_OF = {"half": 2, "third": 3, "quarter": 4, "fifth": 5, "sixth": 6, "eighth": 8, "tenth": 10}
_FUNCTIONS = {"sqrt", "cbrt", "abs", "min", "max", "round", "factorial", "floor", "ceil"}
_ROOTS = {"sqrt": 2, "cbrt": 3}
_WORDS = (
    (r"(?:raised )?to the power(?: of)?|raised to", "^"),
    (r"multiplied by|times", "*"),
    (r"divided by|over", "/"),
    (r"plus", "+"),
    (r"minus", "-"),
    (r"modulo|mod", "mod"),
    (r"squared", "squared"),
    (r"cubed", "cubed"),
    (r"percent of|per cent of", "% of"),
    (r"percent|per cent", "%"),
    (r"(?:square root|sqrt) of|square root|sqrt|\u221a", "sqrt"),
    (r"(?:cube root|cbrt) of|cube root|cbrt", "cbrt"),
    (r"(?:absolute value|abs) of|absolute value|abs", "abs"),
    (r"factorial of|factorial", "factorial"),
    (r"of", "of"),
    (r"min|max|round|floor|ceil", ""),
    (r"(?:a |one )?half(?= of\b)|(?:a|one) (?:third|quarter|fifth|sixth|eighth|tenth)(?= of\b)", "part"),
    (r"(?:two|three|four|five|seven|nine) (?:thirds|quarters|fifths|sixths|eighths|tenths)(?= of\b)", "part"),
)
_SYMBOLS = {
    "\u00d7": "*", "\u00b7": "*", "\u2219": "*", "\u22c5": "*", "\u00f7": "/", "\u2215": "/",
    "\u2212": "-", "\u2013": "-",
    "\u00b2": "squared\u00b2", "\u00b3": "cubed\u00b2", "\u221a": "sqrt", "**": "^", "[": "(", "]": ")",
}  # fmt: skip
_NUMBER = rf"(?P<number>{figures.LITERAL}(?:e[+-]?[0-9]{{1,3}})?{{scale}}(?![0-9a-z_.]))"
_MARK = (
    r"(?P<mark>\*\*|//|[-+*/^%!(),\[\]"
    r"\u00d7\u00b7\u2219\u22c5\u00f7\u2215\u2212\u2013\u00b2\u00b3\u221a])"
)
_TIMES_SIGN = re.compile(r"(?<=[0-9)])(\s*)x(?=\s*[0-9]|\s+\()")
_OTHER_NUMBERS = re.compile(
    r"(?<![0-9.,])0[xob]|(?<![0-9.])[1-9][0-9]{0,2}\.000(?![0-9])|"
    r"(?:min|max|round)\b.*(?:[0-9],[0-9]{3}(?![0-9])|[0-9],[0-9].*, |, .*[0-9],[0-9])"
)
_NOT_SUMS = re.compile(
    r"(?:.*[^0-9.])?[0-9]{4}[-\u2013][0-9]{1,2}[-\u2013][0-9]{1,2}(?:[^0-9].*)?|[0-9]{1,2}[-\u2013][0-9]{1,2}[-\u2013](?:19|20)[0-9]{2}"
    r"|(?:[12]?[0-9]|3[01])/(?:[12]?[0-9]|3[01])/(?:[0-9]{2}|[0-9]{4})"
    r"|[2-9][0-9]{2}-[0-9]{4}|[0-9]{3}-[0-9]{3}-[0-9]{4}|1-[0-9]{3}-[0-9]{3,4}(?:-[0-9]{4})?|24/7|9/11|50/50"
)
"""Dates, telephones and sayings."""


@cache
def _token_pattern(spoken: bool) -> re.Pattern[str]:
    """A sum without a letter does not wait for all the words."""
    number = _NUMBER.replace("{scale}", r"(?: (?:thousand|million|billion|trillion)\b)?" if spoken else "")
    words = [rf"(?P<w{at}>(?:{words})(?!\w))" for at, (words, _) in enumerate(_WORDS)] if spoken else []
    spelled = [rf"(?P<spelled>{figures.SPELLED}(?![\w-]))"] if spoken else []
    return re.compile(rf"\s*(?:{'|'.join([number, *words, *spelled, _MARK])})")


class Sum:
    """A reader of one sum; `steps` are what was worked out, in order."""

    def __init__(self, text: str) -> None:
        self.tokens = tokens(text)
        self.at = 0
        self.depth = 0
        self.steps: list[str] = []
        self.percents = 0
        self.mods = 0
        self.closed = False
        """An open root, part or percentage was read: nothing may follow it on its level."""

    def value(self) -> Fraction:
        value = self.terms()
        if self.at < len(self.tokens):
            raise Refused
        return value

    def peek(self, ahead: int = 0) -> str:
        at = self.at + ahead
        return self.tokens[at][0] if at < len(self.tokens) else ""

    def take(self, *kinds: str) -> str:
        if (kind := self.peek()) and kind in kinds and not (self.closed and kind not in "),"):
            self.at += 1
            return kind
        return ""

    def terms(self) -> Fraction:
        before, self.percents = self.percents, 0
        mods, self.mods = self.mods, 0
        left = self.factors()
        while op := self.take("+", "-"):
            right = self.factors()
            if self.mods:
                raise Refused  # 3 + 10 mod 4
            if self.percents and not self.closed:
                raise Refused  # 80 + 15%
            left = self.step(left, op, right)
        self.percents, self.mods = before, mods
        return left

    def factors(self) -> Fraction:
        left = self.signed()
        start, divided = self.at, False
        while True:
            if self.closed and self.peek() not in ("", ")", ","):
                raise Refused
            if op := self.take("*", "/", "//", "mod", "%%"):
                self.mods += op == "mod"
                if self.mods and self.at - start > 1:
                    raise Refused  # 15 mod 4 * 2
                left, divided = self.step(left, op, self.signed()), divided or op != "*"
            elif self.peek() == "(" and self.at and self.tokens[self.at - 1][0] in ("number", ")"):
                if divided or any(kind == "^" for kind, _ in self.tokens[start : self.at]):
                    raise Refused  # 6/2(1+2)
                left = self.step(left, "*", self.powers())
            elif self.peek() == "of" and (divided or self.tokens[self.at - 1][0] in ("%", "part")):
                left = self.part(left)
            else:
                return left

    def part(self, left: Fraction) -> Fraction:
        self.take("of")
        self.deeper(1)
        right = self.factors()
        self.deeper(-1)
        self.closed = True
        return self.step(left, "*", right)

    def signed(self) -> Fraction:
        if self.take("-"):
            start, known = self.at, len(self.steps)
            value = self.powers()
            if {("squared", "squared"), ("cubed", "cubed")} & set(self.tokens[start : self.at]):
                raise Refused  # minus three squared
            if len(self.steps) > known:
                self.steps.append(f"-({exactly(value)}) = {exactly(-value)}")
            return -value
        return self.powers()

    def powers(self) -> Fraction:
        base = self.postfix()
        if not self.take("^"):
            return base
        if self.tokens[self.at - 2][0] in ("squared", "cubed"):
            raise Refused  # 3²^3
        self.deeper(1)
        exponent = self.signed()
        self.deeper(-1)
        return self.step(base, "^", exponent)

    def postfix(self) -> Fraction:
        value = self.primary()
        if self.peek() == "!":
            self.take("!")
            value = self.factorial(value)
        elif self.peek() in ("squared", "cubed"):
            value = self.step(value, "^", Fraction(2 if self.take("squared", "cubed") == "squared" else 3))
        elif self.peek() == "%":
            self.take("%")
            self.percents += 1
            if self.peek() in ("+", "-", "^", "!", "(", "mod", "%%"):
                raise Refused
            return value / 100
        if self.peek() in ("!", "squared", "cubed", "%"):
            raise Refused  # 5!!, 2² squared
        return value

    def primary(self) -> Fraction:
        kind, text = self.tokens[self.at] if self.at < len(self.tokens) else ("", "")
        self.at += 1
        if kind == "number":
            value = figures.number(text)
            if value is None:
                raise Refused
            return value
        if kind == "part":
            return _part(text)
        if kind == "(":
            return self.inside()[0]
        if kind in _FUNCTIONS:
            return self.called(kind)
        raise Refused

    def inside(self, most: int = 1) -> list[Fraction]:
        """After an opening parenthesis: what is in it, with commas between."""
        self.deeper(1)
        values = [self.terms()]
        self.closed = False
        while len(values) < most and self.take(","):
            values.append(self.terms())
            self.closed = False
        if not self.take(")"):
            raise Refused
        self.deeper(-1)
        return values

    def called(self, name: str) -> Fraction:
        if self.peek() == "(":
            self.at += 1
            values = self.inside({"min": 50, "max": 50, "round": 2}.get(name, 1))
            return self.apply(name, values)
        if name in ("min", "max", "round", "floor", "ceil"):
            raise Refused
        sign = -1 if name == "abs" and self.take("-") else 1
        if self.peek() != "number":
            raise Refused
        value = sign * self.primary()
        self.closed = True
        return self.apply(name, [value])

    def apply(self, name: str, values: list[Fraction]) -> Fraction:
        first = values[0]
        if name in _ROOTS:
            done = root(first, _ROOTS[name])
        elif name == "factorial":
            return self.factorial(first)
        elif name in ("min", "max"):
            if len(values) < 2:
                raise Refused
            done = min(values) if name == "min" else max(values)
        elif name == "round":
            done = rounded(first, values[1] if len(values) > 1 else Fraction(0))
        else:
            done = abs(first) if name == "abs" else Fraction(floor(first) if name == "floor" else ceil(first))
        self.steps.append(f"{name}({', '.join(map(exactly, values))}) = {exactly(done)}")
        return done

    def factorial(self, value: Fraction) -> Fraction:
        if value.denominator != 1 or not 0 <= value <= _LARGEST_FACTORIAL:
            raise Refused
        done = Fraction(factorial(int(value)))
        self.steps.append(f"{exactly(value)}! = {exactly(done)}")
        return done

    def step(self, left: Fraction, op: str, right: Fraction) -> Fraction:
        done = fits(operated(left, op, right))
        if done is None:
            raise Refused
        sign = {"%%": "%", "mod": " mod "}.get(op, op)
        sum_, result = f"{_operand(left)}{sign}{_operand(right)}", exactly(done)
        self.steps.append(f"{sum_} = {result}" if sum_ != result else shown(done))
        return done

    def deeper(self, by: int) -> None:
        self.depth += by
        if self.depth > _DEPTH:
            raise Refused


def tokens(text: str) -> list[tuple[str, str]]:
    if _OTHER_NUMBERS.search(text) or not _closed(text) or ("[" in text and "(" not in text):
        raise Refused
    text = _TIMES_SIGN.sub(r"\1*", text)
    pattern = _token_pattern(re.search("[a-z]", text) is not None)
    found: list[tuple[str, str]] = []
    at = 0
    while at < len(text):
        match = pattern.match(text, at)
        if match is None or match.end() == at:
            raise Refused
        kind, written = match.lastgroup or "", match[match.lastgroup or 0]
        at = match.end()
        found += _token(kind, written, text, at)
    return found


def _closed(text: str) -> bool:
    """Each bracket by one of its own kind."""
    waiting: list[str] = []
    for mark in text:
        if mark in "([":
            waiting.append({"(": ")", "[": "]"}[mark])
        elif mark in ")]" and (not waiting or waiting.pop() != mark):
            return False
    return not waiting


def _token(kind: str, written: str, text: str, end: int) -> list[tuple[str, str]]:
    if kind in ("number", "spelled"):
        return [("number", written)]
    if kind.startswith("w"):
        means = _WORDS[int(kind[1:])][1] or written
        return [("%", "%"), ("of", "of")] if means == "% of" else [(means, written)]
    if written == "%":
        return [(_percent(text[: end - 1], text[end:]), "%")]
    if written == ",":
        if re.match(r"[0-9]{3}(?![0-9])", text[end:]) and re.search(r"[0-9]\Z", text[: end - 1]):
            raise Refused
        return [(",", ",")]
    means = _SYMBOLS.get(written, written).rstrip("\u00b2")
    return [(means, written)]


def _percent(before: str, after: str) -> str:
    """A sign for a hundredth, or for a remainder: there an operand follows, as far off as the one before."""
    if not re.match(r"\s*[0-9(]", after):
        return "%"
    if before.endswith(" ") != after.startswith(" "):
        raise Refused
    return "%%"


def _part(text: str) -> Fraction:
    words = text.split()
    below = Fraction(1, _PART_OF[words[-1].removesuffix("s")])
    return below * (figures.SMALL.get(words[0], 1) if len(words) > 1 else 1)


def _operand(value: Fraction) -> str:
    text = exactly(value)
    return f"({text})" if value < 0 or "/" in text else text


def worked_out(text: str) -> tuple[Fraction, list[str]] | None:
    """The value of a sum in small letters, and its steps; None when it is none, or can be read in two ways."""
    if _NOT_SUMS.fullmatch(text) or _shouted(text):
        return None
    try:
        reader = Sum(text)
        value = reader.value()
    except Refused:
        return None
    return (value, reader.steps) if reader.steps else None


def _shouted(text: str) -> bool:
    """`3+4!` may be a factorial or a raised voice; `3 plus 4 squared` may be 19 or 49."""
    parts = re.split(r" (?:plus|minus|times|multiplied by|divided by|over|to) ", text)
    raised = [part.endswith((" squared", " cubed")) for part in parts]
    return (raised[-1] and not all(raised)) or (
        text.endswith("!") and text.count("!") == 1 and re.search(r"[-+*/^%]|[a-z]", text) is not None
    )
