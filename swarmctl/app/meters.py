"""What agents say of their tokens and money, read from their own files: the spool of a session and its transcripts.

Nothing is remembered that the files do not hold: another supervisor that reads them anew comes to the same sums.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

from swarmctl.core.facts import Facts
from swarmctl.core.fields import fields_of
from swarmctl.core.ids import SessionId
from swarmctl.core.money import Entry, Tokens, Use, micros_of
from swarmctl.core.session import Session, SpoolPlace
from swarmctl.core.usage import UsageRules
from swarmctl.edges.files.jsonl import read_document, read_lines
from swarmctl.edges.files.spool import SpoolLine
from swarmctl.edges.models.prices import Price
from swarmctl.flow.spend.metering import Counted, Meter

MOST_TRANSCRIPTS = 100

Spool = Callable[[Session, SpoolPlace, frozenset[str]], tuple[list[SpoolLine], SpoolPlace]]
PriceOf = Callable[[str, str, Tokens, float], Price | None]


@dataclass(slots=True)
class _Reading:
    meter: Meter
    heard: SpoolPlace = field(default_factory=SpoolPlace)
    offsets: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Meters:
    facts: Facts
    rules_of: Callable[[str], UsageRules | None]
    provider_of: Callable[[str], str]
    spool: Spool
    price: PriceOf
    folder: Callable[[SessionId], str]
    """Where a session's agent has its own files."""
    _readings: dict[str, _Reading] = field(default_factory=dict)
    _turn: Lock = field(default_factory=Lock)

    def read(self, entry: Entry) -> tuple[Use, ...]:
        """All that is known of this start by now."""
        with self._turn:
            self._readings = {name: it for name, it in self._readings.items() if name in self.facts.open}
            return self._read(entry)

    def _read(self, entry: Entry) -> tuple[Use, ...]:
        rules = self.rules_of(entry.agent)
        if rules is None:
            return entry.uses
        reading = self._readings.setdefault(entry.id, _Reading(Meter(rules, entry.reserved_at, entry.model)))
        self._hear(entry, reading)
        for path in self._transcripts(reading.meter):
            self._read_all(reading, path, read_lines(path, reading.offsets.get(path, 0)))
        for name, place in rules.files.items():
            path = str(Path(self.folder(entry.session), name))
            offset = reading.offsets.get(path, 0)
            self._read_all(reading, path, read_document(path, place, offset) if place else read_lines(path, offset))
        plan = entry.plan or reading.meter.plan
        return tuple(self._use(each, entry, rules, plan) for each in reading.meter.counted(self._before(entry)))

    @staticmethod
    def _read_all(reading: _Reading, path: str, lines: Iterable[tuple[dict[str, Any], int]]) -> None:
        for line, end in lines:
            reading.meter.read(line)
            reading.offsets[path] = end

    def _hear(self, entry: Entry, reading: _Reading) -> None:
        events = frozenset(rule.event for rule in reading.meter.rules.events)
        lines, reading.heard = self.spool(self.facts.sessions[entry.session], reading.heard, events)
        for line in lines:
            if line.at >= entry.reserved_at and (fields := fields_of(line.payload)):
                reading.meter.hear(line.event, fields)

    def _transcripts(self, meter: Meter) -> Iterable[str]:
        for path in sorted(meter.transcripts)[:MOST_TRANSCRIPTS]:
            yield path
            if meter.rules.beside:
                yield from map(str, sorted(_beside(Path(path), meter.rules.beside))[:MOST_TRANSCRIPTS])

    def _before(self, entry: Entry) -> dict[str, Tokens]:
        """What earlier starts of the same conversation used, by model."""
        found: dict[str, Tokens] = {}
        conversation = self.facts.sessions[entry.session].talk.conversation
        for other in self.facts.entries.where("session", entry.session):
            if other.attempt < entry.attempt and other.agent == entry.agent and other.conversation == conversation:
                for use in other.uses:
                    found[use.model] = found.get(use.model, Tokens()) + use.tokens
        return found

    def _use(self, counted: Counted, entry: Entry, rules: UsageRules, plan: bool) -> Use:
        if plan:
            return Use(counted.model, counted.tokens, plan=True)
        table = self.price(counted.model, self.provider_of(entry.agent), counted.tokens, entry.reserved_at)
        if counted.usd and (table is not None or not rules.guesses):
            return Use(counted.model, counted.tokens, micros_of(counted.usd), priced=entry.agent)
        if table is None:
            return Use(counted.model, counted.tokens)
        return Use(counted.model, counted.tokens, table.micros, priced=table.source)


def _beside(path: Path, pattern: str) -> list[Path]:
    try:
        return list((path.parent / path.stem).glob(pattern))
    except (OSError, ValueError):
        return []
