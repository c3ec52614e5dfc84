"""How far a session reaches, for `show`: what holds it, the three legs of the trifecta, what changed around it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from swarmctl.core import events as e
from swarmctl.core.containment import Containment, in_words, trifecta
from swarmctl.core.session import Session


def reach_of(session: Session, history: Iterable[e.Stamped]) -> tuple[Containment | None, tuple[str, ...]]:
    """Of its newest start; what changed outside over all of them."""
    found: Containment | None = None
    paths: dict[str, None] = {}
    for stamped in history:
        match stamped.event:
            case e.Contained(session=name, containment=containment) if name == session.id:
                found = containment
            case e.WentOutside(session=name, paths=more) if name == session.id:
                paths |= dict.fromkeys(more)
    return found, tuple(paths)


def reach_lines(found: Containment | None, paths: tuple[str, ...]) -> list[tuple[str, str]]:
    lines = []
    if found is not None:
        lines += [("contained", found.words), ("trifecta", in_words(trifecta(found)))]
    if paths:
        lines.append(("outside", f"changed while it ran, by it or by somebody else: {', '.join(paths)}"))
    return lines


def reach_plain(found: Containment | None, paths: tuple[str, ...]) -> dict[str, Any]:
    if found is None:
        return {"tier": None, "why": "", "network": None, "legs": {}, "outside": list(paths)}
    legs = {leg.name.replace(" ", "_"): {"there": leg.there, "why": leg.why} for leg in trifecta(found)}
    return {"tier": found.tier, "why": found.why, "network": found.network, "legs": legs, "outside": list(paths)}
