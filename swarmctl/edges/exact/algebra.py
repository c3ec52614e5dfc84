"""Equations, systems, factors, derivatives, integrals, limits and sums by SymPy in a limited child; never unchecked."""

from __future__ import annotations

import re

from swarmctl.core.council import Asked, Found
from swarmctl.edges.exact.phrase import bare

NAME = "algebra"
HINT = re.compile(
    r"solv|\bfind\b|\broots?\b|\bzero(?:e?s)?\b|factor|expan|multiply out|simplif|primitive|deriv|differenti"
    r"|\bd[\d^²³]* ?/ ?d|integra|∫|\blim|\bsum\b|∑|\bsolutions?\b|[a-zA-Zθ] *[=?]",
    re.IGNORECASE,
)
SECONDS = 6.0
LONGEST = 400
SCOPE = (("solve 2x+5=17", "x = 6"),)
TRAPS = ("solve my problem",)


def answer(asked: Asked) -> Found | None:
    text = " ".join(bare(asked.text).split())
    if not text or len(text) > LONGEST or not text.isprintable():
        return None
    from swarmctl.edges.exact.algebra_forms import understood

    request = understood(text)
    if request is None:
        return None
    from swarmctl.edges.exact.children import SYMPY

    said = SYMPY.ask(request, SECONDS)
    if not isinstance(said, dict) or not said.get("answer") or not said.get("proof"):
        return None
    return Found(str(said["answer"]), str(said["proof"]))
