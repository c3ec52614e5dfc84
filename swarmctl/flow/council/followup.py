"""What a follow-up means when it leans on the answer before it: `is that prime?` after 97 asks whether 97 is.

Only an answer that is one number is put where the word stands, and the new question has to be understood whole.
"""

from __future__ import annotations

import re

from swarmctl.core.council import Asked

_LEAD = re.compile(r"(?:(?:now|and|then|ok|okay|so|also|please)[\s,]+)+", re.IGNORECASE)
_LEANS = re.compile(
    r"\b(?:that number|that result|this number|the result|the answer|the last answer|your answer|that|this|it)\b", re.I
)
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:/\d+)?|0[xbo][0-9a-f]+", re.IGNORECASE)
_GOES_ON = re.compile(
    r"(?:plus|minus|times|divided by|multiplied by|to the power of|mod|modulo|squared|cubed)\b"
    r"|(?:[+*/^\u00d7÷·]\s*|-\s+)[\d(]",
    re.IGNORECASE,
)
_SO = re.compile(r"(?:in|as|to|into)\s+(?:hex|hexadecimal|binary|octal|decimal|roman(?: numerals?)?)\s*\??", re.I)
LONGEST = 400


def number_of(answer: str) -> str:
    """The one number that an answer is; else nothing."""
    exact = answer.split(" ≈ ")[0].strip().replace(",", "")
    return exact if len(exact) <= LONGEST and _NUMBER.fullmatch(exact) else ""


def readings(asked: Asked) -> tuple[str, ...]:
    """The question as it may be meant, the most literal first; the text itself is always the first."""
    if not asked.before or len(asked.text) > LONGEST:
        return (asked.text,)
    text = asked.text.strip()
    rest = _LEAD.sub("", text, count=1) if _LEAD.match(text) else text
    meant = [asked.text, *([rest] if rest != text else [])]
    value = number_of(asked.before[-1].answer)
    if value:
        value = f"({value})" if value.startswith("-") or "/" in value else value
        if _GOES_ON.match(rest):
            meant = [f"{value} {rest}"]
        elif _SO.fullmatch(rest):
            meant.append(f"what is {value} {rest}")
        elif len(_LEANS.findall(rest)) == 1:
            meant.append(_LEANS.sub(value, rest))
    return tuple(meant)
