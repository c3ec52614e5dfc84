"""Trees of `formula` as SymPy expressions and back to words, and whether two expressions agree; for the child only."""

from __future__ import annotations

import re
from typing import Any

import sympy as sp

MOST_DIGITS = 40
HIGHEST = 60
PLACES = (sp.Rational(7, 10), sp.Rational(-13, 10), sp.Rational(23, 10), sp.Rational(-27, 10), sp.Rational(41, 10))


class Refused(Exception):
    """What is asked is outside of what can be checked."""


_FUNCTIONS = {
    "sin": sp.sin, "cos": sp.cos, "tan": sp.tan, "sec": sp.sec, "csc": sp.csc, "cot": sp.cot,
    "asin": sp.asin, "acos": sp.acos, "atan": sp.atan, "sinh": sp.sinh, "cosh": sp.cosh, "tanh": sp.tanh,
    "sqrt": sp.sqrt, "cbrt": sp.cbrt, "exp": sp.exp, "ln": sp.log, "abs": sp.Abs,
    "log10": lambda x: sp.log(x, 10), "log2": lambda x: sp.log(x, 2),
}  # fmt: skip


def built(tree: Any) -> Any:
    kind, *parts = tree
    if kind == "n":
        if len(parts[0]) > MOST_DIGITS:
            raise Refused
        return sp.Rational(parts[0])
    if kind == "v":
        return sp.Symbol(parts[0], real=True)
    if kind == "c":
        return sp.pi if parts[0] == "pi" else sp.E if parts[0] == "e" else sp.oo
    if kind == "neg":
        return -built(parts[0])
    if kind == "f":
        return _FUNCTIONS[parts[0]](built(parts[1]))
    return _operated(kind, built(parts[0]), built(parts[1]))


def _operated(sign: str, left: Any, right: Any) -> Any:
    if sign == "^":
        if right.is_number and not (right.is_real and abs(right) <= HIGHEST):
            raise Refused
        if left == 0 and (right.is_positive is not True):
            raise Refused
        return left**right
    if sign == "/":
        if right == 0:
            raise Refused
        return left / right
    return {"+": left + right, "-": left - right, "*": left * right}[sign]


def said(expr: Any) -> str:
    text = sp.sstr(expr)
    text = re.sub(r"\blog\(Abs\(([^()]*)\)\)", r"ln|\1|", text)
    text = re.sub(r"\blog\(", "ln(", text).replace("**", "^")
    text = re.sub(r"\bexp\(", "e^(", text)
    text = re.sub(r"\be\^\((\w+)\)", r"e^\1", text)
    text = re.sub(r"\bAbs\(", "abs(", text)
    text = re.sub(r"\bE\b", "e", text)
    text = re.sub(r"\b(sin|cos|tan)\(([^()]*)\)\^(\d+)", r"\1(\2)^\3", text)
    text = re.sub(r"\A(\w+(?:\([^()]*\))?)\^\(-(\d+)\)\Z", r"1/\1^\2", text)
    return re.sub(r"\bI\b", "i", text)


def rendered(tree: Any, values: dict[str, str]) -> str:
    """The tree as it was written, with values in the place of letters."""
    kind, *parts = tree
    if kind == "n":
        return str(parts[0])
    if kind == "v":
        value = values.get(parts[0], parts[0])
        return value if re.fullmatch(r"\w+(?:\.\d+)?", value) else f"({value})"
    if kind == "c":
        return str(parts[0])
    if kind == "neg":
        return f"-{_inner(parts[0], values)}"
    if kind == "f":
        return f"{parts[0]}({rendered(parts[1], values)})"
    left, right = (_inner(part, values) if kind in "*/^" else rendered(part, values) for part in parts)
    if kind == "-" and parts[1][0] in "+-":
        right = f"({right})"
    return f"{left}{kind}{right}" if kind in "*/^" else f"{left} {kind} {right}"


def _inner(tree: Any, values: dict[str, str]) -> str:
    text = rendered(tree, values)
    return text if tree[0] in ("n", "v", "c", "f") or (tree[0] in "*^" and "/" not in text) else f"({text})"


def same(one: Any, other: Any) -> list[str]:
    """At which places both are the same number; empty when they differ anywhere, or hardly anywhere are numbers."""
    symbols = sorted(one.free_symbols | other.free_symbols, key=str)
    if not symbols:
        return ["30 digits"] if _close(one, other) else []
    agreed = []
    for turn in range(len(PLACES)):
        at = {symbol: PLACES[(turn + 2 * index) % len(PLACES)] for index, symbol in enumerate(symbols)}
        left, right = sp.N(one.subs(at), 30), sp.N(other.subs(at), 30)
        if not (left.is_number and left.is_finite and left.is_real):
            continue
        if not _close(left, right):
            return []
        agreed.append(", ".join(f"{symbol} = {value}" for symbol, value in at.items()) + f" ({sp.N(left, 6)})")
    return agreed[:2] if len(agreed) >= 2 else []


def _close(one: Any, other: Any) -> bool:
    gap = sp.N(one - other, 30)
    return bool(gap.is_number and gap.is_finite and abs(gap) <= sp.Float("1e-20") * (1 + abs(sp.N(one, 30))))
