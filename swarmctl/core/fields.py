"""Fields of payloads that come from outside."""

from __future__ import annotations

from typing import Any


def look_up(fields: Any, path: str) -> Any:
    """`a.b.c` inside nested mappings; None where there is no such thing."""
    for name in path.split("."):
        fields = fields.get(name) if isinstance(fields, dict) else None
    return fields
