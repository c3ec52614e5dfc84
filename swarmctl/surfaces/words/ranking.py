"""Entries of a contest in words: what each cell of the table says, and what else there is to know. Pure."""

from __future__ import annotations

from swarmctl.app.contests import Entry, Ranking
from swarmctl.core.listing import in_short
from swarmctl.core.ranking import Evidence, decided_by
from swarmctl.surfaces.words.plain import age

HEADS = ("rank", "session", "agent", "gates", "tests", "files", "+/-", "warnings")
NOTHING = "-"
FIRST_BY = {
    "gates": "the fewest red gates",
    "tests": "the most tests",
    "lines": "the fewest lines changed",
    "files": "the fewest files changed",
    "warnings": "the fewest warnings",
}
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


def why_words(ranking: Ranking, entry: Entry) -> str:
    """What decided about its rank, against the one before it, or the one after the first; empty without evidence."""
    known = [(each, each.evidence) for each in ranking.entries if each.evidence is not None]
    mine = entry.evidence
    if mine is None:
        return ""
    same = [each.name for each, _ in known if each.rank == entry.rank and each.name != entry.name]
    if same:
        return f"the same evidence as {in_short(same, 2)}"
    counted = all(evidence.warnings is not None for _, evidence in known)
    better = next(((each, found) for each, found in reversed(known) if each.rank < entry.rank), None)
    if better is not None:
        measure = decided_by(better[1], mine, warnings_count=counted)
        return f"{_more(measure, better[1], mine)} than {better[0].name}"
    worse = next((found for each, found in known if each.rank > entry.rank), None)
    return FIRST_BY[decided_by(mine, worse, warnings_count=counted)] if worse is not None else ""


def _more(measure: str, better: Evidence, worse: Evidence) -> str:
    """What the worse one has too much of, or too little."""
    counts = {
        "gates": (worse.red - better.red, "red gate"),
        "tests": ((better.tests or 0) - (worse.tests or 0), "test"),
        "lines": (worse.size.lines - better.size.lines, "line"),
        "files": (worse.size.files - better.size.files, "file"),
        "warnings": ((worse.warnings or 0) - (better.warnings or 0), "warning"),
    }
    count, noun = counts[measure]
    return f"{count} {noun}{'' if count == 1 else 's'} {'fewer' if measure == 'tests' else 'more'}"


def place_words(ranking: Ranking, task: str) -> str:
    """Its rank among how many: `2/3`, `=1/3` for a tie, `-/3` without evidence, or where none can land as it is."""
    can = any(each.evidence is not None and not each.evidence.red for each in ranking.entries)
    entry = next(each for each in ranking.entries if each.task.id == task)
    rank = f"{'=' if entry.tied else ''}{entry.rank}" if can and entry.evidence is not None else NOTHING
    return f"{rank}/{len(ranking.entries)}"


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
