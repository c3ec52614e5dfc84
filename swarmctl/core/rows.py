"""Rows by key. All in memory here; a ledger on disk keeps at hand only those that may change by themselves."""

from __future__ import annotations

from typing import Any, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Rows(dict[K, V]):
    def where(self, field: str, value: Any) -> list[V]:
        return [row for row in list(self.values()) if getattr(row, field) == value]

    def beginning(self, field: str, prefix: str) -> list[V]:
        return [row for row in list(self.values()) if getattr(row, field).startswith(prefix)]

    def last(self, field: str, count: int) -> list[V]:
        """Those with the highest values, the highest last; rows without a value are left out."""
        having = [row for row in list(self.values()) if getattr(row, field) is not None]
        return sorted(having, key=lambda row: getattr(row, field))[-count:]


class Over(Rows[K, V]):
    """Changes that may be thrown away, over rows that stay as they are: for asking by key."""

    def __init__(self, under: Rows[K, V]) -> None:
        self._under = under

    def __missing__(self, key: K) -> V:
        return self._under[key]

    def __contains__(self, key: object) -> bool:
        return super().__contains__(key) or key in self._under

    def get(self, key: K, default: Any = None) -> Any:
        try:
            return self[key]
        except KeyError:
            return default
