"""Derivatives, integrals, limits and sums, each compared with numbers that were come by in another way."""

from __future__ import annotations

from typing import Any

import sympy as sp
from mpmath import mp, mpf, nsum, quad

from swarmctl.edges.exact.trees import PLACES, Refused, built, said, same

Answer = dict[str, str] | None
MOST_TERMS = 2000
SMALL = sp.Float("1e-9")


def derivative(request: dict[str, Any]) -> Answer:
    expr, x = built(request["of"]), sp.Symbol(request["by"], real=True)
    order = int(request["order"])
    out = sp.diff(expr, x, order)
    if out.has(sp.Derivative, sp.Subs, sp.sign):
        return None
    out = _plainest(out)
    if order == 1 and not _slopes(expr, out, x):
        return None
    if order > 1 and not same(sp.diff(expr, x, order), out):
        return None
    if "at" in request:
        place = built(request["at"])
        value = sp.simplify(out.subs(x, place))
        if not value.is_number or value.is_finite is not True or value.is_real is not True:
            return None
        return {
            "answer": said(value),
            "proof": f"the derivative is {said(out)}; with {x} = {said(place)} that is {said(value)}",
        }
    return {
        "answer": said(out),
        "proof": f"d{order if order > 1 else ''}/d{x} of {said(expr)}, agrees with difference quotients",
    }


def _plainest(expr: Any) -> Any:
    """Of the ways to write it, the shortest; expanded ones first for polynomials."""
    if expr.is_polynomial(*expr.free_symbols):
        return sp.expand(expr)
    return min((expr, sp.simplify(expr), sp.together(expr)), key=lambda each: (len(said(each)), said(each)))


def _slopes(expr: Any, out: Any, x: Any) -> bool:
    others = {letter: PLACES[index] for index, letter in enumerate(sorted(expr.free_symbols - {x}, key=str))}
    expr, out = expr.subs(others), out.subs(others)
    step = sp.Rational(1, 10**12)
    agreed = 0
    for place in PLACES:
        slope = sp.N((expr.subs(x, place + step) - expr.subs(x, place - step)) / (2 * step), 40)
        value = sp.N(out.subs(x, place), 40)
        if not (slope.is_real and value.is_real and slope.is_finite and value.is_finite):
            continue
        if abs(slope - value) > SMALL * (1 + abs(value)):
            return False
        agreed += 1
    return agreed >= 2


def integral(request: dict[str, Any]) -> Answer:
    expr, x = built(request["of"]), sp.Symbol(request["by"], real=True)
    if "from" in request:
        return _definite(expr, x, built(request["from"]), built(request["to"]))
    out = sp.integrate(expr, x)
    if out.has(sp.Integral, sp.Piecewise, sp.I):
        return None
    if not expr.has(sp.log):
        out = out.replace(
            sp.log, lambda inner: sp.log(sp.Abs(inner)) if inner.is_positive is not True else sp.log(inner)
        )
    if not _slopes(out, expr, x):
        return None
    return {"answer": f"{said(out)} + C", "proof": f"its derivative is {said(expr)}"}


def _definite(expr: Any, x: Any, low: Any, high: Any) -> Answer:
    if expr.free_symbols - {x} or low.free_symbols or high.free_symbols:
        return None
    out = sp.simplify(sp.integrate(expr, (x, low, high)))
    if not out.is_number or out.is_finite is not True or out.is_real is not True:
        return None
    mp.dps = 30
    number, error = quad(sp.lambdify(x, expr, "mpmath"), [_bound(low), _bound(high)], error=True)
    exact = mpf(str(sp.N(out, 30)))
    if not error < mpf("1e-8") or abs(number - exact) > mpf("1e-8") * (1 + abs(exact)):
        return None
    inner = sp.integrate(expr, x)
    about = "" if out.is_Rational else f" ≈ {sp.N(out, 9)}"
    return {
        "answer": said(out),
        "proof": f"{said(inner)} between {_infinite(low)} and {_infinite(high)}{about}, and so by quadrature",
    }


