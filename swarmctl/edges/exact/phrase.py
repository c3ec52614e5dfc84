"""The words that people wrap a question in, taken off; every other word stays, for a tool to understand or to refuse.

Nothing inside a question is touched, and what is too long for any tool is nothing.
"""

from __future__ import annotations

import re
from functools import lru_cache

LONGEST = 4096
"""Characters; a longer question is no tool's."""
_LAYERS = 12

_GREETING = r"(?:(?:hi|hey|hello|hey there|ok|okay|so|well|um|quick question)\s*[,:!.]?\s+)"
_POLITE = r"(?:please|pls|plz|kindly|quickly|just)"
_CAN_YOU = r"(?:(?:can|could|would|will) you(?: please| kindly| quickly| just)?)"
_I_WANT = (
    r"(?:(?:i want to know|i need to know|i'd like to know|i would like to know|i wonder|do you know|let me know))"
)
_TELL = r"(?:tell me|give me|show me|say|compute|calculate|calc|evaluate|work out|figure out|determine|find|find out)"
_WHAT = (
    r"(?:what is|what's|what\u2019s|whats|what are|what're|what will be|what would be"
    r"|how much is|how much are|how much's)"
)
_NOUN = r"(?:the )?(?:exact )?(?:result|value|answer|outcome)(?: of| to| for)"
_BEFORE = re.compile(
    rf"(?:{_GREETING}(?={_POLITE}|{_CAN_YOU}|{_I_WANT}|{_TELL}|what|how|when|is |does |which )"
    rf"|(?:{_POLITE}\s*,?|{_CAN_YOU}|{_I_WANT}|{_TELL}|{_WHAT}|{_NOUN})(?:\s*:\s*|\s+)(?=\S))",
    re.IGNORECASE,
)
_AROUND = (
    re.compile(
        r"what (?:does|do|would|will|did) (?P<it>\S.*?) (?:equal|equal to|come to|make|give|amount to|be)\Z",
        re.I | re.S,
    ),
    re.compile(r"(?:what|how much) (?P<it>\S.*?) (?:is|are|equals|comes to|makes|would be|will be)\Z", re.I | re.S),
    re.compile(r"what do (?:you|i|we) get (?:for|if you do|when you do|from) (?P<it>\S.*)\Z", re.I | re.S),
    re.compile(r"`(?P<it>[^`\n]+)`\Z"),
)
_AFTER = re.compile(
    r"(?:\s{0,4}\?+|(?<=[^.])\.|(?<![=<>!:])\s{0,4}=|(?:\s{1,4}|\s{0,4},\s{0,4})"
    r"(?:please|pls|plz|thanks|thank you|for me)"
    r"|\s{1,4}(?:is|is what|equals|equals what|equal to|is equal to|makes what|makes))\Z",
    re.IGNORECASE,
)
_EQUALS = re.compile(r"=\s*(?=[^=\s])")
_THE = re.compile(r"the\s+(?=\S)", re.IGNORECASE)


@lru_cache(maxsize=32)
def bare(text: str) -> str:
    """The question without what is around it; empty when it is too long, or nothing but that."""
    if len(text) > LONGEST:
        return ""
    inner = text.strip()
    for _ in range(_LAYERS):
        if (shorter := _peeled(inner)) == inner:
            break
        inner = shorter
    return _THE.sub("", inner, count=1) if _THE.match(inner) else inner


def _peeled(text: str) -> str:
    for pattern in (_BEFORE, _EQUALS):
        if found := pattern.match(text):
            return text[found.end() :]
    for pattern in _AROUND:
        if found := pattern.match(text):
            return found["it"].strip()
    found = _AFTER.search(text)
    return text[: found.start()].rstrip() if found else text


def plain(text: str) -> str:
    """`bare` in small letters, each run of white space one space: for questions in which neither matters."""
    return " ".join(bare(text).lower().replace("\u2019", "'").split())
