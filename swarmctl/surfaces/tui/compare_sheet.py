"""What is said of each attempt, in cells under its name: for columns beside each other, and for a table. Pure."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from dataclasses import dataclass

from swarmctl.app.contests import Entry, Ranking
from swarmctl.core.gate import GateResult, Verdict
from swarmctl.core.money import dollars
from swarmctl.core.outcome import Outcome
from swarmctl.core.session import IN_QUEUE, Session, Stage
from swarmctl.surfaces.tui.rows import GLYPHS, Group, group_of
from swarmctl.surfaces.tui.verdicts import MARKS
from swarmctl.surfaces.words.money import cost_cell
from swarmctl.surfaces.words.plain import age, one_line
from swarmctl.surfaces.words.ranking import NOTHING, gates_words, number, time_words, why_words

Part = tuple[str, str]
"""Words and their ink: one of INKS, or empty."""
Cell = tuple[Part, ...]
INKS = ("good", "bad", "dim", "lead", "warn", "strong")
GATES = 8
"""Gates that have a line of their own."""
FOLDED = 2
"""Lines that words may take."""
GROUP_INKS = {Group.BLOCKED: "warn", Group.FAILED: "bad", Group.UNSEEN: "lead", Group.WORKING: "good"}
DASH: Cell = ((NOTHING, "dim"),)


@dataclass(frozen=True, slots=True)
class Line:
    head: str
    cells: tuple[Cell, ...]


def sheet(ranking: Ranking, width: int) -> tuple[Line, ...]:
    """A cell for each attempt in every line; `width` is that of a cell."""
    entries = ranking.entries
    lines = [
        Line("", tuple(name_cell(ranking, entry) for entry in entries)),
        Line("", tuple(((agent_words(entry), "dim"),) for entry in entries)),
        Line("state", tuple(((state_words(ranking, entry), ink_of(entry)),) for entry in entries)),
        *_folded("rank", [(why_words(ranking, entry), "") for entry in entries], width),
        *_folded("but", [(reason_words(ranking, entry), "warn") for entry in entries], width),
        *_gates(entries),
        Line("passed", tuple(_plain(number(each.evidence.tests if each.evidence else None)) for each in entries)),
        Line("change", tuple(size_cell(entry) for entry in entries)),
    ]
    if any(entry.evidence and entry.evidence.warnings is not None for entry in entries):
        counts = (number(each.evidence.warnings if each.evidence else None) for each in entries)
        lines.append(Line("warnings", tuple(map(_plain, counts))))
    lines.append(Line("cost", tuple(_plain(cost_words(entry)) for entry in entries)))
    lines.append(Line("time", tuple(_plain(time_words(entry)) for entry in entries)))
    return tuple(lines)


def _plain(words: str) -> Cell:
    return DASH if words in (NOTHING, "") else ((words, ""),)


def _folded(head: str, parts: list[Part], width: int) -> list[Line]:
    """As many lines as the longest takes; none where there is nothing to say."""
    wrapped = [_wrapped(words, width) for words, _ in parts]
    height = max(map(len, wrapped), default=0)
    lines = []
    for at in range(height):
        cells = (((found[at], ink),) if at < len(found) else () for found, (_, ink) in zip(wrapped, parts, strict=True))
        lines.append(Line("" if at else head, tuple(cells)))
    return lines


def _gates(entries: tuple[Entry, ...]) -> list[Line]:
    """A line for each gate that anybody met; those that somebody failed first, when there are many."""
    results = [{result.gate: result for result in entry.gates} for entry in entries]
    names = list(dict.fromkeys(gate for each in results for gate in each))
    if not names:
        return [Line("gates", tuple(_plain(one_line(gates_words(entry))) for entry in entries))]
    if len(names) > GATES:
        names.sort(key=lambda gate: all(each[gate].verdict is Verdict.PASS for each in results if gate in each))
    lines = [Line(one_line(gate), tuple(gate_cell(each.get(gate)) for each in results)) for gate in names[:GATES]]
    if len(names) > GATES:
        lines.append(Line("", tuple(((f"and {len(names) - GATES} more gates", "dim"),) for _ in entries)))
    return lines


def gate_cell(result: GateResult | None) -> Cell:
    if result is None:
        return DASH
    good = result.verdict is Verdict.PASS
    glyph, ink = MARKS[result.verdict]
    words = one_line(result.words) or ("" if good else result.verdict.value)
    return (
        (f"{glyph} ", ink),
        (words, "" if good else ink),
        (f"{'  ' if words else ''}{age(result.duration_s)}", "dim"),
    )


def name_cell(ranking: Ranking, entry: Entry) -> Cell:
    rank = f"{'=' if entry.tied else ''}{entry.rank}" if entry.evidence else NOTHING
    parts: list[Part] = [(f"{rank}  ", "strong"), (entry.name, "strong")]
    words, ink = standing_words(ranking, entry)
    return (*parts, (f"  {words}", ink)) if words else tuple(parts)


def standing_words(ranking: Ranking, entry: Entry) -> Part:
    """What its rank comes to; a tie is said to be one, also among the best."""
    if entry.session is not None and ranking.picked == entry.session.id:
        return "picked", "lead"
    if entry.tied:
        return "tie", "warn"
    return ("best", "good") if entry is ranking.best else ("", "")


def agent_words(entry: Entry) -> str:
    return one_line(f"{entry.agent} {entry.task.terms.model}".rstrip())


def ink_of(entry: Entry) -> str:
    return GROUP_INKS.get(group_of(entry.task, entry.session), "dim")


def state_words(ranking: Ranking, entry: Entry) -> str:
    session = entry.session
    return f"{GLYPHS[group_of(entry.task, session)]} {_state(ranking, entry, session)}"


def _state(ranking: Ranking, entry: Entry, session: Session | None) -> str:
    if session is None:
        return one_line(entry.reason)
    if session.stage is Stage.LANDED:
        return "landed"
    if session.stage in IN_QUEUE:
        return f"in the queue: {session.stage.value}"
    if is_away(ranking, session):
        return "put away"
    if session.stage is Stage.READY and entry.rehearsal is None:
        return one_line(entry.reason)
    if entry.task.outcome not in (None, Outcome.READY):
        return entry.task.outcome.value.replace("_", " ") if entry.task.outcome else ""
    if entry.is_ready:
        return "ready"
    return session.state.value.replace("_", " ") if session.stage is Stage.RUNNING else session.stage.value


def is_away(ranking: Ranking, session: Session) -> bool:
    """Put away for the one that landed, and not brought back since."""
    return session.id in ranking.aside and session.place in ("trashed", "deleted")


def reason_words(ranking: Ranking, entry: Entry) -> str:
    """What speaks against it, unless its state or the lines of its gates say just that."""
    session = entry.session
    if session is None or session.stage in IN_QUEUE or session.stage in (Stage.LANDED, Stage.RUNNING):
        return ""
    said = _state(ranking, entry, session)
    told = entry.rehearsal is not None and entry.rehearsal.red
    return "" if told or entry.reason in (said, session.stage.value) else entry.reason


def size_cell(entry: Entry) -> Cell:
    size = entry.size
    if size is None:
        return DASH
    files = f"{size.files} file{'' if size.files == 1 else 's'}"
    return ((f"{files} ", ""), (f"+{size.added}", "good"), (f" −{size.removed}", "bad"))


def cost_words(entry: Entry) -> str:
    return (cost_cell(entry.cost) or dollars(0)) if entry.cost.starts else NOTHING


HEADS = ("", "attempt", "agent", "gates", "tests", "change", "cost", "time")
LEFT_OUT = ("agent", "tests")
"""Of a table that has no room for all, in this order; the lines below have it."""


def table(ranking: Ranking) -> tuple[tuple[Cell, ...], ...]:
    """A row of cells for each attempt, under HEADS."""
    return tuple(_row(ranking, entry) for entry in ranking.entries)


def _row(ranking: Ranking, entry: Entry) -> tuple[Cell, ...]:
    rank = f"{'=' if entry.tied else ''}{entry.rank}" if entry.evidence else NOTHING
    red = entry.rehearsal is not None and bool(entry.rehearsal.red)
    gates = one_line(gates_words(entry))
    words, ink = standing_words(ranking, entry)
    glyph = GLYPHS[group_of(entry.task, entry.session)]
    return (
        ((f"{glyph} ", ink_of(entry)), (rank, "strong")),
        ((entry.name, "strong"), *(((f" {words}", ink),) if words else ())),
        ((agent_words(entry), "dim"),),
        ((gates, "bad" if red else "dim" if gates == NOTHING else "good"),),
        _plain(number(entry.evidence.tests if entry.evidence else None)),
        size_cell(entry),
        _plain(cost_words(entry)),
        _plain(time_words(entry)),
    )


def details(ranking: Ranking, entry: Entry, width: int) -> tuple[tuple[str, Cell], ...]:
    """What a row of the table has no room for, a line each."""
    lines: list[tuple[str, Cell]] = [("state", ((state_words(ranking, entry), ink_of(entry)), *_agent(entry)))]
    if why := why_words(ranking, entry):
        lines.append(("rank", ((why, ""),)))
    for at, words in enumerate(_wrapped(reason_words(ranking, entry), width)):
        lines.append(("" if at else "but", ((words, "warn"),)))
    lines.append(("gates", tuple(_all_gates(entry)) or _plain(one_line(gates_words(entry)))))
    return tuple(lines)


def _wrapped(words: str, width: int) -> list[str]:
    return textwrap.wrap(one_line(words), max(8, width), max_lines=FOLDED, placeholder=" …") if words else []


def _agent(entry: Entry) -> Iterable[Part]:
    return ((f"   {agent_words(entry)}", "dim"),)


def _all_gates(entry: Entry) -> Iterable[Part]:
    """The red ones first: the end may be cut."""
    for result in sorted(entry.gates, key=lambda result: result.verdict is Verdict.PASS):
        (sign, ink), (words, tone), _ = gate_cell(result)
        yield f"{sign}{one_line(result.gate)}", ink
        yield f" {words}   " if words else "   ", tone or "dim"
