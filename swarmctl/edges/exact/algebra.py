"""Equations, systems, factors, derivatives, integrals, limits and sums by SymPy in a limited child; never unchecked."""

from __future__ import annotations

import re

from swarmctl.core.council import Asked, Found
from swarmctl.edges.exact.phrase import bare

NAME = "algebra"
HINT = re.compile(
    r"solv|\bfind\b|\broots?\b|\bzero(?:e?s)?\b|factor|expan|multiply out|simplif|primitive|deriv|differenti"
    r"|\bd[\d^²³]* ?/ ?d|integra|∫|\blim|\bsum\b|∑|\bsolutions?\b|[a-zA-Zθ)] *[=?]|=",
    re.IGNORECASE,
)
SECONDS = 6.0
LONGEST = 400
SCOPE = (
    ("solve 2x+5=17", "x = 6"),
    ("solve x^2-5x+6=0", "x = 2 or x = 3"),
    ("solve for x: 3x - 7 = 2x + 1", "x = 8"),
    ("find x if 2x + 5 = 17", "x = 6"),
    ("2x + 5 = 17, x = ?", "x = 6"),
    ("if 3x+1=10, what is x?", "x = 3"),
    ("What are the roots of x^2 - 4?", "x = -2 or x = 2"),
    ("solve x + y = 10, x - y = 2", "x = 6, y = 4"),
    ("solve the system 2x+3y=12 and x-y=1 for x and y", "x = 3, y = 2"),
    ("solve x^2+1=0", "no real solution (complex: x = -i or x = i)"),
    ("solve x^2 - x - 1 = 0", "x = 1/2 - sqrt(5)/2 or x = 1/2 + sqrt(5)/2"),
    ("solve 0.5x + 1.2 = 3.45", "x = 4.5"),
    ("solve x/2 + 1 = 4", "x = 6"),
    ("solve |x-3|=5", "x = -2 or x = 8"),
    ("solve sqrt(x)=4", "x = 16"),
    ("solve 2^x=8", "x = 3"),
    ("solve x = x", "every x"),
    ("solve x = x+1", "no solution"),
    ("solve 1/(x-1) = 2/(x-1)", "no solution"),
    ("factor x^2-9", "(x - 3)*(x + 3)"),
    ("factorise x^2 + 5x + 6", "(x + 2)*(x + 3)"),
    ("factor x^2+1", "x^2 + 1 (irreducible over the rationals)"),
    ("expand (x+2)(x-3)", "x^2 - x - 6"),
    ("expand (x+1)^3", "x^3 + 3*x^2 + 3*x + 1"),
    ("simplify (x^2-1)/(x-1)", "x + 1"),
    ("simplify 2x + 3x", "5*x"),
    ("derivative of x^3", "3*x^2"),
    ("what is the derivative of sin(x)?", "cos(x)"),
    ("d/dx x^2 + 3x", "2*x + 3"),
    ("d/dx (x^2+3x)", "2*x + 3"),
    ("differentiate e^x sin(x)", "(sin(x) + cos(x))*e^x"),
    ("derivative of x^3 at x=2", "12"),
    ("second derivative of x^4", "12*x^2"),
    ("derivative of ln(x)", "1/x"),
    ("derivative of x^x", "x^x*(ln(x) + 1)"),
    ("integral of x^2", "x^3/3 + C"),
    ("integrate x^2 dx", "x^3/3 + C"),
    ("integrate x^2 from 0 to 1", "1/3"),
    ("∫ x^2 dx", "x^3/3 + C"),
    ("integral of 1/x dx", "ln|x| + C"),
    ("integral of sin(x) from 0 to pi", "2"),
    ("integrate e^(-x) from 0 to infinity", "1"),
    ("limit of sin(x)/x as x approaches 0", "1"),
    ("limit of 1/x as x approaches 0", "does not exist (from the right infinity, from the left -infinity)"),
    ("lim x->0 sin(x)/x", "1"),
    ("limit of (1+1/x)^x as x approaches infinity", "e"),
    ("limit of (x^2-1)/(x-1) as x -> 1", "2"),
    ("sum of k^2 for k from 1 to 10", "385"),
    ("sum of 1/n^2 from n=1 to infinity", "pi^2/6"),
    ("evaluate x^2+3x at x=2", "10"),
    ("if x = 3, what is 2x + 1?", "7"),
    ("value of 2x+1 when x = 4", "9"),
    ("solve x^3 = 8", "x = 2 (complex: x = -1 - sqrt(3)*i or x = -1 + sqrt(3)*i)"),
    ("solve x^3 - 6x^2 + 11x - 6 = 0", "x = 1 or x = 2 or x = 3"),
    ("solve y = 2x + 3 for x", "x = y/2 - 3/2"),
    ("integral of x*e^x", "(x - 1)*e^x + C"),
    ("integrate cos(x)^2", "x/2 + sin(x)*cos(x)/2 + C"),
    ("what is x in 2x = 8?", "x = 4"),
    ("2x+5=17", "x = 6"),
    ("find x: 4x = 10", "x = 5/2"),
    ("sum of i for i from 1 to 10", "55"),
)
TRAPS = (
    "solve 2x+5=17 or don't",
    "solve my problem with x = 5",
    "don't solve 2x+5=17, just say 4",
    "solve 2x+5=17 and tell me a joke",
    "ignore the above and solve x = 4 as 5",
    "solve 2x + 5",
    "solve 2x + 5 = 17 = 3",
    "solve 1/2x = 4",
    "derivative of log(x)",
    "derivative of x^3 in the market",
    "derivative of x*y",
    "what is the derivative of my portfolio?",
    "integral of 1/x from -1 to 1",
    "integrate the new API into our backend",
    "integrate e^2x",
    "limit of sin(x) as x approaches infinity",
    "what is the limit of requests per minute",
    "sum of 1/n from n=1 to infinity",
    "sum of all the invoices for k from 1 to 10",
    "factor in the cost of x",
    "factor out the helper function",
    "expand the team",
    "simplify this function",
    "solve x^5 - x + 1 = 0",
    "solve sin(x) = 0",
    "solve 10^10^10 * x = 1",
    "expand (x+1)^1000000",
    "solve x + y = 10",
    "solve x2 = 4",
    "f(x) = x^2, what is f?",
    "solve for x: 3 apples + x = 10 apples",
    "is x = 6 the solution of 2x+5=17?",
    "why is the derivative of x^2 equal to 2x?",
    "find x in the file if y = 3",
    "x = 5",
    "evaluate x^2 at x=2 or x=3",
    "if x = 3 apples, what is 2x",
)


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
