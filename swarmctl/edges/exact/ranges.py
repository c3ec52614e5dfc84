"""Versions in order, and ranges of them as node-semver reads them; what the dialects read differently is refused."""

from __future__ import annotations

import re
from typing import NamedTuple

VERSION = r"v?(?:0|[1-9]\d{0,8})(?:\.(?:0|[1-9]\d{0,8})){0,3}(?:-[0-9a-z][0-9a-z.-]*)?(?:\+[0-9a-z.-]+)?"
_PARTS = re.compile(r"v?(?P<numbers>[\d.]+)(?:-(?P<before>[0-9a-z.-]+))?(?:\+(?P<build>[0-9a-z.-]+))?")
_COMPARATOR = re.compile(
    r"(?P<sign>\^|~>|~=|~|>=|<=|>|<|===?|=|!=)? ?v?(?P<numbers>\d+(?:\.(?:\d+|[x*]))*|[x*])"
    r"(?:-(?P<before>[0-9a-z.-]+))?"
)
MOST = 10**9
Bare = tuple[int, int, int]


class Version(NamedTuple):
    numbers: tuple[int, ...]
    before: tuple[str, ...] = ()
    build: str = ""


def version(text: str) -> Version | None:
    found = _PARTS.fullmatch(text) if re.fullmatch(VERSION, text) else None
    if not found:
        return None
    before = tuple(found["before"].split(".")) if found["before"] else ()
    numbers = tuple(int(part) for part in found["numbers"].split("."))
    if before and (len(numbers) != 3 or any(not part or re.fullmatch(r"0\d+", part) for part in before)):
        return None
    return Version(numbers, before, found["build"] or "")


def compared(one: Version, other: Version) -> int:
    """-1, 0 or 1 as `one` is older, the same or newer; build metadata does not count."""
    left, right = _padded(one.numbers), _padded(other.numbers)
    if left != right:
        return -1 if left < right else 1
    if not one.before or not other.before:
        return bool(other.before) - bool(one.before)
    keys = [[(0, int(part), "") if part.isdigit() else (1, 0, part) for part in each.before] for each in (one, other)]
    return (keys[0] > keys[1]) - (keys[0] < keys[1])


def _padded(numbers: tuple[int, ...]) -> tuple[int, ...]:
    return numbers + (0,) * (4 - len(numbers))


def allowed(text: str, wanted: Version) -> tuple[bool, str] | None:
    """Whether the range allows the version, and the range in plain comparisons; None when it is no such range."""
    shown: list[str] = []
    right = False
    for part in re.split(r"\s*\|\|\s*", text.strip()):
        bounds = _bounds(part)
        if bounds is None or (wanted.before and re.search(r"~=|~>|!=|==", part)):
            return None
        shown.append(" ".join(f"{sign}{_said(bound)}" for sign, bound in bounds) or "any version")
        right = right or _inside(bounds, wanted)
    return right, " || ".join(shown)


def _inside(bounds: list[tuple[str, Version]], wanted: Version) -> bool:
    tests = {">=": (0, 1), ">": (1,), "<": (-1,), "<=": (-1, 0), "=": (0,), "!=": (-1, 1)}
    if any(compared(wanted, bound) not in tests[sign] for sign, bound in bounds):
        return False
    return not wanted.before or any(bound.before and bound.numbers == wanted.numbers for _, bound in bounds)


def _said(bound: Version) -> str:
    return ".".join(map(str, bound.numbers)) + ("-" + ".".join(bound.before) if bound.before else "")


def _bounds(text: str) -> list[tuple[str, Version]] | None:
    hyphen = re.fullmatch(r"v?(\d+(?:\.\d+){0,2}) - v?(\d+(?:\.\d+){0,2})", text)
    if hyphen:
        low, high = _numbers(hyphen[1]), _numbers(hyphen[2])
        last = ("<=", Version(_filled(high))) if len(high) == 3 else ("<", Version(_next(high, len(high) - 1)))
        return [(">=", Version(_filled(low))), last]
    found: list[tuple[str, Version]] = []
    rest = re.sub(r"(\^|~>|~=|~|>=|<=|>|<|===?|=|!=) +", r"\1", text.strip())
    for piece in re.split(r" ?, ?| +", rest):
        comparator = _COMPARATOR.fullmatch(piece)
        bounds = _compared_with(comparator) if comparator else None
        if bounds is None:
            return None
        found += bounds
    return found


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split("."))


def _filled(numbers: tuple[int, ...]) -> Bare:
    padded = (*numbers, 0, 0, 0)
    return padded[0], padded[1], padded[2]


def _next(numbers: tuple[int, ...], place: int) -> Bare:
    return _filled((*numbers[:place], numbers[place] + 1))


def _compared_with(found: re.Match[str]) -> list[tuple[str, Version]] | None:
    sign, parts = found["sign"] or "", found["numbers"].split(".")
    known: list[int] = []
    for part in parts:
        if part in "x*":
            break
        known.append(int(part))
    if len(parts) > 3 or any(part.isdigit() for part in parts[len(known) :]) or max([*known, 0]) > MOST:
        return None
    wild, numbers = len(known) < len(parts), tuple(known)
    if found["before"] and (wild or len(numbers) != 3):
        return None
    low = Version(_filled(numbers), tuple(found["before"].split(".")) if found["before"] else ())
    if not numbers:
        return [] if sign in ("", "=") else None
    if wild and sign not in ("", "=", "==", "^", "~"):
        return None
    if sign in (">", "<", ">=", "<=", "!=", "=", "==", "===") or (not sign and len(numbers) == 3 and not wild):
        return _plainly(sign, low, numbers, wild)
    return _caret_or_tilde(sign, low, numbers, wild)


def _plainly(sign: str, low: Version, numbers: tuple[int, ...], wild: bool) -> list[tuple[str, Version]] | None:
    if wild and sign in ("=", "=="):
        return [(">=", low), ("<", Version(_next(numbers, len(numbers) - 1)))]
    if len(numbers) < 3 and sign not in (">=", "<"):
        return None
    return [({"": "=", "==": "=", "===": "="}.get(sign, sign), low)]


def _caret_or_tilde(sign: str, low: Version, numbers: tuple[int, ...], wild: bool) -> list[tuple[str, Version]] | None:
    last = len(numbers) - 1
    if sign == "^":
        place = next((index for index, number in enumerate(numbers) if number), last)
    elif sign == "~":
        place = min(1, last)
    elif sign in ("~>", "~="):
        if last < 1:
            return None
        place = last - 1
    elif wild or len(numbers) < 3:
        if not wild:
            return None
        place = last
    else:
        return None
    return [(">=", low), ("<", Version(_next(numbers, place)))]
