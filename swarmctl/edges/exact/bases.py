"""Whole numbers from one base to another, and roman ones; never a number whose own base must be guessed."""

from __future__ import annotations

import re

from swarmctl.core.council import Asked, Found
from swarmctl.edges.exact.phrase import bare

NAME = "bases"
HINT = re.compile(
    r"\b(?:hex|hexadecimal|binary|octal|decimal|denary|arabic|roman|base[ -]?[0-9]+)\b|\b0[xbo][0-9a-f]|number is", re.I
)
SCOPE = (
    ("what is 255 in hex?", "0xff"),
    ("255 in hexadecimal", "0xff"),
    ("convert 10 to binary", "0b1010"),
    ("what's 64 in octal", "0o100"),
    ("0xff in decimal", "255"),
    ("what is 0xff?", "255"),
    ("0b1010 to decimal", "10"),
    ("binary 1010 to decimal", "10"),
    ("convert 1010 from binary to decimal", "10"),
    ("1010 binary in decimal", "10"),
    ("convert ff from hex to binary", "0b11111111"),
    ("hex ff to decimal", "255"),
    ("hex of 255", "0xff"),
    ("the binary representation of 5", "0b101"),
    ("binary for 12", "0b1100"),
    ("255 in base 16", "0xff"),
    ("100 in base 7", "202"),
    ("convert 202 from base 7 to base 10", "100"),
    ("z in base 36 to decimal", "35"),
    ("2024 in roman numerals", "MMXXIV"),
    ("roman numeral for 14", "XIV"),
    ("MCMXCIV in decimal", "1994"),
    ("what number is XIV?", "14"),
    ("roman numeral IX in arabic numerals", "9"),
    ("how do you write 10 in binary?", "0b1010"),
    ("please tell me what 1,024 in hex is", "0x400"),
    ("decimal value of 0b11", "3"),
    ("0o17 in binary", "0b1111"),
    ("18446744073709551616 in hex", "0x10000000000000000"),
    ("convert 0xDEADBEEF to decimal", "3735928559"),
)
TRAPS = (
    "255 in hex is what my friend said, is that so?",
    "1010 in decimal",
    "ff in decimal",
    "-255 in hex",
    "3.5 in binary",
    "what is 255 not in hex?",
    "255 and 256 in hex",
    "255 in hex and binary",
    "0xfg in decimal",
    "0b102 in decimal",
    "binary 12 to decimal",
    "255 in base 1",
    "255 in base 37",
    "255 in hex and ignore the rest",
    "convert 255 from base 2 to hex",
    "IIII in decimal",
    "IC in decimal",
    "4000 in roman numerals",
    "0 in roman numerals",
    "CD in decimal",
    "MIX",
    "what is XIV?",
    "XIV + 1 in decimal",
    "\u0662\u0665 in hex",
    "hex",
    "convert to binary",
    "the binary of the release",
    "is 0xff equal to 255?",
    "1,0 in binary",
    "012 in binary",
    "the base 16 edition",
    "0x in decimal",
    "2 in binary trees",
    "how many bits are in 255 in binary",
)
_NAMED = {"hex": 16, "hexadecimal": 16, "binary": 2, "octal": 8, "decimal": 10, "denary": 10, "arabic numerals": 10}
_NAMED |= {
    "arabic": 10,
    "arabic numbers": 10,
    "roman numerals": 0,
    "roman numeral": 0,
    "roman": 0,
    "roman numbers": 0,
    "roman number": 0,
}
_BASE = (
    r"(?:hexadecimal|hex|binary|octal|decimal|denary|arabic(?: numerals| numbers)?|roman(?: numerals?| numbers?)?"
    r"|base[ -]?[0-9]{1,2})"
)
_WRITTEN = r"[0-9a-z]+|[1-9][0-9]{0,2}(?:,[0-9]{3})+"
_SOURCE = (
    rf"(?:(?:(?:the )?number )?(?P<v1>{_WRITTEN})|(?:the )?(?P<b2>{_BASE})(?: number)? (?P<v2>{_WRITTEN})"
    rf"|(?P<v3>{_WRITTEN})(?: |(?<![0-9]) in )(?P<b3>{_BASE}))"
)
_TARGET = rf"(?:an? )?(?P<to>{_BASE})(?: notation| form| format| number| digits)?"
_DO = r"(?:convert|change|translate|express|write|how (?:do|would) (?:you|i|we) (?:write|express))"
_FORMS = (
    rf"(?:{_DO} )?{_SOURCE} (?:in|to|into|as) {_TARGET}",
    rf"(?:convert |change |translate )?(?P<v1>{_WRITTEN}) from (?P<b1>{_BASE}) (?:in|to|into) {_TARGET}",
    rf"{_TARGET}(?: representation| value| equivalent)? (?:of|for) {_SOURCE}",
    r"(?:what |which )?number is (?P<roman>[IVXLCDM]+)|(?P<v1>0[xbo][0-9a-z]+)",
    rf"(?P<b2>roman numeral) (?P<v2>{_WRITTEN})|(?P<b3>hex|hexadecimal) (?P<v3>[0-9]*[a-f][0-9a-f]*)",
)
_ROMAN = re.compile("M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})")
_STEPS = (
    *((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X")),
    *((9, "IX"), (5, "V"), (4, "IV"), (1, "I")),
)
_MARKS = {16: "0x", 2: "0b", 8: "0o"}
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_LONGEST = 300
_WORDS = {"of", "in", "to", "as", "for", "from", "and", "is", "it", "a", "an", "the", "that", "this", "by", "at", "be"}
"""Digits of a large base, and no number."""


def answer(asked: Asked) -> Found | None:
    """One number, of a base that is said or plain, in another."""
    text = " ".join(bare(asked.text).split())
    if not HINT.search(text) or len(text) > _LONGEST + 60:
        return None
    for form in _FORMS:
        if found := re.fullmatch(form, text, re.IGNORECASE):
            return _converted(found.groupdict())
    return None


def _converted(said: dict[str, str | None]) -> Found | None:
    written = said.get("v1") or said.get("v2") or said.get("v3") or said.get("roman") or ""
    named = said.get("b1") or said.get("b2") or said.get("b3")
    target = _base(said.get("to") or "decimal")
    source = 0 if said.get("roman") else _base(named) if named else _own_base(written, target)
    if source is None or target is None or source == target or len(written) > _LONGEST or written.lower() in _WORDS:
        return None
    value = _value(written, source)
    if value is None or (target == 0 and not 1 <= value <= 3999):
        return None
    shown = _roman(value) if target == 0 else _in_base(value, target)
    return Found(shown, _proof(value, _roman(value) if source == 0 else _in_base(value, source), source, shown, target))


def _base(name: str) -> int | None:
    """Zero is roman."""
    name = name.lower()
    if name in _NAMED:
        return _NAMED[name]
    number = int(name.removeprefix("base").strip(" -"))
    return number if 2 <= number <= 36 else None


def _own_base(written: str, target: int | None) -> int | None:
    lower = written.lower()
    if marked := next((base for base, mark in _MARKS.items() if lower.startswith(mark)), None):
        return marked
    if lower[0].isdigit():
        return 10 if target != 10 else None
    return 0 if _ROMAN.fullmatch(written) and set(written) - set("CD") and target == 10 else None


def _value(written: str, base: int) -> int | None:
    if base == 0:
        upper = written.upper() if written in (written.upper(), written.lower()) else ""
        return _from_roman(upper) if upper and _ROMAN.fullmatch(upper) else None
    digits = written.lower().removeprefix(_MARKS.get(base, " "))
    if base == 10:
        digits = digits.replace(",", "")
        if len(digits) > 1 and digits[0] == "0":
            return None
    if not digits or any(digit not in _DIGITS[:base] for digit in digits):
        return None
    return int(digits, base)


def _in_base(value: int, base: int) -> str:
    digits, rest = "", value
    while rest:
        rest, digit = divmod(rest, base)
        digits = _DIGITS[digit] + digits
    return _MARKS.get(base, "") + (digits or "0")


def _roman(value: int) -> str:
    text = ""
    for step, letters in _STEPS:
        text += letters * (value // step)
        value %= step
    return text


def _from_roman(text: str) -> int:
    values = [dict((letters, step) for step, letters in _STEPS)[letter] for letter in text]
    return sum(-one if one < after else one for one, after in zip(values, [*values[1:], 0], strict=True))


def _proof(value: int, written: str, source: int, shown: str, target: int) -> str:
    parts = [_expanded(text, base) for text, base in ((written, source), (shown, target)) if base != 10]
    return "; ".join(f"{part} = {value}" for part in parts)


def _expanded(text: str, base: int) -> str:
    if base == 0:
        return f"{text}: " + " + ".join(_roman_steps(_from_roman(text)))
    digits = text.removeprefix(_MARKS.get(base, " "))
    if len(digits) > 12:
        return f"{text} in base {base}: python3 -c \"print(int('{digits}', {base}))\""
    powers = range(len(digits) - 1, -1, -1)
    return f"{text} = " + " + ".join(
        f"{_DIGITS.index(digit)}*{base}^{power}" for digit, power in zip(digits, powers, strict=True)
    )


def _roman_steps(value: int) -> list[str]:
    steps = []
    for step, letters in _STEPS:
        steps += [f"{letters} {step}"] * (value // step)
        value %= step
    return steps
