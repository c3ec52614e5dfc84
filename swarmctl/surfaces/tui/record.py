"""The raw record of an event as a person reads it: JSON, with nothing in it that could act on a terminal."""

from __future__ import annotations

import json

from swarmctl.core.events import Stamped
from swarmctl.surfaces.words.chain import record_of


def record_text(stamped: Stamped) -> str:
    return visible(json.dumps(record_of(stamped), indent=2, ensure_ascii=False))


def visible(text: str) -> str:
    """What is not printable is written as JSON writes it."""
    return "".join(char if char.isprintable() or char == "\n" else json.dumps(char)[1:-1] for char in text)
