"""Limits of providers in words, for those who watch; a part of `narrate.py`."""

from __future__ import annotations

import time

from swarmctl.core import events as e
from swarmctl.core.limits import provider_in
from swarmctl.core.machine import Facts
from swarmctl.surfaces.words.limits import clock, words_of
from swarmctl.surfaces.words.saying import Say


def _limited(event: e.ProviderLimited, facts: Facts) -> str:
    limit = facts.limits.get(event.account)
    until = f"until {clock(event.until, time.time())}" if event.until else "and does not say until when"
    again = f", met {limit.strikes + 1} times" if limit and limit.strikes else ""
    return f"{provider_in(event.account)} takes no more {until}{again}: {' '.join(event.words.split())[:200]}"


def _waits(account: str, facts: Facts) -> str:
    """As it was decided then, and as it is known now."""
    limit = facts.limits.get(account)
    return words_of(limit, limit.since) if limit else f"waits for {provider_in(account)}"


def _let_in(event: e.LetIn, facts: Facts) -> str:
    if event.by == "person":
        return f"goes on whatever {provider_in(event.account)} takes, because a person says so"
    return f"it is its turn with {provider_in(event.account)}"


LIMITS: dict[type[e.Event], Say] = {
    e.ProviderLimited: _limited,
    e.SessionLimited: lambda event, facts: _waits(event.account, facts),
    e.TaskHeld: lambda event, facts: _waits(event.account, facts),
    e.TaskLetIn: "starts whatever its provider takes, because a person says so",
    e.LetIn: _let_in,
    e.LimitEased: lambda event, facts: f"{provider_in(event.account)} takes more again; the others follow",
}
