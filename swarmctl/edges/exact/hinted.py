"""Writes `hints.py` from what the tools say: `python -m swarmctl.edges.exact.hinted`."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from swarmctl.edges.exact import hints, lookups, table

WIDE = 120
_BEGIN, _END = "HINTS: dict[str, str] = {\n", "}\n# fmt: on"


def made() -> dict[str, str]:
    """The hints as the tools have them."""
    names = (*table.NAMES, *lookups.NAMES)
    return {name: import_module(f"{__package__}.{name}").HINT.pattern for name in names}


def _line(name: str, pattern: str) -> str:
    line = f"    {name!r}: {pattern!r},"
    return line if len(line) <= WIDE else f"{line}  # noqa: E501"


if __name__ == "__main__":
    file = Path(hints.__file__)
    head, _, rest = file.read_text().partition(_BEGIN)
    lines = "".join(f"{_line(name, pattern)}\n" for name, pattern in made().items())
    file.write_text(f"{head}{_BEGIN}{lines}{_END}{rest.partition(_END)[2]}")
