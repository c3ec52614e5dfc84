"""The route of a text: the first class that fits, the highest risk that fits, and why. The same each time."""

from __future__ import annotations

from swarmctl.core.council import Kind, Risk, Route, Tier
from swarmctl.flow.route.rules import AVAILABLE, Rules
from swarmctl.flow.route.view import look

_LEVEL = {Risk.LOW: 0, Risk.MEDIUM: 1, Risk.HIGH: 2}


def decide(text: str, rules: Rules) -> Route:
    view = look(text)
    kind, reasons = Kind.OTHER, ["class other: no rule fits"]
    tiers: tuple[Tier, ...] = AVAILABLE
    for each in rules.classes:
        if why := each.test.fits(view):
            kind, tiers, reasons = each.kind, each.tiers, [f"class {each.kind.value}: {each.name}, {why}"]
            break
    risk = Risk.LOW
    for danger in rules.dangers:
        if _LEVEL[danger.level] > _LEVEL[risk] and (why := danger.test.fits(view)):
            risk = danger.level
            reasons[1:] = [f"risk {danger.level.value}: {danger.name}, {why}"]
    return Route(kind, risk, tiers, tuple(reasons))
