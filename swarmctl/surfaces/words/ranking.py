"""Entries of a contest in words: what each cell of the table says, and what else there is to know. Pure."""

from __future__ import annotations

from swarmctl.app.contests import Entry, Ranking
from swarmctl.core.listing import in_short
from swarmctl.surfaces.words.plain import age

HEADS = ("rank", "session", "agent", "gates", "tests", "files", "+/-", "warnings")
NOTHING = "-"
PATHS = 5
"""Named in a line."""


def cells(entry: Entry) -> tuple[str, ...]:
    """Under `HEADS`."""
    size, evidence = entry.size, entry.evidence
    return (
        f"{entry.rank}{' tie' if entry.tied else ''}",
        entry.name,
        entry.agent,
        gates_words(entry),
        number(evidence.tests if evidence else None),
        number(size.files if size else None),
        f"+{size.added} -{size.removed}" if size else NOTHING,
        number(evidence.warnings if evidence else None),
    )


def gates_words(entry: Entry) -> str:
    known = entry.rehearsal
    if known is None or not known.was_gated:
        return NOTHING
    if not known.results:
        return "no gates"
    return f"red: {in_short(known.red, 2)}" if known.red else f"{len(known.results)} green"


def time_words(entry: Entry) -> str:
    return age(entry.seconds) if entry.seconds is not None else NOTHING


def number(value: int | None) -> str:
    return NOTHING if value is None else str(value)


def notes(ranking: Ranking) -> list[str]:
    """A line each: what only some changed, and what the ranks do not rest on."""
    lines = []
    for entry in ranking.entries:
        own = tuple(path for path, who in ranking.uneven.items() if entry.session and who == (entry.session.id,))
        if own:
            lines.append(f"only {entry.name} changes {in_short(own, PATHS)}")
    some = [path for path, who in ranking.uneven.items() if len(who) > 1]
    if some:
        lines.append(f"some change {in_short(some, PATHS)}")
    if len(ranking.bases) > 1:
        lines.append(f"gated on different states of {ranking.target}: swarmctl compare {ranking_name(ranking)} --gate")
    return lines


def next_of(ranking: Ranking) -> str:
    """What to type; empty when nothing has to be."""
    if ranking.decided or not ranking.id:
        return ""
    if ranking.best is not None:
        return f"swarmctl pick {ranking.best.name} lands it and puts the others away"
    if any(entry.session is not None and entry.session.active for entry in ranking.entries):
        return ""
    if ranking.ungated:
        return f"swarmctl compare {ranking.id} --gate"
    return f"none can land as it is: swarmctl why {ranking.entries[0].name}"


def ranking_name(ranking: Ranking) -> str:
    return ranking.id or " ".join(entry.name for entry in ranking.entries)
