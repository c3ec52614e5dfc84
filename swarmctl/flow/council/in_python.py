"""`now write that in Python`: the sum that was asked before, as a program that prints the answer.

Only what is a sum of numbers, and only when the program's value, reckoned here without running anything, is the answer.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from fractions import Fraction

from swarmctl.core.council import Asked, Found
from swarmctl.flow.council.normal import normal

_ASKS = re.compile(
    r"(?:(?:now|and|then|please|ok|okay|so|can you|could you|how do i|how would i)[\s,]+)*"
    r"(?:write|show|give|say|express|put|do|code|turn)\s+(?:me\s+)?(?:that|it|this|the same)\s+"
    r"(?:in|as|into|using|with)\s+python(?:\s+code)?(?:[\s,]+please)?\s*[.!?]*",
    re.IGNORECASE,
)
_LONGEST = 300
_SIGNS = {"·": "*", "\u00d7": "*", "÷": "/", "−": "-", "^": "**"}
_WORDS = (
    (re.compile(r"\bplus\b"), "+"),
    (re.compile(r"\bminus\b"), "-"),
    (re.compile(r"\b(?:times|multiplied by)\b"), "*"),
    (re.compile(r"\bdivided by\b"), "/"),
    (re.compile(r"\bto the power of\b"), "**"),
)
_SUM = re.compile(r"[\d.+\-*/() ]+")
_LARGEST = 10**60
_POWER = 200


def in_python(asked: Asked, bare: Callable[[str], str]) -> Found | None:
    """`bare` takes off the words around a question."""
    if not asked.before or not _ASKS.fullmatch(asked.text.strip()):
        return None
    before = asked.before[-1]
    text = bare(before.question).lower()
    for sign, ours in _SIGNS.items():
        text = text.replace(sign, ours)
    for word, ours in _WORDS:
        text = word.sub(ours, text)
    if len(text) > _LONGEST or not _SUM.fullmatch(text):
        return None
    try:
        tree = ast.parse(text.strip(), mode="eval").body
        value = _value(tree, text.strip())
    except (SyntaxError, ValueError, ZeroDivisionError, RecursionError):
        return None
    if normal(str(value)) != normal(before.answer):
        return None
    return Found(_program(tree, text.strip()), f"its value, reckoned without running it, is {value}: the answer before")


def _program(tree: ast.expr, text: str) -> str:
    """Where plain numbers would round, fractions do not."""
    if not any(isinstance(each, ast.Div) or _is_decimal(each) for each in ast.walk(tree)):
        return f"print({ast.unparse(tree)})"
    body = ast.unparse(_Exactly(text).visit(tree))
    return f"from fractions import Fraction\n\nprint({body})"


def _is_decimal(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, float)


class _Exactly(ast.NodeTransformer):
    def __init__(self, text: str) -> None:
        self._text = text

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        """An exponent is a whole number and stays one."""
        node.left = self.visit(node.left)
        if not isinstance(node.op, ast.Pow):
            node.right = self.visit(node.right)
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        written = ast.get_source_segment(self._text, node) or ""
        given: int | str = written if _is_decimal(node) else int(written)
        return ast.Call(ast.Name("Fraction", ast.Load()), [ast.Constant(given)], [])


def _value(node: ast.expr, text: str) -> Fraction:
    if isinstance(node, ast.Constant):
        return Fraction(ast.get_source_segment(text, node) or "")
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        value = _value(node.operand, text)
        return -value if isinstance(node.op, ast.USub) else value
    if not isinstance(node, ast.BinOp):
        raise ValueError(ast.dump(node))
    left, right = _value(node.left, text), _value(node.right, text)
    result = _reckoned(left, right, node.op)
    if abs(result.numerator) > _LARGEST or result.denominator > _LARGEST:
        raise ValueError("too large")
    return result


def _reckoned(left: Fraction, right: Fraction, how: ast.operator) -> Fraction:
    if isinstance(how, ast.Add):
        return left + right
    if isinstance(how, ast.Sub):
        return left - right
    if isinstance(how, ast.Mult):
        return left * right
    if isinstance(how, ast.Div):
        return left / right
    if isinstance(how, ast.Pow) and right.denominator == 1 and abs(right) <= _POWER:
        return Fraction(left ** int(right))
    raise ValueError("no sum")
