"""What a person can do on the screens over the list: a key each, and why it cannot be done now. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from swarmctl.core.session import IN_QUEUE, Stage
from swarmctl.surfaces.tui.deed import HELP, LEAVE, Deed, always
from swarmctl.surfaces.tui.queue_words import Subject, gate_of


@dataclass(frozen=True, slots=True)
class Purses:
    """What the money screen stands on."""

    known: bool
    """What agents cost was read."""
    narrow: bool
    """Not all plots have room."""
    spent: bool = True
    """There is something to plot."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What the timeline stands on."""

    pointed: bool
    """At an event."""
    selected: str
    """In the list."""
    only: bool
    """Only the events of one session are listed."""


def _pointed(ground: Moment) -> str:
    return "" if ground.pointed else "no event is selected"


def _selected(ground: Moment) -> str:
    return "" if ground.selected or ground.only else "no session is selected in the list"


def _known(ground: Purses) -> str:
    return "" if ground.known else "it is being read"


def _narrow(ground: Purses) -> str:
    if not ground.spent:
        return "nothing was spent yet"
    return "" if ground.narrow else "all plots are here"


def _event(event: object) -> str:
    return "" if event else "no event is selected"


def _subject(subject: Subject | None) -> str:
    return "" if subject else "nothing stands here"


def _log(subject: Subject | None) -> str:
    gate = gate_of(subject)
    if gate is None:
        return "no gate is selected"
    return "" if gate.log else f"{gate.gate} has no log"


def _retries(subject: Subject | None) -> str:
    if subject is None:
        return _subject(subject)
    session = subject.entry.session
    if subject.entry.rehearsal is not None:
        return f"{session.id} was to be gated, not to land: {{pick}} in the list lands it"
    if session.stage in IN_QUEUE:
        return f"{session.id} is in the merge queue already"
    if session.stage is Stage.PARKED:
        return f"{session.id} is parked: free the path that blocks, then {{land}}"
    return "" if session.stage in (Stage.KEPT, Stage.READY) else f"{session.id} is {session.stage.value} already"


def _parked(subject: Subject | None) -> str:
    if subject is not None and subject.entry.session.stage is Stage.PARKED:
        return ""
    return "select what is parked"


def _takes_out(subject: Subject | None) -> str:
    if subject is None:
        return _subject(subject)
    session = subject.entry.session
    if session.stage is Stage.LANDING:
        return f"{session.id} is landing at this moment"
    known = subject.entry.rehearsal
    return "" if session.stage in IN_QUEUE or (known and known.is_due) else f"{session.id} is not in the queue"


def _found(hits: int) -> str:
    return "" if hits else "nothing is searched for: {find}"


QUEUE_DEEDS: tuple[Deed[Subject | None], ...] = (
    Deed("log", "enter", "whole log", "The whole log of the selected gate, to read and to search.", _log),
    Deed("retry", "m", "retry", "Gate and land what was refused once more.", _retries),
    Deed("land", "L", "land", "Bring a parked target to where it should be.", _parked),
    Deed("out", "x", "take out", "Take it out of the queue; its work is kept.", _takes_out),
    HELP,
    LEAVE,
)
LOG_DEEDS: tuple[Deed[int], ...] = (
    Deed("find", "slash", "search", "Search for words.", always),
    Deed("next", "n", "next", "The next line with them.", _found),
    Deed("previous", "N", "previous", "The line with them before.", _found),
    HELP,
    LEAVE,
)
WHY_DEEDS: tuple[Deed[object], ...] = (
    Deed("record", "enter", "record", "The event as the ledger has it.", _event),
    Deed("copy", "y", "copy", "Copy that record.", _event),
    HELP,
    LEAVE,
)
MONEY_DEEDS: tuple[Deed[Purses], ...] = (
    Deed("edit", "e", "budget", "Change what a task, a run and a day may cost.", _known),
    Deed("turn", "b", "next plot", "By day, by agent, by model.", _narrow),
    HELP,
    LEAVE,
)
TIMELINE_DEEDS: tuple[Deed[Moment], ...] = (
    Deed("filter", "slash", "filter", "Only events with these words.", always),
    Deed("session", "f", "its session", "Only those of the session selected in the list, and back.", _selected),
    Deed("copy", "y", "copy", "Copy the record of the event.", _pointed),
    Deed("export", "e", "export", "Write all that is listed into a file, a JSON record a line.", _pointed),
    Deed("newest", "G", "newest", "To the newest, and follow.", always),
    HELP,
    LEAVE,
)
