"""Fields of payloads that come from outside."""

from __future__ import annotations

import json
from typing import Any


def fields_of(payload: str | bytes) -> dict[str, Any]:
    """Empty when it is not an object of JSON."""
    try:
        value = json.loads(payload) if payload.strip() else {}
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def look_up(fields: Any, path: str) -> Any:
    """`a.b.0.c` inside nested mappings and lists; None where there is no such thing."""
    for name in path.split("."):
        if isinstance(fields, list) and name.isdecimal():
            fields = fields[int(name)] if int(name) < len(fields) else None
        else:
            fields = fields.get(name) if isinstance(fields, dict) else None
    return fields
