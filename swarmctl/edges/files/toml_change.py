"""Changes numbers in one table of a TOML text and leaves every other byte as it is, or says that it cannot.

What comes out is read again, and has to say exactly what was asked for: a text that is written otherwise is refused.
"""

from __future__ import annotations

import copy
import re
import tomllib
from collections.abc import Mapping
from typing import Any

from swarmctl.core.errors import UsageFault


class CannotChange(UsageFault):
    """The text is valid, but not written in a way that this understands."""


def with_numbers(text: str, table: tuple[str, ...], values: Mapping[str, float | None]) -> str:
    """`text` where each key of the table has that value; None takes it out. The text must be valid."""
    expected = tomllib.loads(text)
    held = _table(copy.deepcopy(expected), table)
    values = {key: value for key, value in values.items() if value is not None or key in held}
    if not values:
        return text
    lines = text.split("\n")
    begin, end = _place(lines, table)
    if begin < 0:
        lines = _appended(lines, table, values)
    else:
        part = lines[begin:end]
        for key, value in values.items():
            part = _with(part, key, value)
        lines = [*lines[:begin], *part, *lines[end:]]
    found, wanted = "\n".join(lines), _table(expected, table)
    for key, value in values.items():
        if value is None:
            wanted.pop(key, None)
        else:
            wanted[key] = value
    if _read(found) != expected:
        raise CannotChange(f"[{'.'.join(table)}] is written in a way that only a person can change", hint="edit it")
    return found


def _place(lines: list[str], table: tuple[str, ...]) -> tuple[int, int]:
    """From the header of the table to what follows it."""
    name = r"\s*\.\s*".join(map(re.escape, table))
    header = re.compile(rf"\s*\[\s*{name}\s*\]\s*(#.*)?")
    begin = next((at for at, line in enumerate(lines) if header.fullmatch(line.rstrip("\r"))), -1)
    end = next((at for at in range(begin + 1, len(lines)) if lines[at].lstrip().startswith("[")), len(lines))
    return begin, end


def _with(part: list[str], key: str, value: float | None) -> list[str]:
    held = re.compile(rf"(\s*{re.escape(key)}\s*=\s*)([^\s#]+)(.*)", re.S)
    at = next((at for at, line in enumerate(part) if held.fullmatch(line)), -1)
    if at >= 0:
        changed = [] if value is None else [held.sub(lambda found: f"{found[1]}{value!r}{found[3]}", part[at])]
        return [*part[:at], *changed, *part[at + 1 :]]
    if value is None:
        return part
    last = max(at for at, line in enumerate(part) if line.strip())
    if last == len(part) - 1:
        return [*part, f"{key} = {value!r}", ""]
    return [*part[: last + 1], f"{key} = {value!r}{_end(part)}", *part[last + 1 :]]


def _appended(lines: list[str], table: tuple[str, ...], values: Mapping[str, float | None]) -> list[str]:
    end = _end(lines)
    wanted = [f"{key} = {value!r}{end}" for key, value in values.items() if value is not None]
    before = [*lines[:-1], *([f"{lines[-1]}{end}"] if lines[-1] else [])]
    return [*before, *([end] if before else []), f"[{'.'.join(table)}]{end}", *wanted, ""]


def _end(lines: list[str]) -> str:
    """What lines have before the break."""
    return "\r" if lines[0].endswith("\r") else ""


def _read(text: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None


def _table(tables: dict[str, Any], table: tuple[str, ...]) -> dict[str, Any]:
    for name in table:
        tables = tables.setdefault(name, {})
    return tables
