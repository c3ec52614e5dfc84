"""Why a session is as it is: every event about it in words, with what every source said when its state changed."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from swarmctl.core import events as e
from swarmctl.core.codec import to_plain
from swarmctl.core.machine import Facts
from swarmctl.core.session import Session
from swarmctl.core.task import Task
from swarmctl.surfaces.words.narrate import agents_then
from swarmctl.surfaces.words.narrate_chain import chain_line
from swarmctl.surfaces.words.plain import one_line


@dataclass(frozen=True, slots=True)
class Told:
    """One event in words that are fit for a line; `reasons` stand below it."""

    stamped: e.Stamped
    words: str
    reasons: tuple[str, ...] = ()


def chain_of(events: Iterable[e.Stamped], task: Task, session: Session | None) -> list[e.Stamped]:
    return [stamped for stamped in events if _is_about(stamped.event, task, session)]


def told_of(facts: Facts, chain: Sequence[e.Stamped], task: Task, session: Session | None) -> Iterator[Told]:
    """Those that say something, each as of the agent that had the session then: the facts do not outlive it."""
    for stamped, agent in zip(chain, agents_then(chain, task.agent), strict=True):
        if session is not None:
            facts.put(replace(session, agent=agent))
        event = stamped.event
        if words := chain_line(event, facts):
            reasons = tuple(map(one_line, reasons_of(event, stamped.at))) if isinstance(event, e.StateChanged) else ()
            yield Told(stamped, f"{one_line(words)}{_evidence(event)}", reasons)


def record_of(stamped: e.Stamped) -> dict[str, Any]:
    """As the ledger has it."""
    return {"seq": stamped.seq, "at": stamped.at, "event": type(stamped.event).__name__, **to_plain(stamped.event)}


def _is_about(event: e.Event, task: Task, session: Session | None) -> bool:
    if isinstance(event, e.RunSubmitted | e.RunLeft | e.RunJoined):
        return event.run == task.run
    if getattr(event, "task", None) == task.id:
        return True
    return session is not None and getattr(event, "session", None) == session.id


def reasons_of(event: e.StateChanged, at: float) -> Iterator[str]:
    """What every source said then, for how long it had said so, and whose word was believed."""
    for reason in event.reasons:
        kind = f" ({reason.kind})" if reason.kind else ""
        since = time.strftime("%H:%M:%S", time.localtime(reason.at))
        age = f"{max(0.0, at - reason.at):.1f} s" if at - reason.at < 60 else f"{(at - reason.at) / 60:.0f} min"
        fate = reason.fate or ("believed" if reason.source == event.source else "agrees")
        why = f": {reason.why}" if reason.why else ""
        yield f"{reason.source} says {reason.state}{kind} since {since}, {age} ago, {fate}{why}"


def _evidence(event: e.Event) -> str:
    """Where to look further."""
    if isinstance(event, e.GateFinished) and event.result.log:
        return f"  [{event.result.log}]"
    return ""
