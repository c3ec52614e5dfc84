"""Many things told in few words: the first of them, and how many are left out."""

from __future__ import annotations

from collections.abc import Sequence


def in_short(names: Sequence[str], most: int = 5) -> str:
    """In one line."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def shortened(lines: Sequence[str], most: int) -> tuple[str, ...]:
    return (*lines[:most], f"and {len(lines) - most} more") if len(lines) > most else tuple(lines)
