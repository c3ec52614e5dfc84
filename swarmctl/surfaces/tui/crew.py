"""Who does a task, in words: as `--agent` takes them, and how many sessions that is. Pure, and loaded with the list."""

from __future__ import annotations

from collections.abc import Sequence


def names_of(said: str) -> tuple[str, ...]:
    """Each once."""
    return tuple(dict.fromkeys(filter(None, (name.strip() for name in said.split(",")))))


def sessions_words(names: Sequence[str], attempts: int) -> str:
    """`4 sessions: 2 claude, 2 codex`."""
    count = len(names) * attempts
    many = f"{attempts} " if attempts > 1 else ""
    return f"{count} session{'s' if count > 1 else ''}: {', '.join(f'{many}{name}' for name in names)}"
