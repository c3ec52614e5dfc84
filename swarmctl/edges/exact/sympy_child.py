"""The child that computes with SymPy: trees in, an answer with its check out; what it cannot check it does not say."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import sympy as sp

from swarmctl.edges.exact import calculus_child, equations_child
from swarmctl.edges.exact.algebra_forms import understood
from swarmctl.edges.exact.serving import serve
from swarmctl.edges.exact.trees import Refused, built, said, same

Request = dict[str, Any]
Answer = dict[str, str] | None
LONGEST = 600


PRACTICE = (
    "solve 3x + 5 = x",
    "solve x^2 = 3",
    "solve x + y = 3, x - y = 1",
    "factor x^2 - 4",
    "expand (x+1)^2",
    "simplify sin(x)^2 + 2x",
    "derivative of x*sin(x)",
    "integral of x*e^x",
    "integral of 1/x from 1 to 2",
    "limit of sin(x)/x as x -> 0",
    "sum of 1/k^2 from k=1 to infinity",
    "evaluate x^2 at x = 3",
)


def main() -> None:
    serve(answer, practised)


def practised() -> None:
    """SymPy loads and remembers much when it first does something; each fork has it from here."""
    for text in PRACTICE:
        request = understood(text)
        if request is not None:
            answer(request)


def answer(request: Request) -> Answer:
    try:
        return _short(_OPERATIONS[request["op"]](request))
    except (Refused, ArithmeticError, ValueError, TypeError, NotImplementedError, RecursionError, AttributeError):
        return None


def _short(found: Answer) -> Answer:
    if found is None or any(len(text) > LONGEST or re.search(r"nan|zoo|\boo\b", text) for text in found.values()):
        return None
    return found


def _expand(request: Request) -> Answer:
    expr = built(request["of"])
    out = sp.expand(expr)
    proof = "multiplied out; both sides agree at " + _checked(expr, out)
    return {"answer": said(out), "proof": proof}


def _factor(request: Request) -> Answer:
    expr = built(request["of"])
    if not expr.is_polynomial(*expr.free_symbols):
        return None
    out = sp.factor(expr)
    if sp.expand(out - expr) != 0:
        return None
    if out.is_Add or out.is_Symbol:
        return {
            "answer": f"{said(out)} (irreducible over the rationals)",
            "proof": "no factors with rational coefficients",
        }
    return {"answer": said(out), "proof": f"multiplied out again: {said(sp.expand(out))}"}


def _simplify(request: Request) -> Answer:
    expr = built(request["of"])
    out = sp.simplify(expr)
    if out.is_polynomial() and len(said(sp.factor(out))) < len(said(out)):
        out = sp.factor(out)
    return {"answer": said(out), "proof": "wherever both are defined they agree, as at " + _checked(expr, out)}


def _value(request: Request) -> Answer:
    expr = built(request["of"])
    at = {sp.Symbol(name, real=True): built(value) for name, value in request["at"].items()}
    if expr.free_symbols - set(at):
        return None
    out = sp.simplify(expr.subs(at))
    if not out.is_number or out.is_finite is not True or out.is_real is not True:
        return None
    put = ", ".join(f"{name} = {said(value)}" for name, value in at.items())
    about = "" if out.is_Rational else f" ≈ {sp.N(out, 9)}"
    return {"answer": said(out), "proof": f"{said(expr)} with {put} is {said(out)}{about}"}


def _checked(one: Any, other: Any) -> str:
    places = same(one, other)
    if not places:
        raise Refused
    return ", ".join(places)


_OPERATIONS: dict[str, Callable[[Request], Answer]] = {
    "expand": _expand,
    "factor": _factor,
    "simplify": _simplify,
    "value": _value,
    "solve": equations_child.solve,
    "system": equations_child.system,
    "derivative": calculus_child.derivative,
    "integral": calculus_child.integral,
    "limit": calculus_child.limit,
    "sum": calculus_child.total,
}
