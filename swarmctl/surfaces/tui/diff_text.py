"""The text of a diff as a screen can show it: nothing in it acts on a terminal. Words that differ; colours of code.

What reads code is loaded by who needs it, in a thread: it takes as long as a cockpit takes to open.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import pairwise

TAB = 4
LONGEST = 2_000
"""Characters of a line that are shown."""
WORDS = 300
"""Words of a line up to which the words that differ are looked for one by one."""
ALIKE = 0.4
"""Lines that have less in common are not the same line, changed."""

Span = tuple[int, int]
Token = tuple[int, int, str]
_WORD = re.compile(r"\w+|\s+|.", re.DOTALL)
_PICTURES = {code: 0x2400 + code for code in range(32)} | {127: 0x2421}
"""Signs for what has none."""

INKS = {
    "Comment": "comment",
    "Keyword": "keyword",
    "Literal.String": "string",
    "Literal.Number": "number",
    "Name.Function": "name",
    "Name.Class": "name",
    "Name.Tag": "name",
    "Name.Decorator": "name",
    "Name.Attribute": "name",
    "Name.Builtin": "builtin",
    "Operator.Word": "keyword",
    "Generic.Heading": "keyword",
}
"""By the beginning of a token's kind."""


def is_plain(line: str) -> bool:
    return len(line) <= LONGEST and line.isprintable()


def clean(line: str) -> str:
    """Escapes and the like are shown as signs, tabs as spaces; the end of a very long line is left out."""
    rest = len(line) - LONGEST
    if rest > 0:
        line = line[:LONGEST]
    if not line.isprintable():
        line = line.expandtabs(TAB).translate(_PICTURES)
        if not line.isprintable():
            line = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in line)
    return f"{line} … {rest:,} more characters" if rest > 0 else line


@lru_cache(maxsize=4096)
def differing(old: str, new: str) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    """What of each line the other lacks; nothing where they have little in common."""
    if len(old) > LONGEST or len(new) > LONGEST:
        return (), ()
    olds, news = _WORD.findall(old), _WORD.findall(new)
    if max(len(olds), len(news)) > WORDS:
        return _middle(old, new)
    matcher = SequenceMatcher(None, olds, news, autojunk=False)
    blocks = matcher.get_matching_blocks()
    same = sum(len(olds[at].strip()) for block in blocks for at in range(block.a, block.a + block.size))
    if same < ALIKE * max(len(old.replace(" ", "")), len(new.replace(" ", "")), 1):
        return (), ()
    changed = [code for code in matcher.get_opcodes() if code[0] != "equal"]
    return (
        _spans(olds, [(first, end) for _, first, end, _, _ in changed]),
        _spans(news, [(first, end) for _, _, _, first, end in changed]),
    )


def _spans(words: list[str], ranges: list[Span]) -> tuple[Span, ...]:
    starts = [0]
    for word in words:
        starts.append(starts[-1] + len(word))
    return tuple((starts[first], starts[end]) for first, end in ranges if end > first)


def _middle(old: str, new: str) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    """What is between a common beginning and a common end."""
    least = min(len(old), len(new))
    begin = next((at for at in range(least) if old[at] != new[at]), least)
    end = next((at for at in range(least - begin) if old[-1 - at] != new[-1 - at]), least - begin)
    if begin + end < ALIKE * max(len(old), len(new)):
        return (), ()
    spans = tuple(((begin, len(line) - end),) if len(line) - end > begin else () for line in (old, new))
    return spans[0], spans[1]


def pieces(text: str, tokens: tuple[Token, ...], marks: tuple[Span, ...]) -> Iterator[tuple[str, str, bool]]:
    """Parts of a line with the ink of each, and whether it differs from the line beside it."""
    if not tokens and not marks:
        yield text, "", False
        return
    cuts = {0, len(text)}
    for begin, end, _ in tokens:
        cuts |= {begin, end}
    for begin, end in marks:
        cuts |= {begin, end}
    places = sorted(cut for cut in cuts if cut <= len(text))
    inks, spans = list(tokens), list(marks)
    for begin, end in pairwise(places):
        while inks and inks[0][1] <= begin:
            inks.pop(0)
        while spans and spans[0][1] <= begin:
            spans.pop(0)
        ink = inks[0][2] if inks and inks[0][0] <= begin else ""
        yield text[begin:end], ink, bool(spans) and spans[0][0] <= begin


def language_of(path: str) -> str:
    """A name that pygments knows, by the file's own; empty for plain text."""
    from rich.syntax import Syntax

    found = Syntax.guess_lexer(path)
    return "" if found in ("default", "text") else found


def inked(language: str, text: str) -> list[tuple[Token, ...]]:
    """The tokens of each line that have a colour of their own, as `clean` shows the line."""
    from rich.syntax import Syntax

    lexer = Syntax("", language).lexer if language else None
    if lexer is None or not text:
        return []
    lines: list[tuple[Token, ...]] = []
    line: list[Token] = []
    column = 0
    for kind, words in lexer.get_tokens("\n".join(clean(raw) for raw in text.split("\n"))):
        ink = _ink(kind)
        for number, part in enumerate(words.split("\n")):
            if number:
                lines.append(tuple(line))
                line, column = [], 0
            if ink and part:
                line.append((column, column + len(part), ink))
            column += len(part)
    return lines


@lru_cache(maxsize=512)
def _ink(kind: object) -> str:
    name = str(kind).removeprefix("Token.")
    return next((ink for beginning, ink in INKS.items() if name.startswith(beginning)), "")
