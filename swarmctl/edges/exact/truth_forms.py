"""What people ask of boolean formulas, each decided by trying every case."""

from __future__ import annotations

import re

from swarmctl.core.council import Found
from swarmctl.edges.exact.truth import Parsed, Values, cases, parsed

_JOINTS = frozenset(("and", "or", "xor", "nand", "nor", "implies", "iff"))
_F = r"(?:the )?(?:formula |expression |proposition |statement )?[`'\"]?(?P<it>.+?)[`'\"]?"
_IS = re.compile(
    rf"(?:is|check if|check whether|whether|if) {_F} (?:is )?"
    r"(?:(?:an? )?(?:logical )?(?P<noun>tautology|contradiction|contingency|valid formula)"
    r"|(?P<what>satisfiable|unsatisfiable|always true|always false))",
    re.IGNORECASE,
)
_SAME = re.compile(
    rf"(?:is|whether|if) {_F} (?:is )?(?:logically )?(?:equivalent to|the same as) (?P<other>.+)", re.IGNORECASE
)
_BOTH = re.compile(r"(?:are|whether|if) (?P<both>.+?) (?:are )?(?:logically )?equivalent", re.IGNORECASE)
_WHEN = re.compile(
    rf"(?:truth value of )?{_F},? (?:when|if|where|for|with|given|given that) "
    r"(?P<values>[a-z] ?(?:=|is) ?(?:true|false|t|f|1|0)\b.*)",
    re.IGNORECASE,
)
_WHEN_FIRST = re.compile(
    rf"(?:when|if|given|given that|for|with) (?P<values>[a-z] ?(?:=|is) ?(?:true|false|t|f|1|0)\b.*?),? ?"
    rf"(?:then )?(?:what is|what's|whats|evaluate) {_F}",
    re.IGNORECASE,
)
_PLAIN = re.compile(rf"(?:truth value of )?{_F}", re.IGNORECASE)
_VALUE = re.compile(r"(?P<letter>[a-z]) ?(?:=|is) ?(?P<value>true|false|t|f|1|0)", re.IGNORECASE)


def told(text: str) -> Found | None:
    if found := _IS.fullmatch(text):
        return _kind(found)
    if found := _SAME.fullmatch(text):
        return _equivalent(parsed(found["it"]), parsed(found["other"]))
    if found := _BOTH.fullmatch(text):
        return _either_split(found["both"])
    for pattern in (_WHEN, _WHEN_FIRST):
        if found := pattern.fullmatch(text):
            return _valued(found)
    found = _PLAIN.fullmatch(text)
    return _constant(found["it"]) if found else None


_NO_ARTICLE = re.compile(r"\b(?:is|or|and|not|if|whether) a (?:tautology|contradiction|contingency)\Z", re.IGNORECASE)
"""The letter is more likely an article there, and then something is missing."""


def _kind(found: re.Match[str]) -> Found | None:
    formula = parsed(found["it"])
    if _NO_ARTICLE.search(found[0]) or not formula or not formula.letters:
        return None
    every = [(values, formula.holds(values)) for values in cases(formula.letters)]
    yes = next((values for values, holds in every if holds), None)
    no = next((values for values, holds in every if not holds), None)
    right = {
        "satisfiable": yes is not None,
        "unsatisfiable": yes is None,
        "contradiction": yes is None,
        "always false": yes is None,
        "contingency": yes is not None and no is not None,
    }.get((found["noun"] or found["what"]).lower(), no is None)
    if yes is None or no is None:
        proof = f"{'false' if yes is None else 'true'} in all {len(every)} cases"
    else:
        proof = f"true with {_shown(yes)}; false with {_shown(no)}"
    return Found("yes" if right else "no", proof)


def _shown(values: Values) -> str:
    return ", ".join(f"{letter} {'true' if value else 'false'}" for letter, value in values.items())


def _equivalent(one: Parsed | None, other: Parsed | None) -> Found | None:
    if not one or not other or not (one.kinds | other.kinds) & (_JOINTS | {"not"}):
        return None
    letters = tuple(dict.fromkeys(one.letters + other.letters))
    if not letters or len(letters) > 16 or len({letter.lower() for letter in letters}) != len(letters):
        return None
    for values in cases(letters):
        left, right = one.holds(values), other.holds(values)
        if left != right:
            words = f"{_shown(values)}: the first is {str(left).lower()}, the second {str(right).lower()}"
            return Found("no", f"with {words}")
    return Found("yes", f"the same in all {2 ** len(letters)} cases of {', '.join(letters)}")


def _either_split(text: str) -> Found | None:
    """Where one `and` is between the two, and only one can be; of three nothing is said."""
    splits = [(text[: found.start()], text[found.end() :]) for found in re.finditer(r",? and ", text)]
    pairs = [(parsed(one), parsed(other)) for one, other in splits]
    whole = [(one, other) for one, other in pairs if one and other]
    answers = [_equivalent(one, other) for one, other in whole]
    if not answers or any(each is None for each in answers):
        return None
    return answers[0] if len(answers) == 1 else None


def _valued(found: re.Match[str]) -> Found | None:
    formula = parsed(found["it"])
    values: Values = {}
    for piece in re.split(r" ?, ?and | ?, ?| and ", found["values"]):
        given = _VALUE.fullmatch(piece)
        if not given or given["letter"] in values:
            return None
        values[given["letter"]] = given["value"].lower() in ("true", "t", "1")
    if not formula or set(formula.letters) != set(values) or not formula.kinds & (_JOINTS | {"not"}):
        return None
    result = str(formula.holds(values)).lower()
    return Found(result, f"{found['it']} with {_shown(values)} is {result}")


def _constant(text: str) -> Found | None:
    formula = parsed(text)
    if not formula or formula.letters or not formula.kinds & (_JOINTS | {"not"}):
        return None
    result = str(formula.holds({})).lower()
    return Found(result, f"{text} is {result}: not first, then and, then or, then implies and iff")
