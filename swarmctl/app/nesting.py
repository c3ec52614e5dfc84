"""Runs that sessions ask for: how deep they stand in one another, and where that ends."""

from __future__ import annotations

from collections.abc import Mapping

from swarmctl.core.errors import Refused
from swarmctl.core.events import Noticed
from swarmctl.core.ids import RunId, SessionId
from swarmctl.core.machine import Facts
from swarmctl.flow.session.surroundings import DEEPEST, depth
from swarmctl.loops.engine.steps import Workshop


def refuse_too_deep(env: Mapping[str, str], facts: Facts, shop: Workshop) -> None:
    """Sessions that start sessions come to an end, whatever they do to their environment."""
    deep = max(depth(env), _chain(env, facts, shop))
    if deep >= DEEPEST:
        words = f"the session that asks for this run is {deep} deep, each asked for by the one before: it may not ask"
        raise Refused(words, hint="do the work in this session itself")


def _chain(env: Mapping[str, str], facts: Facts, shop: Workshop) -> int:
    """How many sessions asked for one another, as far as this supervisor saw it."""
    found, run = 0, ""
    session = facts.sessions.get(SessionId(env.get("SWARM_SESSION", "")))
    while session is not None and session.run != run and found < DEEPEST:
        found, run = found + 1, session.run
        session = facts.sessions.get(SessionId(shop.asked_in(session.run)))
    return found


def told_the_asker(run: RunId, waits: bool, facts: Facts, shop: Workshop) -> tuple[Noticed, ...]:
    asker = facts.sessions.get(SessionId(shop.asked_in(run)))
    if asker is None:
        return ()
    return (Noticed(asker.id, f"asked for run {run} and waits for it" if waits else f"asked for run {run}"),)
