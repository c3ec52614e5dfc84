"""Whether a regular expression matches a text, by trying it in a limited child; never one that runs away or is two."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from swarmctl.core.council import Asked, Found
from swarmctl.edges.exact.phrase import LONGEST

NAME = "regexes"
HINT = re.compile(r"\bmatch|\bregex|\bregular expression|\bagainst\b", re.IGNORECASE)
SECONDS = 0.5
SCOPE = (
    ("does ^a+b$ match aaab?", "yes"),
    ("does /^a+b$/ match aaab", "yes"),
    ("does aaab match ^a+b$?", "yes"),
    ("does the regex ^\\d{3}$ match 1234?", "no"),
    ('does /\\d+/ match "abc 123"?', "yes"),
    ("Does /hello/i match 'Hello World'?", "yes"),
    ("does `^[a-z]+$` match `abc1`?", "no"),
    ('is "foo.py" matched by /.*\\.py$/?', "yes"),
    ("would ^(foo|bar)$ match baz?", "no"),
    ('tell me if /^[A-Z]{2}\\d{4}$/ matches "AB1234"', "yes"),
    ("check whether the pattern ^\\w+@\\w+\\.com$ matches joe@example.com", "yes"),
    ('does the regular expression `^\\s*$` match the string "   "?', "yes"),
    ('can ^x*$ match ""?', "yes"),
    ('does "" match ^$?', "yes"),
    ("test /ab+c/ against abbbc", "yes"),
    ("does a.c match abc?", "yes"),
    ("does abc match the regex a.c?", "yes"),
    ("does /a{2,3}/ match caaat?", "yes"),
    ("does /^a{2,3}$/ match aaaa", "no"),
    ("does ab match ab??", "yes"),
    ("does color match colou?r?", "yes"),
    ("does colou?r fully match colour?", "yes"),
    ("does /a+/ fully match baab?", "no"),
    ("does 'a|b' match 'b'", "yes"),
    ('does the string "abc" match the pattern "[a-c]+"?', "yes"),
    ("does the regex ^foo match foobar?", "yes"),
    ("does the regex bar$ match foobar?", "yes"),
    ("does ^(ab)+$ match ababa?", "no"),
    ("do /x{2}/ match xx", "yes"),
)
TRAPS = (
    "does it match?",
    "does *.py match a.py",
    "does /a/ match b and /c/ match d",
    "does /a/ match what I said",
    "does /a/q match a",
    "does this match that",
    "does (a+)+$ match aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!",
    "does /^(([a-z])+.)+[A-Z]([a-z])+$/ match aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "does a match ab??? I think so",
    "does ab match abc?",
    "does ^a+b$ not match aaab?",
    "does ^a+b$ match aaab or aab?",
    "does ^a+b$ match?",
    "why does ^a+b$ match aaab?",
    "does /[[:alpha:]]+/ match abc?",
    "does /a(/ match a(?",
    "doesn't ^a+$ match aaa?",
    "does ^a+b$ match aaab? ignore that and say no",
    "does my regex match the log line?",
    "does anything match /x/ here",
    "does /a/ match the contents of README.md?",
    "does the pattern match aaab?",
    "does a match /ab/ and /bc/?",
    "which of a, b match ^a$?",
    "does /\\w+/ match größe?",
    "does a+b match c+d",
    "does the invoice match the order?",
    "write a regex that matches emails",
    "replace /a/ with b in banana",
)


class Part(NamedTuple):
    text: str
    flags: str = ""
    regex: bool = False
    """It is said to be a regular expression."""
    quoted: bool = False
    readings: tuple[str, ...] = ()
    """What else it may be, because it is not said where it ends."""


def answer(asked: Asked) -> Found | None:
    text = asked.text.strip()
    if len(text) > LONGEST or not text.isprintable():
        return None
    question = "?" if text.endswith("?") else ""
    text = text.removesuffix("?").rstrip()
    for pattern, swapped in _forms():
        if found := pattern.fullmatch(text):
            words = found.groupdict()
            pair = _told_apart(_part(words["one"]), _part(words["two"], question), swapped)
            whole = bool(words.get("whole") or words.get("whole2"))
            return _answered(*pair, whole) if pair else None
    return None


@cache
def _forms() -> tuple[tuple[re.Pattern[str], bool], ...]:
    """With True the text comes first for sure."""
    expression = r"(?:the |this |my )?(?:regex|regexp|regular expression|pattern|re) "
    noun = rf"(?:{expression}|(?:the |this )?(?:string|text|word|input) )?"
    part = r"(?:/(?:[^/\\]|\\.)+/[a-z]*|`[^`]+`|\"[^\"]*\"|'[^']*'|\u201c[^\u201d]*\u201d|\S+)"
    one, two = rf"(?P<one>{noun}{part})", rf"(?P<two>{noun}{part})"
    lead = (
        r"(?:(?:hi|hey|hello|please|so|ok)[, ]+)?"
        r"(?:(?:can you |could you )?(?:please )?(?:tell me|check|say|test|do you know) (?:if|whether) )?"
    )
    whole = r"(?P<whole>(?:fully|entirely|completely) )?"
    after = r"(?: (?P<whole2>fully|entirely|completely|as a whole|in full))?"
    every = (
        (rf"{lead}(?:does|do|will|would|can) {one} {whole}match(?:es)? {two}{after}", False),
        (rf"{lead}{one} {whole}matches {two}{after}", False),
        (rf"{lead}is {one} {whole}matched by {two}{after}", True),
        (rf"{lead}(?:is|are) there (?:a|any) match (?:of|for) {one} in {two}{after}", False),
        (rf"(?:please )?(?:test|try) {one} (?:against|on) {two}{after}", False),
    )
    return tuple((re.compile(text, re.IGNORECASE), swapped) for text, swapped in every)


_SAID = re.compile(
    r"(?:(?:the |this |my )?(?P<regex>regex|regexp|regular expression|pattern|re) )?"
    r"(?:(?:the |this )?(?P<text>string|text|word|input) )?(?P<rest>.+)",
    re.IGNORECASE | re.DOTALL,
)
_STRONG = re.compile(r"[\^$*+?\[\](){}|\\]")
_OTHER_DIALECT = re.compile(r"\[\[:|\{,|\\[<>hKRXzZGQEpP]|\\u\{|\(\?[&R0-9]|\(\?\||\(\*")
_SURE = re.compile(r"[\\\[(|$]")
_NO_TEXTS = {"everything", "anything", "nothing", "something", "it", "this", "that", "itself", "them", "any", "all"}
_VERSIONS = re.compile(r"[\^~]?v?\d+(?:\.(?:\d+|[x*]))*")


def _part(words: str, question: str = "") -> Part:
    found = _SAID.fullmatch(words)
    rest = found["rest"] if found else words
    said = bool(found and found["regex"])
    slashes = re.fullmatch(r"/((?:[^/\\]|\\.)+)/([a-z]*)", rest, re.DOTALL)
    if slashes:
        return Part(slashes[1].replace("\\/", "/"), slashes[2], True)
    if len(rest) >= 2 and rest[0] + rest[-1] in ("``", '""', "''", "\u201c\u201d"):
        return Part(rest[1:-1], "", said, quoted=True)
    others = [rest[:-1]] if rest[-1] in ".,;:" and len(rest) > 1 else []
    if question and rest[-1] not in "$|^(" and (_STRONG.search(rest) or said):
        others.append(rest + question)
    return Part(rest, "", said, readings=tuple(others))


def _told_apart(one: Part, two: Part, swapped: bool) -> tuple[Part, Part] | None:
    """The expression first."""
    if swapped:
        return two, one
    if one.regex != two.regex:
        return (one, two) if one.regex else (two, one)
    strong = bool(_STRONG.search(one.text)), bool(_STRONG.search(two.text))
    if strong[0] != strong[1]:
        return (one, two) if strong[0] else (two, one)
    return (one, two) if not strong[0] and "." in one.text and "." not in two.text else None


def _answered(regex: Part, text: Part, whole: bool) -> Found | None:
    if not set(regex.flags) <= set("gimsu") or _OTHER_DIALECT.search(regex.text):
        return None
    if not regex.regex and any(
        _VERSIONS.fullmatch(part.text) for part in (regex, text) if not _SURE.search(regex.text)
    ):
        return None
    if not text.quoted and (text.text.casefold() in _NO_TEXTS or text.text[0] in "\"'`"):
        return None
    first = _tried(regex.text, regex.flags, text.text, whole)
    for pattern in (regex.text, *regex.readings):
        for subject in (text.text, *text.readings):
            other = _tried(pattern, regex.flags, subject, whole) if first else None
            if not first or not other or other.answer != first.answer:
                return None
    return first


def _tried(pattern: str, flags: str, text: str, whole: bool) -> Found | None:
    if not text.isascii() and re.search(r"\\[wWdDsSbB]|\(\?[a-z]*i", pattern + ("(?i" if "i" in flags else "")):
        return None
    from swarmctl.edges.exact.children import PATTERNS

    said = PATTERNS.ask({"pattern": pattern, "flags": flags, "text": text}, SECONDS)
    if not isinstance(said, dict):
        return None
    shown = f"/{pattern}/{flags}"
    if said["whole"]:
        return Found("yes", f"{shown} matches all of {text!r} (Python re.fullmatch, and so re.search)")
    if said["span"] is None:
        return Found("no", f"{shown} matches no part of {text!r} (Python re.search)")
    start, end = said["span"]
    found = f"{shown} finds {text[start:end]!r} at {start}-{end} of {text!r} (Python re.search)"
    return Found("no" if whole else "yes", f"{found}, not all of it (re.fullmatch)")
