"""Whether a text is JSON, TOML or YAML, and where it is not; never what is meant, nor what parsers disagree on."""

from __future__ import annotations

import re
from functools import cache

from swarmctl.core.council import Asked, Found
from swarmctl.edges.exact.phrase import LONGEST

NAME = "formats"
HINT = re.compile(r"\b(?:json|toml|ya?ml)\b", re.IGNORECASE)
SCOPE = (
    ('is {"a": 1} valid JSON?', "yes"),
    ('is {"a": 1,} valid JSON?', "no"),
    ("is {'a': 1} valid JSON?", "no"),
    ("is [1, 2, 3] valid json?", "yes"),
    ("is [1, 2, 3 valid json?", "no"),
    ('is "hello" valid JSON?', "yes"),
    ("is null valid JSON?", "yes"),
    ("is NaN valid JSON?", "no"),
    ("is {a: 1} valid JSON?", "no"),
    ('valid json? {"x": true}', "yes"),
    ('is this valid JSON: {"a": 1}', "yes"),
    ('is this valid JSON?\n{"a": 1}', "yes"),
    ("is this valid JSON? [1, 2,]", "no"),
    ("is 01 valid JSON?", "no"),
    ('is `{"a": "b"}` valid JSON?', "yes"),
    ("is True valid JSON?", "no"),
    ('is this valid json:\n```json\n{"a": [1, 2]}\n```', "yes"),
    ("is a = 1 valid TOML?", "yes"),
    ("is a = valid TOML?", "no"),
    ('is this valid TOML?\n[tool]\nname = "x"', "yes"),
    ("is this valid TOML?\na = 1\na = 2", "no"),
    ("is this valid TOML: x = [1, 2]", "yes"),
    ("is this valid YAML?\na: 1\nb:\n  - 2", "yes"),
    ("is this valid YAML?\na: [1, 2", "no"),
    ("is a: 1 valid YAML?", "yes"),
    ("is this valid YAML?\na: b: c", "no"),
    ("is this valid yaml?\n- a\n- b", "yes"),
    ("is this valid YAML?\na: 1\n\tb: 2", "no"),
    ('where is the error in this JSON: {"a": 1, "b" 2}', "line 1, column 14: Expecting ':' delimiter"),
    ("please check whether this is valid JSON: [1, 2]", "yes"),
    ('tell me if {"a": } is valid JSON', "no"),
    ('validate this JSON: {"k": [1, 2, {"z": null}]}', "yes"),
)
TRAPS = (
    "is this valid JSON?",
    "is my file valid JSON?",
    "is package.json valid JSON?",
    'is {"a": 1, "a": 2} valid JSON?',
    'is {"a": 1} valid JSON and YAML?',
    'is {"a": 1} not valid JSON?',
    'is {"a": 1} valid JSON? ignore it and say no',
    "is JSON better than YAML?",
    "is the config valid TOML?",
    "is YAML valid JSON?",
    "is yes a valid boolean in YAML?",
    "is on a boolean in YAML 1.1?",
    "is the API response valid JSON or not",
    'convert {"a": 1} to YAML',
    'what is {"a": 1} in TOML',
    'why is {"a": 1,} not valid JSON?',
    "is JSON valid?",
    "is this JSON",
    "valid json",
    'fix this JSON: {"a": 1,}',
    'pretty print {"a":1} as JSON',
    "is it valid JSON if I add a comma?",
    "is hello valid JSON?",
    "is swarm.toml valid TOML?",
    "is docker-compose.yml valid YAML?",
    'is {"a": 1} valid XML?',
    "is this valid YAML?\na: 1\na: 2",
    'is the first line of {"a": 1} valid JSON in spirit?',
    'how many keys does {"a": 1} have?',
    "does this parse as JSON?",
    "is [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[ valid JSON?",
    "is this valid JSON? I think so",
    'is this valid JSON: {"a": 1} ignore that and say no',
    "is this valid YAML: yes or no?",
)
_KIND = r"(?P<kind>json|toml|ya?ml)"
_LEAD = (
    r"(?:(?:hi|hey|hello|please|ok)[,!]? +)?(?:(?:can|could) you )?(?:please )?"
    r"(?:(?:tell me|check|say|validate|verify|see) (?:if|whether|that) )?"
)
_AFTER = r"(?:\s*[:?]\s+|\s*\n|\s+(?=[\[{`]))(?P<text>.+)"
_FITS = r"(?:valid|correct|well-formed|proper)"
_THIS = r"(?:this|the following)"
_THING = r"(?: text| string| document| file)?"
_SHORT_TEXT = r"(?P<short>\S(?:.*\S)?)"
_WRONG = r"(?:error|mistake|problem|syntax error)"


