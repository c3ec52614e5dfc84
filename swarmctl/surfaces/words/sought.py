"""Words that somebody searches for, as a ledger can be asked for them before any line is made.

What it answers holds every event whose line has the words, and others: whoever asks looks at the lines themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from string import Formatter

from swarmctl.core import events as e
from swarmctl.core.values import dataclass
from swarmctl.surfaces.words.narrate import WORDS
from swarmctl.surfaces.words.narrate_chain import CHAIN, LANDS, SETTLED

RUN = re.compile("[a-z0-9]+")
"""Stands in a record just as in a line: nothing in it is ever escaped or folded."""
HASH = re.compile("[0-9a-f]{1,10}")
MOST = 4
LONGEST = 64
"""More, and longer ones, would find no less."""
OWN: dict[type[e.Event], str] = {
    e.RunSubmitted: f"asked for to land on {' '.join(LANDS.values())}",
    e.StateChanged: "says",
    e.TurnEnded: "its turn is over stopped without a word that it is done says that it is done gave up",
    e.PermissionAsked: "asks for permission swarmctl answer allow or deny pane",
    e.PermissionAnswered: "answered",
    e.MessageQueued: "a message waits for the end of its turn",
    e.SessionEnded: "agent ended signal nobody saw how code",
    e.SessionKept: "swarmctl sync",
    e.TaskFinished: "the task is over",
    e.WorkCommitted: "committed file files for the agent at",
    e.WorktreeReady: "worktree ready from the pool",
    e.HookRan: "hook nobody saw how it ended it ended with",
    e.Settled: " ".join(SETTLED.values()),
    e.GateFinished: "gate green s",
    e.Reserved: "sets aside for this start",
    e.Landed: "landed on as tree without gates",
    e.SessionStarted: "started",
    e.MergeStaged: "merged beside tree",
    e.RehearsalBegun: "merged beside to be gated not to land tree",
    e.SyncAsked: "is to be brought in",
}
"""What the functions of these say of themselves. All else that they say stands in the event, but for what follows."""
ROUNDED = (e.GateFinished, e.Reserved)
"""Their numbers are not as they stand there."""
HASHED = (e.Landed,)
"""They name a tree that another event holds."""
NAMED = (e.SessionStarted, e.MergeStaged, e.RehearsalBegun, e.SyncAsked)
"""They name the agent of a session, or its target."""


@dataclass(frozen=True, slots=True)
class Sought:
    run: str
    """In the record of every event whose line has it."""
    kinds: tuple[str, ...]
    """But of these: they may say it although it is not in their record."""


def sought(words: str, names: Iterable[str]) -> tuple[Sought, ...]:
    """`names`: of all agents and targets that sessions have."""
    runs = sorted({run[:LONGEST] for run in RUN.findall(words.casefold())}, key=len, reverse=True)[:MOST]
    named = " ".join(names).casefold()
    return tuple(Sought(run, tuple(name for name in e.EVENTS if _may_say(name, run, named))) for run in runs)


def _may_say(name: str, run: str, named: str) -> bool:
    kind, own = e.EVENTS[name], _own(name)
    return (
        own is None
        or run in own
        or (kind in ROUNDED and run.isdigit())
        or (kind in HASHED and HASH.fullmatch(run) is not None)
        or (kind in NAMED and (run in named or not named.isascii()))
    )


@cache
def _own(name: str) -> str | None:
    """What such an event's line says of itself; None where it may say anything."""
    kind = e.EVENTS[name]
    known = OWN.get(kind)
    if known is None:
        says = [table[kind] for table in (WORDS, CHAIN) if kind in table]
        templates = [say for say in says if isinstance(say, str)]
        if len(templates) < len(says):
            return None
        known = " ".join(literal for say in templates for literal, *_ in Formatter().parse(say))
    return f"{name} {known}".casefold()
