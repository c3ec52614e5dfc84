"""The examples of the router's rules, each routed and compared with where it should go."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from swarmctl.app.asking import Place, rule_texts, rules_from
from swarmctl.core.errors import UsageFault
from swarmctl.flow.route.decide import decide


@dataclass(frozen=True, slots=True)
class Examined:
    text: str
    wanted: str
    got: str
    right: bool
    reasons: str


def examined(file: str, place: Place) -> tuple[list[str], list[Examined]]:
    """The files, and every example in them. A file that is named takes the place of the user's own."""
    texts = rule_texts(place.root)
    if file:
        try:
            text = Path(file).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UsageFault(f"{file} cannot be read: {error}", hint="swarmctl council rules test FILE") from error
        kind = "repository" if file.endswith(os.path.join(".swarm", "rules.toml")) else "own"  # noqa: PTH118
        texts = [(f"{kind}:{file}", text), *(each for each in texts if each[0].startswith("default:"))]
    rules = rules_from(texts)
    results = []
    for example in rules.examples:
        route = decide(example.text, rules)
        risk = example.risk or route.risk
        wanted, got = f"{example.kind.value}, {risk.value}", f"{route.kind.value}, {route.risk.value}"
        results.append(Examined(example.text, wanted, got, wanted == got, "; ".join(route.reasons)))
    return [name.partition(":")[2] for name, _ in texts], results
