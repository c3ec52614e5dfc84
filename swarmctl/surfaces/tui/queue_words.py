"""The lines of the queue screen: who stands where, what each gate said, what landed and why something did not. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from swarmctl.app.in_queue import Entry, GateRun, Line
from swarmctl.core.gate import Proof, Verdict
from swarmctl.core.session import Stage
from swarmctl.surfaces.tui.line_list import Item
from swarmctl.surfaces.tui.verdicts import MARKS
from swarmctl.surfaces.words.plain import age, one_line

EMPTY = """Nothing stands in the merge queue, and nothing landed yet.

{merge} on finished work in the list lands it: it is merged beside the target,
your gates run on exactly that tree, and only what passes them all lands."""
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
    bad = [gate for gate in gates if gate.result is not None and gate.result.rc]
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
    since = entry.at or session.queued_at if entry.at or session.stage is not Stage.KEPT else None
    return Item(session.id, tuple(parts), age(max(0.0, now - since)) if since else "")


def _gate(entry: Entry, gate: GateRun, now: float) -> Item:
    key, name = f"{entry.session.id} {gate.gate}", f"{one_line(gate.gate):<12} "
    if gate.result is None:
        gone = age(max(0.0, now - gate.since))
        return Item(key, (("    ● ", "accent"), (name, ""), ("runs", "accent")), gone)
    glyph, tone = MARKS[gate.result.verdict]
    words = gate.result.words or gate.result.verdict.value
    verdict = "" if gate.result.verdict in (Verdict.PASS, Verdict.FAIL) else f"{gate.result.verdict.value}: "
    parts = ((f"    {glyph} ", tone), (name, ""), (f"{verdict}{one_line(words)}", "dim"))
    return Item(key, parts, f"{gate.result.duration_s:.1f}s")


def about_words(subject: Subject | None, now: float) -> str:
    """One line over the log: of which gate it is, and what that proves."""
    if subject is None:
        return ""
    entry, gate = subject.entry, gate_of(subject)
    if gate is None:
        return one_line(f"{entry.session.id}  {entry.session.reason}".rstrip())
    parts = [entry.session.id, gate.gate, *_said(gate, now)]
    if subject.gate is None and entry.proof is not None:
        parts = [entry.session.id, proof_line(entry.proof), f"log of {gate.gate}"]
    return one_line("  ·  ".join(parts))


def _said(gate: GateRun, now: float) -> Iterator[str]:
    result = gate.result
    if result is None:
        yield f"runs for {age(max(0.0, now - gate.since))}"
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
    parts += [f"{gating} at its gates"] if gating else []
    parts += [f"{len(line.parked)} parked"] if line.parked else []
    parts += [f"{len(line.refused)} refused"] if line.refused else []
    return "  ·  ".join(parts)
