"""Where words go: data to stdout, narration to stderr, an error as one line and a hint. Exit codes are `ExitCode`."""

from __future__ import annotations

import json
import sys
from typing import Any

from swarmctl.core.errors import SwarmError

VERSION = 1


def data(value: dict[str, Any]) -> None:
    """One JSON object on a line of its own."""
    sys.stdout.write(json.dumps({"v": VERSION, **value}, separators=(",", ":"), ensure_ascii=False) + "\n")
    sys.stdout.flush()


def text(words: str) -> None:
    sys.stdout.write(words if words.endswith("\n") else words + "\n")


def say(words: str) -> None:
    sys.stderr.write(words + "\n")
    sys.stderr.flush()


def fault(error: SwarmError) -> None:
    say(f"swarmctl: {one_line(error.message)}")
    if error.hint:
        say(f"hint: {one_line(error.hint)}")


def one_line(words: str) -> str:
    """Control characters of untrusted text never reach the terminal."""
    return "".join(char if char.isprintable() else " " for char in words)


def ago(seconds: float) -> str:
    for size, unit in ((86400, "d"), (3600, "h"), (60, "m")):
        if seconds >= size:
            return f"{int(seconds // size)}{unit}"
    return f"{max(0, int(seconds))}s"
