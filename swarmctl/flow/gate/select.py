"""Which gates a change meets, and which of its files the gates themselves rely on. Pure.

Patterns match generously (`*.py` at any depth, `docs` with all below it), because a gate too many is the safe mistake.
"""

from __future__ import annotations

import hashlib
import json
import posixpath
import re
from collections.abc import Callable, Sequence
from functools import cache

from swarmctl.core.codec import to_plain
from swarmctl.core.config import Command, GateSpec

SETTINGS_FILE = "swarm.toml"
_SHELL_BREAKS = re.compile(r"""[\s;&|<>()`"'={},]+|::|\$\(""")


def applicable(specs: Sequence[GateSpec], changed: Sequence[str]) -> tuple[GateSpec, ...]:
    return tuple(spec for spec in specs if not spec.when or any(matches(spec.when, path) for path in changed))


def promised(specs: Sequence[GateSpec], changed: Sequence[str]) -> tuple[str, ...]:
    return tuple(spec.name for spec in applicable(specs, changed))


def skipped_words(specs: Sequence[GateSpec], changed: Sequence[str]) -> str:
    """Which gates the change does not meet, in one line; empty when it meets all."""
    left_out = [spec for spec in specs if spec not in applicable(specs, changed)]
    return "; ".join(f"{spec.name} not run: nothing matches {', '.join(spec.when)}" for spec in left_out)


def gate_set_digest(specs: Sequence[GateSpec]) -> str:
    canonical = json.dumps([to_plain(spec) for spec in specs], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def touches_protected(
    changed: Sequence[str], specs: Sequence[GateSpec], exists: Callable[[str], bool]
) -> tuple[str, ...]:
    """Changed paths that decide what the gates do: the settings, what `protects` names, files named in a command.

    `exists` answers for the target's tree: a command relies on no file that the target does not have.
    """
    words = {word for spec in specs for word in _words(spec.run)}
    patterns = tuple(pattern for spec in specs for pattern in spec.protects)
    return tuple(
        path
        for path in changed
        if path == SETTINGS_FILE or matches(patterns, path) or (_named(path, words) and exists(path))
    )


def matches(patterns: Sequence[str], path: str) -> bool:
    return any(_compiled(pattern).fullmatch(path) for pattern in patterns)


def _words(command: Command) -> set[str]:
    pieces = [command] if isinstance(command, str) else list(command)
    words = [word for piece in pieces for word in [piece, *_SHELL_BREAKS.split(piece)]]
    return {posixpath.normpath(word) for word in words if word}


def _named(path: str, words: set[str]) -> bool:
    """By its whole path, or by a part of it below a directory that is named as well (`cd web && ./check.sh`)."""
    if path in words:
        return True
    parts = path.split("/")
    return any("/".join(parts[:cut]) in words and "/".join(parts[cut:]) in words for cut in range(1, len(parts)))


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    pattern = pattern.removeprefix("./").rstrip("/")
    anywhere = "" if "/" in pattern else "(?:.*/)?"
    return re.compile(f"{anywhere}{_translated(pattern.lstrip('/'))}(?:/.*)?", re.DOTALL)


def _translated(pattern: str) -> str:
    def piece(found: re.Match[str]) -> str:
        token = found.group()
        if token.startswith("[") and len(token) > 1:
            return "[" + token[1:-1].replace("\\", "\\\\").replace("!", "^", token[1] == "!") + "]"
        return {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}.get(token, re.escape(token))

    return re.sub(r"\*\*/|\*\*|\*|\?|\[!?[^]/]+\]|.", piece, pattern, flags=re.DOTALL)
