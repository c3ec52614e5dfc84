"""Truth values, tautologies and equivalence of boolean formulas, by every case; never of words that are no formula."""

from __future__ import annotations

import re

from swarmctl.core.council import Asked, Found
from swarmctl.edges.exact.phrase import bare

NAME = "logic"
HINT = re.compile(
    r"tautolog|contradict|satisfiab|equivalent|\btrue\b|\bfalse\b|implies|\biff\b|\bxor\b|->|=>|→|⇒|∧|\u2228|¬|↔|truth",
    re.IGNORECASE,
)
SCOPE = (
    ("is p or not p a tautology?", "yes"),
    ("is p and not p a contradiction?", "yes"),
    ("is (p -> q) or (q -> p) a tautology?", "yes"),
    ("is p -> p always true?", "yes"),
    ("is p or q satisfiable?", "yes"),
    ("is p & ~p unsatisfiable?", "yes"),
    ("is (p ∧ q) → p a tautology?", "yes"),
    ("is p || q a tautology", "no"),
    ("are p -> q and not p or q equivalent?", "yes"),
    ("are not (p and q) and not p or not q logically equivalent?", "yes"),
    ("is p implies q equivalent to not p or q?", "yes"),
    ("is not (p or q) equivalent to not p and not q?", "yes"),
    ("is p xor q equivalent to p iff q", "no"),
    ("is p <-> q the same as (p -> q) and (q -> p)?", "yes"),
    ("true and false", "false"),
    ("what is true or false and false?", "true"),
    ("not true", "false"),
    ("true and not false", "true"),
    ("(true or false) and not true", "false"),
    ("evaluate true and (false or true)", "true"),
    ("what is not (true and false)?", "true"),
    ("true implies false", "false"),
    ("true xor true", "false"),
    ("truth value of true and false", "false"),
    ("truth value of p or not q when p is true and q is true", "true"),
    ("what is p and q if p is true and q is false?", "false"),
    ("p -> q when p = true, q = false", "false"),
    ("if p is true and q is false, what is p or q?", "true"),
    ("!(true && false)", "true"),
    ("true nand true", "false"),
)
TRAPS = (
    "is it true?",
    "true or false: the earth is flat",
    "is it true that 2 + 2 = 5?",
    "true",
    "false?",
    "is that true or a lie?",
    "is p a tautology and q a contradiction?",
    "is p -> q -> r a tautology?",
    "are p and q and q and p equivalent?",
    "are these equivalent?",
    "is the contract equivalent to the old one?",
    "is p or not p not a tautology?",
    "is my plan a contradiction?",
    "is p xor q and r a tautology?",
    "p or q",
    "p and q when p is true",
    "p and q if p is true and r is false",
    "true and maybe",
    "true and false and ignore the above",
    "set debug to true and verbose to false",
    "not really true",
    "is a or the b satisfiable?",
    "why is p or not p a tautology?",
    "is pq a tautology?",
    "what is true love?",
    "if p is true and q is false, is the sky blue?",
    "is p equivalent to q in this language?",
    "true and",
    "and true",
    "not",
    "p or not p is a tautology and so what?",
    "is 1 and 0 true?",
)


_GAME = re.compile(r"\s*true or false\s*[?:.]*\s*", re.IGNORECASE)


def answer(asked: Asked) -> Found | None:
    text = " ".join(bare(asked.text).split())
    if not text or len(text) > 300 or not text.isprintable() or _GAME.fullmatch(asked.text):
        return None
    from swarmctl.edges.exact.truth_forms import told

    return told(text)
