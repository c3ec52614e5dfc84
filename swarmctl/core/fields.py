"""Fields of payloads that come from outside."""

from __future__ import annotations

import json
from typing import Any


def fields_of(payload: str) -> dict[str, Any]:
    """Empty when it is not an object of JSON."""
    try:
        value = json.loads(payload) if payload.strip() else {}
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def look_up(fields: Any, path: str) -> Any:
    """`a.b.c` inside nested mappings; None where there is no such thing."""
    for name in path.split("."):
        fields = fields.get(name) if isinstance(fields, dict) else None
    return fields
