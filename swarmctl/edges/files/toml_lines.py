"""On which line of a TOML text a key stands: tomllib reads each statement alone, so there is no second grammar here."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any

KeyPath = tuple[str | int, ...]


def lines_of(text: str) -> dict[KeyPath, int]:
    """Line numbers by key path; an entry of an array of tables has its number in the path. The text must be valid."""
    lines: dict[KeyPath, int] = {}
    arrays: dict[KeyPath, int] = {}
    prefix: KeyPath = ()
    for number, statement, value in _statements(text):
        if statement.lstrip().startswith("["):
            prefix = _header(value, arrays)
            lines.setdefault(prefix, number)
        else:
            for path in _paths(value):
                lines.setdefault(prefix + path, number)
    return lines


def _statements(text: str) -> Iterator[tuple[int, str, dict[str, Any]]]:
    waiting: list[str] = []
    start = 1
    for number, line in enumerate(text.splitlines(), start=1):
        waiting.append(line)
        statement = "\n".join(waiting)
        try:
            value = tomllib.loads(statement)
        except tomllib.TOMLDecodeError:
            continue
        if value:
            yield start, statement, value
        waiting, start = [], number + 1


def _header(value: dict[str, Any], arrays: dict[KeyPath, int]) -> KeyPath:
    """The path a `[table]` or `[[table]]` header opens."""
    path: KeyPath = ()
    node: Any = value
    while node:
        if isinstance(node, list):
            arrays[path] = arrays.get(path, -1) + 1
            return (*path, arrays[path])
        if path in arrays:
            path = (*path, arrays[path])
        key, node = next(iter(node.items()))
        path = (*path, key)
    return path


def _paths(value: Any) -> Iterator[KeyPath]:
    items: list[tuple[str | int, Any]] = []
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))
    for key, inner in items:
        yield (key,)
        for rest in _paths(inner):
            yield (key, *rest)
