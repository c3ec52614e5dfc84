"""What the router looks at: the two ends of a text and cheap features of them, so that length costs nothing."""

from __future__ import annotations

import re
from typing import NamedTuple

END = 2048
"""Characters that are looked at from either end."""

_NO_WORD = str.maketrans({number: " " for number in range(128) if not (chr(number).isalnum() or chr(number) in "_'-")})
_DIGIT = re.compile(r"\d")
_DIFF = re.compile(r"^(?:diff --git |@@ -\d+|index [0-9a-f]{7,}\.\.)", re.MULTILINE)
_TEST = re.compile(r"\.\w+::\w")
_FILE = re.compile(r"\.(?:py|jsx?|tsx?|go|rs|c|h|cpp|java|rb|toml|ya?ml|json|md|sh|sql|css|html)\b")
_FOLDERS = re.compile(r"/[\w.-]+/\w")


class View(NamedTuple):
    plain: str
    """Both ends in small letters; all of it when it is short."""
    words: frozenset[str]
    first: str
    """The word that it begins with."""
    length: int
    """Of the whole text."""
    features: frozenset[str]


FEATURES = ("number", "question", "traceback", "diff", "fence", "test-id", "path")


def look(text: str) -> View:
    length = len(text)
    seen = text if length <= 2 * END else f"{text[:END]}\n{text[-END:]}"
    plain = seen.lower()
    words = plain.translate(_NO_WORD).split()
    return View(plain, frozenset(words), words[0] if words else "", length, frozenset(_features(seen, plain)))


def _features(seen: str, plain: str) -> list[str]:
    found = []
    if _DIGIT.search(seen):
        found.append("number")
    if seen.rstrip().endswith("?"):
        found.append("question")
    if "traceback (most recent call last)" in plain or "\n    at " in plain or "panicked at" in plain:
        found.append("traceback")
    if ("diff --git " in plain or "@@ -" in plain or "index " in plain) and _DIFF.search(seen):
        found.append("diff")
    if "```" in seen:
        found.append("fence")
    if "::" in seen and _TEST.search(seen):
        found.append("test-id")
    if _FILE.search(plain) or ("/" in plain and _FOLDERS.search(plain)):
        found.append("path")
    return found
