"""What proves a landing, in words."""

from __future__ import annotations

from swarmctl.core.gate import Proof


def proof_words(proof: Proof) -> str:
    if proof.kind == "ungated":
        return "landed without gates"
    gates = ", ".join(f"{result.gate}: {result.words}" for result in proof.results)
    return f"{gates} on tree {proof.tree[:10]}"
