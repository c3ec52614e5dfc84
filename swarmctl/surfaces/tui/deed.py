"""One thing that a person can do on a screen: its key, and why it cannot be done now. Footer, help and docs read it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from textual.keys import format_key

G = TypeVar("G", contravariant=True)
"""What it is judged by."""
NAMED = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Deed(Generic[G]):
    name: str
    key: str
    label: str
    """In the footer."""
    help: str
    """`{merge}` in it, and in the reason, is the key of that deed; see `with_keys`."""
    why_not: Callable[[G], str]
    """Empty when it can be done."""
    shown: bool = True
    """In the footer; the help has all."""


def always(ground: object) -> str:
    return ""


HELP: Deed[object] = Deed("help", "question_mark", "help", "All keys, and why some cannot be used now.", always)
LEAVE: Deed[object] = Deed("leave", "q", "back", "Back to where you came from.", always)


def with_keys(words: str, keys: Mapping[str, str]) -> str:
    """A brace that names no deed is somebody's text, and stays."""
    return NAMED.sub(lambda found: keys.get(found[1], found[0]), words)


def key_words(key: str) -> str:
    """As it is printed on a keyboard."""
    modifier, plus, last = key.rpartition("+")
    if re.fullmatch(r"f\d+", last):
        last = last.upper()
    return f"{modifier}+".replace("ctrl+", "^") + format_key(last) if plus else format_key(last)
