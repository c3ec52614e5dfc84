"""How words become tmux commands. Text that reaches tmux passes here, or travels as the bytes of a buffer.

A line break on the control channel would start another command, so control characters are refused.
"""

from __future__ import annotations

import re
import shlex
from functools import lru_cache

from swarmctl.core.errors import UsageFault

CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def checked(word: str) -> str:
    if CONTROL.search(word):
        raise UsageFault(f"control characters cannot be sent to tmux: {word!r}", hint="use printable text")
    return word


@lru_cache(maxsize=1024)
def control_line(words: tuple[str, ...]) -> bytes:
    """One command for the control channel; every word arrives as it is."""
    quoted = ("'" + checked(word).replace("'", "'\\''") + "'" for word in words)
    return " ".join(quoted).encode(errors="surrogateescape") + b"\n"


def arguments(words: tuple[str, ...]) -> list[str]:
    """The same command as arguments of a forked tmux, which takes a closing semicolon for a separator."""
    return [word[:-1] + "\\;" if checked(word).endswith(";") else word for word in words]


def literal(text: str) -> str:
    """Text that a format shows as it is: neither `#(…)` nor `%H` means anything in it."""
    return checked(text).replace("#", "##").replace("%", "%%")


def shell_word(path: str) -> str:
    """A path inside a command that tmux expands as a format and then hands to `sh`."""
    return literal(shlex.quote(path))