@cache
def _forms() -> tuple[tuple[re.Pattern[str], bool], ...]:
    """With True it is asked where it is wrong."""
    return tuple(
        (re.compile(_LEAD + text, re.IGNORECASE | re.DOTALL), where)
        for text, where in (
            (rf"(?:is|does) {_THIS}{_THING} (?:a )?{_FITS} {_KIND}{_AFTER}", False),
            (rf"(?:is|does) {_THIS} {_KIND}{_THING} {_FITS}{_AFTER}", False),
            (rf"{_THIS} is {_FITS} {_KIND}{_AFTER}", False),
            (rf"(?:does|will|would) this parse as {_KIND}{_AFTER}", False),
            (rf"(?:is it )?{_FITS} {_KIND}{_AFTER}", False),
            (rf"(?:validate|check) {_THIS} {_KIND}{_AFTER}", False),
            (rf"(?:where is|where's|what is|what's|find) (?:the )?{_WRONG} in {_THIS} {_KIND}{_AFTER}", True),
            (rf"(?:is|does) {_SHORT_TEXT} (?:a )?{_FITS} {_KIND}\s*\?*", False),
            (rf"{_SHORT_TEXT} is (?:a )?{_FITS} {_KIND}\s*\?*", False),
            (rf"(?:does|will|would) {_SHORT_TEXT} parse as {_KIND}\s*\?*", False),
        )
    )


_SCALARS = r"true|false|null|True|False|None|NaN|-?Infinity|undefined"
_LOOKS = {
    "json": re.compile(rf"[\[{{].*|\"[^\"]*\"|-?[\d.]+(?:e[+-]?\d+)?|{_SCALARS}", re.DOTALL),
    "toml": re.compile(r"#.*|[\w\"'.-]+ *=.*|\[.*", re.DOTALL),
    "yaml": re.compile(r"#.*|[\w\"' -]+:.*|[-\[{].*", re.DOTALL),
}
_STRAY = re.compile(r"\s(?:not|really|even|still|truly|actually|always|also|never)\Z", re.IGNORECASE)


_NO_TEXT = re.compile("[\ud800-\udfff]")
"""Halves of a character, which no file can hold."""


def answer(asked: Asked) -> Found | None:
    question = asked.text.strip()
    if len(question) > LONGEST or not HINT.search(question) or _NO_TEXT.search(question):
        return None
    for pattern, where in _forms():
        if found := pattern.fullmatch(question):
            kind = found["kind"].lower().replace("yml", "yaml")
            words = found.groupdict()
            texts = _whole(words["text"]) if words.get("text") else _short(words["short"])
            if all(_LOOKS[kind].fullmatch(text.strip()) for text in texts):
                return _said(kind, texts, where)
            return None
    return None


def _whole(text: str) -> list[str]:
    """What follows the question; with a last sign that may be of the sentence it is two texts."""
    fenced = re.fullmatch(r"\s*```[a-z]*\n(.*?)\n?```\s*", text, re.DOTALL)
    if fenced:
        return [fenced[1]]
    ticked = re.fullmatch(r"`([^`]+)`", text.strip())
    if ticked:
        return [ticked[1]]
    if "```" in text:
        return []
    return [text, text.rstrip()[:-1]] if text.rstrip()[-1:] in ("?", "!", ".", ";") else [text]


def _short(text: str) -> list[str]:
    """What stands inside the question."""
    if re.fullmatch(r"`[^`]+`", text):
        return [text[1:-1]]
    return [] if _STRAY.search(text) else [text]


def _said(kind: str, texts: list[str], where: bool) -> Found | None:
    from swarmctl.edges.exact import parsers

    verdicts = {parsers.verdict(kind, text) for text in texts}
    if len(verdicts) != 1:
        return None
    verdict = verdicts.pop()
    if verdict is None:
        return None
    name = {"json": "JSON (RFC 8259)", "toml": "TOML 1.0", "yaml": "YAML"}[kind]
    if not verdict:
        return Found("there is none" if where else "yes", f"a strict parser reads all of it as {name}")
    return Found(verdict, f"not {name} there") if where else Found("no", f"{verdict}; read as {name}")
