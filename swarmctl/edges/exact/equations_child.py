"""Equations, solved completely or not at all: every solution is put in again, and their number is accounted for."""

from __future__ import annotations

from typing import Any

import sympy as sp

from swarmctl.edges.exact.trees import Refused, built, rendered, said

Answer = dict[str, str] | None
MOST_DEGREE = 12
LONGEST_ROOT = 60


def solve(request: dict[str, Any]) -> Answer:
    left, right = (built(side) for side in request["sides"])
    x = sp.Symbol(request["for"], real=True)
    rest = left - right
    if rest.free_symbols - {x}:
        return _rearranged(x, left, right)
    if not rest.free_symbols & {x}:
        if x not in left.free_symbols | right.free_symbols:
            return None
        return _constant(x, sp.simplify(rest), left, right)
    top, bottom = sp.fraction(sp.together(rest))
    top = sp.expand(top)
    if not top.free_symbols:
        return _constant(x, top, left, right)
    if top.is_polynomial(x) and bottom.is_polynomial(x):
        return _polynomial(request, x, top, bottom)
    return _elementary(request, x, rest)


def _constant(x: Any, rest: Any, left: Any, right: Any) -> Answer:
    if rest == 0:
        if sp.denom(sp.together(left)).free_symbols or sp.denom(sp.together(right)).free_symbols:
            return None
        if not (left - right).expand().is_zero:
            return None
        return {"answer": f"every {x}", "proof": f"both sides are {said(sp.expand(left))}"}
    if rest.is_number and rest.is_zero is False:
        return {"answer": "no solution", "proof": f"left minus right is {said(rest)} for every {x}, never 0"}
    return None


def _polynomial(request: dict[str, Any], x: Any, top: Any, bottom: Any) -> Answer:
    plain = sp.Symbol("plain")
    poly = sp.Poly(top.subs(x, plain), plain)
    if not 1 <= poly.degree() <= MOST_DEGREE:
        return None
    found = sp.roots(poly)
    if sum(found.values()) != poly.degree():
        return None
    product = poly.LC() * sp.prod([(plain - root) ** times for root, times in found.items()])
    if any(sp.simplify(c) != 0 for c in sp.Poly(sp.expand(product) - poly.as_expr(), plain).all_coeffs()):
        return None
    roots = [sp.nsimplify(root) if root.is_Rational else sp.simplify(root) for root in found]
    roots = [root for root in roots if sp.simplify(bottom.subs(x, root)) != 0]
    real = sorted((root for root in roots if _is_real(root)), key=lambda root: float(root))
    other = sorted((root for root in roots if not _is_real(root)), key=lambda root: sp.N(root, 15).as_real_imag())
    if any(len(said(root)) > LONGEST_ROOT for root in roots):
        return None
    _put_in(request, x, real)
    words = _listed(request, x, real)
    if other:
        complex_ones = " or ".join(f"{x} = {said(root)}" for root in other)
        words = f"{words or 'no real solution'} (complex: {complex_ones})"
    words = words or "no solution"
    counted = f"degree {poly.degree()}, {len(found)} different root{'s' * (len(found) != 1)}"
    return {
        "answer": words,
        "proof": _proof(request, x, real) or f"{said(top)} = 0 has {counted}; {len(roots)} allowed",
    }


def _is_real(root: Any) -> bool:
    if root.is_real is None:
        raise Refused
    return bool(root.is_real)


def _elementary(request: dict[str, Any], x: Any, rest: Any) -> Answer:
    found = sp.solveset(rest, x, sp.S.Reals)
    if found == sp.S.EmptySet:
        return None
    if not isinstance(found, sp.FiniteSet) or len(found) > MOST_DEGREE:
        return None
    roots = sorted((sp.simplify(root) for root in found), key=lambda root: float(root))
    if any(len(said(root)) > LONGEST_ROOT or not _is_real(root) for root in roots):
        return None
    _put_in(request, x, roots)
    if _crossings(rest, x, roots):
        return None
    return {"answer": _listed(request, x, roots), "proof": _proof(request, x, roots)}