def _bound(value: Any) -> Any:
    if value.is_infinite:
        return mp.inf if value > 0 else -mp.inf
    return mpf(str(sp.N(value, 30)))


def limit(request: dict[str, Any]) -> Answer:
    expr, x, place = built(request["of"]), sp.Symbol(request["by"], real=True), _place(request["to"])
    if expr.free_symbols - {x}:
        return None
    sides = {"+": "right", "-": "left"}
    if place.is_infinite:
        sides = {"-": ""} if place > 0 else {"+": ""}
    elif request.get("side"):
        sides = {request["side"]: sides[request["side"]]}
    found = {}
    for sign in sides:
        value = sp.limit(expr, x, place, sign)
        if value.has(sp.AccumBounds, sp.Limit, sp.I) or not _approached(expr, x, place, sign, value):
            return None
        found[sign] = value
    values = set(found.values())
    proof = f"values of {said(expr)} close to {x} = {_infinite(place)} approach it"
    if len(values) > 1:
        words = ", ".join(f"from the {sides[sign]} {_infinite(value)}" for sign, value in found.items())
        return {"answer": f"does not exist ({words})", "proof": "the two sides differ"}
    return {"answer": _infinite(values.pop()), "proof": proof}


def _place(tree: Any) -> Any:
    return -sp.oo if tree == ["neg", ["c", "oo"]] else built(tree)


def _infinite(value: Any) -> str:
    return "infinity" if value == sp.oo else "-infinity" if value == -sp.oo else said(value)


def _approached(expr: Any, x: Any, place: Any, sign: str, value: Any) -> bool:
    direction = 1 if sign == "+" else -1
    mp.dps = 60
    value_at = sp.lambdify(x, expr, "mpmath")
    steps = [mpf(10) ** -power for power in (4, 6, 8)]
    start = mpf(0) if place.is_infinite else _bound(place)
    seen = [value_at(-direction / step if place.is_infinite else start + direction * step) for step in steps]
    if any(mp.im(each) != 0 or not mp.isfinite(each) for each in seen):
        return False
    if value.is_infinite:
        signed = [each * (1 if value > 0 else -1) for each in seen]
        return bool(0 < signed[0] < signed[1] < signed[2])
    gaps = [abs(each - _bound(value)) for each in seen]
    return bool(gaps[2] < mpf("1e-3") and gaps[2] <= gaps[0])


def total(request: dict[str, Any]) -> Answer:
    expr, k = built(request["of"]), sp.Symbol(request["by"], real=True)
    low, high = built(request["from"]), _place(request["to"])
    if expr.free_symbols - {k} or not low.is_Integer or not (high.is_Integer or high == sp.oo):
        return None
    if high == sp.oo:
        return _series(expr, k, low)
    count = int(high - low) + 1
    if not 1 <= count <= MOST_TERMS:
        return None
    terms = [expr.subs(k, low + index) for index in range(count)]
    if any(term.is_finite is not True for term in terms):
        raise Refused
    out = sp.Add(*terms)
    if not out.is_Rational:
        return None
    shown = [said(term) for term in terms]
    line = " + ".join(shown if count <= 6 else [*shown[:3], "...", shown[-1]])
    return {"answer": said(out), "proof": f"{line} = {said(out)} ({count} term{'s' * (count != 1)})"}


def _series(expr: Any, k: Any, low: Any) -> Answer:
    n = sp.Symbol("n", integer=True)
    term = expr.subs(k, n)
    out = sp.summation(term, (n, low, sp.oo))
    if out.has(sp.Sum, sp.Piecewise) or out.is_finite is not True or out.is_real is not True:
        return None
    mp.dps = 25
    number = nsum(sp.lambdify(n, term, "mpmath"), [int(low), mp.inf])
    if abs(number - mpf(str(sp.N(out, 25)))) > mpf("1e-10"):
        return None
    return {
        "answer": said(out),
        "proof": f"{said(expr)} summed from {k} = {low}: partial sums approach {sp.N(out, 12)}",
    }
