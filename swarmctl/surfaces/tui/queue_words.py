"""The lines of the queue screen: who stands where, what each gate said, what landed and why something did not. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from swarmctl.app.in_queue import Entry, GateRun, Line
from swarmctl.core.contest import Rehearsal
from swarmctl.core.gate import Proof, Verdict
from swarmctl.core.session import Stage
from swarmctl.surfaces.tui.line_list import Item
from swarmctl.surfaces.tui.verdicts import MARKS
from swarmctl.surfaces.words.narrate_contests import size_words
from swarmctl.surfaces.words.plain import age, one_line

EMPTY = """Nothing stands in the merge queue, and nothing landed yet.

{merge} on finished work in the list lands it: it is merged beside the target,
your gates run on exactly that tree, and only what passes them all lands."""
COMMANDS = ("merge", "pick", "land", "undo")
LOST = "the supervisor went before it ended; it begins anew"
STAGES = {
    Stage.QUEUED: ("○", "dim"),
    Stage.GATING: ("●", "good"),
    Stage.LANDING: ("▲", "accent"),
    Stage.PARKED: ("‖", "warn"),
    Stage.LANDED: ("✓", "good"),
    Stage.KEPT: ("✗", "bad"),
}


@dataclass(frozen=True, slots=True)
class Subject:
    """What a line is about."""

    entry: Entry
    gate: GateRun | None = None


def gate_of(subject: Subject | None) -> GateRun | None:
    """The gate that is pointed at, else the one that runs, else the one that refused, else the last."""
    if subject is None:
        return None
    gates = subject.entry.gates
    bad = [gate for gate in gates if gate.result is None or gate.result.verdict is not Verdict.PASS]
    return subject.gate or subject.entry.running or next(iter([*bad, *gates[::-1]]), None)


def lines_of(line: Line, now: float) -> tuple[list[Item], dict[str, Subject]]:
    """The lines, and what is behind each that can be pointed at."""
    items: list[Item] = []
    subjects: dict[str, Subject] = {}
    for item, subject in _all(line, now):
        items.append(item)
        if subject is not None:
            subjects[item.key] = subject
    return items, subjects


def _all(line: Line, now: float) -> Iterator[tuple[Item, Subject | None]]:
    for target, entries in groupby(line.queued, key=lambda entry: entry.session.target):
        yield from _section(f"{one_line(target)}: the merge queue", list(entries), now)
    if line.parked:
        yield from _section("parked: proven, but the checkout could not follow", list(line.parked), now)
    if line.refused:
        yield from _section("refused", list(line.refused), now)
    if line.rehearsed:
        yield from _section("gated without a landing", list(line.rehearsed), now)
    if line.landed:
        yield from _section("landed", list(line.landed), now)


def _section(title: str, entries: list[Entry], now: float) -> Iterator[tuple[Item, Subject | None]]:
    yield Item(f"head {title}", ((title, "head"), (f"  {len(entries)}", "dim")), can=False), None
    for entry in entries:
        yield _entry(entry, now), Subject(entry)
        for gate in entry.gates:
            yield _gate(entry, gate, now), Subject(entry, gate)
    yield Item(f"after {title}", (), can=False), None


def _entry(entry: Entry, now: float) -> Item:
    session = entry.session
    if entry.rehearsal is not None:
        return _rehearsal(entry, entry.rehearsal, now)
    glyph, tone = STAGES.get(session.stage, ("·", "dim"))
    bad = session.outcome is not None and session.stage is Stage.KEPT
    word = session.outcome.value if bad and session.outcome else session.stage.value
    parts = [(f"{glyph} {word:<8} ", tone), (f"{session.id}  ", "dim"), (one_line(entry.title), "strong")]
    if session.reason and session.stage in (Stage.KEPT, Stage.PARKED):
        parts.append((f"  {one_line(session.reason)}", "dim"))
    if entry.proof and entry.at:
        parts.append((f"  {entry.proof.commit[:10]}", "dim"))
        if entry.proof.kind == "ungated":
            parts.append(("  without gates", "warn"))
    return Item(session.id, tuple(parts), _age(entry.at or (None if bad else session.queued_at), now))


def _rehearsal(entry: Entry, known: Rehearsal, now: float) -> Item:
    glyph, word, tone = _stands(known)
    said = known.reason or (size_words(known.size) if known.size else "")
    older = "  before its last changes" if known.stage == "done" and known.head != entry.session.head else ""
    parts = ((f"{glyph} {word:<8} ", tone), (f"{entry.session.id}  ", "dim"), (one_line(entry.title), "strong"))
    return Item(entry.session.id, (*parts, (f"  {one_line(said)}{older}", "dim")), _age(entry.at, now))


def _stands(known: Rehearsal) -> tuple[str, str, str]:
    """It never has the sign of a landing."""
    if known.stage != "done":
        return {"asked": ("◌", "waits", "dim"), "begun": ("◍", "gates", "good"), "left": ("◌", "left", "warn")}[
            known.stage
        ]
    return ("◇", "green", "good") if known.is_green else ("◆", "red", "bad")


def _age(at: float | None, now: float) -> str:
    return age(max(0.0, now - at)) if at else ""


def _gate(entry: Entry, gate: GateRun, now: float) -> Item:
    key, name = f"{entry.session.id} {gate.gate}", f"{one_line(gate.gate):<12} "
    if gate.is_lost:
        return Item(key, (("    ? ", "warn"), (name, ""), (LOST, "dim")))
    if gate.result is None:
        gone = age(max(0.0, now - gate.since))
        return Item(key, (("    ● ", "accent"), (name, ""), ("runs", "accent")), gone)
    glyph, tone = MARKS[gate.result.verdict]
    words = gate.result.words or gate.result.verdict.value
    verdict = "" if gate.result.verdict in (Verdict.PASS, Verdict.FAIL) else f"{gate.result.verdict.value}: "
    parts = ((f"    {glyph} ", tone), (name, ""), (f"{verdict}{one_line(words)}", "dim"))
    return Item(key, parts, f"{gate.result.duration_s:.1f}s")


def about_words(subject: Subject | None, now: float) -> str:
    """One line over the log: why it stands so, of which gate that is, and what it proves."""
    if subject is None:
        return ""
    entry, gate = subject.entry, gate_of(subject)
    parts: list[str] = [entry.session.id]
    if proof := proof_of(subject):
        parts.append(proof_line(proof))
    elif subject.gate is None and (why := _why(entry)):
        parts += [why, *([f"log of {gate.gate}"] if gate else [])]
    elif gate is not None:
        parts += [gate.gate, *_said(gate, now)]
    return one_line("  ·  ".join(parts))


def proof_of(subject: Subject | None) -> Proof | None:
    """Of the landing that is pointed at, not of one of its gates."""
    return subject.entry.proof if subject is not None and subject.gate is None else None


def _why(entry: Entry) -> str:
    known, session = entry.rehearsal, entry.session
    if known is not None:
        how = {"asked": "waits for its gates", "begun": "is gated", "left": "was not gated"}.get(
            known.stage, "was gated"
        )
        return f"{how}, and does not land{f': {known.reason}' if known.reason else ''}"
    return f"{session.outcome.value}: {session.reason}" if session.outcome and session.stage is Stage.KEPT else ""


def sheet_of(entry: Entry, proof: Proof, now: float) -> Iterator[str]:
    """Everything that allowed the landing, a line each."""
    session = entry.session
    when = f" {age(max(0.0, now - entry.at))} ago" if entry.at else ""
    yield f"{session.stage.value} on {one_line(session.target)}{when}"
    yield one_line(session.reason)
    yield f"work of   {session.agent}, session {session.id}"
    yield f"asked by  {_asker(entry.asked_by)}"
    yield f"commit    {proof.commit}"
    yield f"tree      {proof.tree}"
    yield f"on        {proof.base}"
    yield ""
    if not proof.results:
        yield "no gates are set up: nothing was proven"
        return
    yield f"gates     as they stand on {one_line(session.target)}, {proof.gate_set[:10]}; each passed on that tree"
    for result in proof.results:
        words = f"{one_line(result.gate):<12} {one_line(result.words)}"
        yield f"  {MARKS[result.verdict][0]} {words:<40} {result.duration_s:>7.1f}s"


def _asker(by: str) -> str:
    if not by:
        return "nobody: it lands by itself"
    return f"a person: {by}" if by in COMMANDS else one_line(by)


def _said(gate: GateRun, now: float) -> Iterator[str]:
    result = gate.result
    if result is None:
        yield LOST if gate.is_lost else f"runs for {age(max(0.0, now - gate.since))}"
        return
    yield result.verdict.value
    if result.tests is not None:
        yield f"{result.tests} tests"
    if result.rc:
        yield f"ended with {result.rc}"
    yield f"on tree {result.tree[:10]}"


def proof_line(proof: Proof) -> str:
    gates = ", ".join(result.gate for result in proof.results) or "no gates"
    return one_line(f"proof: {gates} on tree {proof.tree[:10]}, commit {proof.commit[:10]}")


def totals(line: Line) -> str:
    parts = [f"{len(line.queued)} in the queue"]
    gating = sum(entry.running is not None for entry in line.queued)
    due = sum(entry.rehearsal is not None and entry.rehearsal.is_due for entry in line.rehearsed)
    parts += [f"{gating} at its gates"] if gating else []
    parts += [f"{len(line.parked)} parked"] if line.parked else []
    parts += [f"{len(line.refused)} refused"] if line.refused else []
    parts += [f"{due} to be gated only"] if due else []
    return "  ·  ".join(parts)
