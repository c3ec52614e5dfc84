"""Where words go: data to stdout, narration to stderr, an error as one line and a hint. Exit codes are `ExitCode`."""

from __future__ import annotations

import json
import os
import select
import sys
from typing import Any, TextIO

from swarmctl.core.errors import SwarmError
from swarmctl.surfaces.words.plain import hung, one_line

VERSION = 1


def data(value: dict[str, Any]) -> bool:
    """One JSON object on a line of its own, all ASCII; False when nobody reads any more."""
    return _write(sys.stdout, json.dumps({"v": VERSION, **value}, separators=(",", ":")) + "\n")


def text(words: str) -> bool:
    """False when nobody reads any more."""
    return _write(sys.stdout, words if words.endswith("\n") else words + "\n")


def hanging(label: str, words: str) -> bool:
    """A line of data; on a terminal as many as it takes, broken at spaces under where the words begin."""
    width = os.get_terminal_size(sys.stdout.fileno()).columns if sys.stdout.isatty() else 0
    return text(hung(label, words, width) if width else label + words)


def beginning(words: str) -> bool:
    """The line goes on later; False when nobody reads any more."""
    return _write(sys.stdout, words)


def is_read() -> bool:
    """A reader that left shows before anything is written to it."""
    poll = select.poll()
    poll.register(sys.stdout, 0)
    return not poll.poll(0)


def say(words: str) -> None:
    _write(sys.stderr, words + "\n")


def _write(stream: TextIO, words: str) -> bool:
    """When the reader left, the rest goes nowhere: the work goes on, and the exit code stays the truth."""
    try:
        stream.write(words)
        stream.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        return False
    return True


def fault(error: SwarmError) -> None:
    say(f"swarmctl: {one_line(error.message)}")
    if error.hint:
        say(f"hint: {one_line(error.hint)}")


def complain(words: str, hint: str) -> None:
    """What the supervisor cannot write into its log is said on stderr, whatever stdout is for."""
    say(f"waiting: {one_line(words)}" if words else "going on")
    if hint:
        say(f"hint: {one_line(hint)}")


def visible(words: str) -> str:
    """On a terminal nothing but text, with control characters as escapes; in a pipe the words as they are."""
    if not sys.stdout.isatty():
        return words
    return "".join(c if c.isprintable() or c in "\n\t" else c.encode("unicode_escape").decode() for c in words)
