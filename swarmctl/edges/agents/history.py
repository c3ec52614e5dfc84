"""The conversations that an agent keeps by itself: the newest one that it had in a folder, read and never written."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import suppress
from glob import iglob
from pathlib import Path
from typing import Any

from swarmctl.core.fields import fields_of, look_up
from swarmctl.core.handmade import Conversation
from swarmctl.core.values import dataclass
from swarmctl.edges.agents.spec import Conversations

NEWEST = 500
"""Files that are looked into; what is older belongs to nobody who works now."""
LINES = 60
"""A file says within so many lines where it was written, and what it was told."""
LONGEST = 1 << 20
"""Bytes of a line."""
PATIENCE_S = 20.0


def newest(rules: Conversations, folder: str, environ: Mapping[str, str]) -> Conversation | None:
    """`folder` is a path without links; a conversation below it counts as well."""
    found = _listed(rules, folder, environ) if rules.argv else _filed(rules, folder, environ)
    return next(found, None)


def _filed(rules: Conversations, folder: str, environ: Mapping[str, str]) -> Iterator[Conversation]:
    dated: list[tuple[float, str]] = []
    for pattern in rules.files:
        spelled = _spelled(pattern, environ)
        for path in iglob(spelled) if spelled else ():  # noqa: PTH207
            with suppress(OSError):
                dated.append((Path(path).stat().st_mtime, path))
    for at, path in sorted(dated, reverse=True)[:NEWEST]:
        head = _head(path)
        where = next(filter(None, (_text(look_up(line, rules.folder)) for line in head)), "")
        if _inside(where, folder) and (name := _first(head, rules.id)):
            yield Conversation(name, _prompt(rules, head), at)


def _head(path: str) -> list[dict[str, Any]]:
    lines = []
    with suppress(OSError), Path(path).open("rb") as stream:
        for _ in range(LINES):
            line = stream.readline(LONGEST)
            if not line:
                break
            lines.append(fields_of(line.decode(errors="replace")))
    return lines


def _first(lines: list[dict[str, Any]], field: str) -> str:
    return next(filter(None, (_text(look_up(line, field)) for line in lines)), "")


def _prompt(rules: Conversations, lines: list[dict[str, Any]]) -> str:
    said = [line for line in lines if all(_fits(line, field, pattern) for field, pattern in rules.when.items())]
    return _first(said, rules.prompt) if rules.prompt else ""


def _fits(line: dict[str, Any], field: str, pattern: str) -> bool:
    return re.search(pattern, str(look_up(line, field) or "")) is not None


def _text(value: Any) -> str:
    """A string, or the texts of a list of parts."""
    if isinstance(value, list):
        return "\n".join(filter(None, (_text(part.get("text")) for part in value if isinstance(part, dict))))
    return value.strip() if isinstance(value, str) else ""


def _listed(rules: Conversations, folder: str, environ: Mapping[str, str]) -> Iterator[Conversation]:
    """As the agent's own program lists them, the newest first."""
    try:
        done = subprocess.run(
            rules.argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE_S, cwd=folder,
            env=dict(environ), check=False,
        )  # fmt: skip
        listed = json.loads(done.stdout)
    except (OSError, subprocess.TimeoutExpired, ValueError):
        return
    for entry in listed if isinstance(listed, list) else ():
        if isinstance(entry, dict) and _inside(_text(look_up(entry, rules.folder)), folder):
            at = look_up(entry, rules.at) if rules.at else 0
            seconds = at / 1000 if isinstance(at, int | float) else 0.0
            yield Conversation(_text(look_up(entry, rules.id)), _text(look_up(entry, rules.prompt or "-")), seconds)


def _inside(where: str, folder: str) -> bool:
    real = os.path.realpath(where) if where else ""
    return real == folder or real.startswith(f"{folder}/")


def _spelled(pattern: str, environ: Mapping[str, str]) -> str:
    """Empty where the variable that it begins with says nothing."""
    name, _, rest = pattern.partition("/")
    start = environ.get("HOME", "") if name == "~" else environ.get(name[1:], "") if name.startswith("$") else name
    return f"{start}/{rest}" if start or not name else ""


# --- who is it that runs there ----------------------------------------------------------------------------------------

SHELLS = re.compile(r"sh|bash|dash")
INTERPRETERS = re.compile(rf"{SHELLS.pattern}|node|nodejs|bun|deno|python[0-9.]*")
COMMAND = re.compile(r"-[A-Za-z]*c.*")
"""What follows is a command's text, and no script; a shell's `-e` is followed by its script."""
CODE = re.compile(rf"{COMMAND.pattern}|-[A-Za-z]*[ep]|--(eval|print)(=.*)?")


def programs(argv: tuple[str, ...]) -> Iterator[str]:
    """What a process may be called: its program, and the script that an interpreter runs."""
    name = argv[0].rpartition("/")[2] if argv else ""
    yield name
    if not INTERPRETERS.fullmatch(name):
        return
    text = COMMAND if SHELLS.fullmatch(name) else CODE
    for word in argv[1:4]:
        if text.fullmatch(word) or any(letter.isspace() for letter in word):
            return
        if not word.startswith("-"):
            yield word.rpartition("/")[2]
            return


@dataclass(frozen=True, slots=True)
class Known:
    """Agents by the program that starts them."""

    by_program: Mapping[str, str]

    def recognise(self, argv: tuple[str, ...]) -> str:
        """Its name; empty when it is none that is known."""
        return next((self.by_program[name] for name in programs(argv) if name in self.by_program), "")
