"""What a new task will start, in one line, before it is sent. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from swarmctl.app.choose import OWN
from swarmctl.app.offers import Offer, Offers
from swarmctl.surfaces.tui.agent_box import unknown_words
from swarmctl.surfaces.tui.crew import sessions_words
from swarmctl.surfaces.words.plain import one_line

SHELL = "shell"
NOBODY = "no agent is installed that could do it: swarmctl doctor says what is missing"


def start_words(names: Sequence[str], attempts: int, found: Offers, busy: int) -> tuple[str, bool]:
    """And whether it can be. `busy`: sessions that have a place already."""
    wanted = list(names) or [found.auto]
    why_not = _why_not(wanted, found)
    if why_not:
        return one_line(why_not), False
    known = [offer for name in wanted if (offer := found.called(name))]
    count = len(wanted) * attempts
    parts = [sessions_words(wanted, attempts), waiting_words(count, busy, found.max_running)]
    parts += ["you pick the one to land"] if count > 1 else []
    parts += [f"! {_with_name(offer)}" for offer in known if offer.notice]
    parts += _about_one(known[0], names, found) if len(known) == 1 else []
    return one_line(" · ".join(filter(None, parts))), True


def _why_not(wanted: Sequence[str], found: Offers) -> str:
    if not any(wanted):
        return NOBODY
    for name in wanted:
        offer = found.called(name)
        if offer is None and name not in OWN:
            return unknown_words(name)
        if offer is not None and offer.why_not:
            return f"✗ {offer.name}  {offer.why_not}"
    return ""


def _with_name(offer: Offer) -> str:
    return offer.notice if offer.notice.startswith(offer.name) else f"{offer.name}: {offer.notice}"


def waiting_words(count: int, busy: int, most: int) -> str:
    """Nothing when all of them have a place at once."""
    free = max(0, most - busy)
    waiting = count - free
    if waiting <= 0:
        return ""
    if not busy:
        return f"{most} at a time"
    who = "it waits" if count == 1 else f"{waiting if free else 'all'} wait{'s' if waiting == 1 and free else ''}"
    return f"{who} for a place, {min(busy, most)} of {most} taken"


def _about_one(offer: Offer, names: Sequence[str], found: Offers) -> list[str]:
    why = ""
    if not names:
        why = "the best that is installed" if found.configured == "auto" else f"[agent] default = {offer.name!r}"
    return [f"{offer.description.rstrip('. ')}, level {offer.level}", offer.version, why]