def _crossings(rest: Any, x: Any, roots: list[Any]) -> bool:
    """Whether it changes its sign somewhere near zero where no root was found."""
    value = sp.lambdify(x, rest, "math")
    known = [float(root) for root in roots]
    before: tuple[float, float] | None = None
    for step in range(-2000, 2001):
        at = step / 80 + 0.00137
        try:
            now = float(value(at))
        except (ValueError, ZeroDivisionError, OverflowError, TypeError):
            before = None
            continue
        if before and before[1] * now < 0 and abs(now) < 50 and not any(before[0] <= root <= at for root in known):
            return True
        before = (at, now)
    return False


def _put_in(request: dict[str, Any], x: Any, roots: list[Any]) -> None:
    left, right = (built(side) for side in request["sides"])
    for root in roots:
        gap = sp.simplify(left.subs(x, root) - right.subs(x, root))
        if gap != 0 and not (gap.is_number and abs(sp.N(gap, 60)) < sp.Float("1e-45")):
            raise Refused


def _listed(request: dict[str, Any], x: Any, roots: list[Any]) -> str:
    decimal = request.get("decimal", False)
    return " or ".join(f"{x} = {_number(root, decimal)}" for root in roots)


def _number(value: Any, decimal: bool) -> str:
    if decimal and value.is_Rational and value.q != 1:
        digits = 0
        while digits < 9 and (value * 10**digits).q != 1:
            digits += 1
        if (value * 10**digits).q == 1:
            return f"{float(value):.{digits}f}"
    return said(value)


def _proof(request: dict[str, Any], x: Any, roots: list[Any]) -> str:
    return "; ".join(_put(request, {str(x): root}) for root in roots)


def _put(request: dict[str, Any], values: dict[str, Any]) -> str:
    words = {name: said(value) for name, value in values.items()}
    at = {sp.Symbol(name, real=True): value for name, value in values.items()}
    left, right = request["sides"]
    value = sp.simplify(built(right).subs(at))
    if right[0] == "n":
        return f"{rendered(left, words)} = {rendered(right, words)}"
    if value.is_Rational:
        return f"{rendered(left, words)} = {said(value)} = {rendered(right, words)}"
    return f"{rendered(left, words)} = {rendered(right, words)}"


def _rearranged(x: Any, left: Any, right: Any) -> Answer:
    """Linear in the wanted letter with a number before it, other letters staying."""
    rest = sp.expand(left - right)
    if x not in rest.free_symbols or not rest.is_polynomial(x) or sp.degree(rest, x) != 1:
        return None
    slope = rest.coeff(x, 1)
    if not slope.is_number or slope == 0:
        return None
    out = sp.expand(-rest.coeff(x, 0) / slope)
    if sp.simplify(left.subs(x, out) - right.subs(x, out)) != 0:
        return None
    return {
        "answer": f"{x} = {said(out)}",
        "proof": f"put in for {x}, both sides are {said(sp.simplify(right.subs(x, out)))}",
    }


def system(request: dict[str, Any]) -> Answer:
    pairs = [[built(side) for side in sides] for sides in request["equations"]]
    names = sorted({str(letter) for pair in pairs for side in pair for letter in side.free_symbols})
    letters = [sp.Symbol(name, real=True) for name in names]
    gaps = [sp.expand(left - right) for left, right in pairs]
    if any(not gap.is_polynomial(*letters) or sp.Poly(gap, *letters).total_degree() > 1 for gap in gaps):
        return None
    found = sp.linsolve(gaps, *letters)
    if found == sp.S.EmptySet:
        return {
            "answer": "no solution",
            "proof": "the equations contradict each other (rank of the coefficients is too low)",
        }
    values = dict(zip(names, next(iter(found)), strict=True))
    if any(value.free_symbols for value in values.values()):
        return None
    at = {sp.Symbol(name, real=True): value for name, value in values.items()}
    if any(sp.simplify(gap.subs(at)) != 0 for gap in gaps):
        return None
    words = ", ".join(f"{name} = {_number(value, request.get('decimal', False))}" for name, value in values.items())
    return {"answer": words, "proof": "; ".join(_put({"sides": sides}, values) for sides in request["equations"])}
