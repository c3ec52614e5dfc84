"""A day of the calendar as people write it, and days counted from one; None when it can be meant in two ways.

Days before 1753 are none: until then the calendar depended on where one was.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from swarmctl.core.council import Asked
from swarmctl.edges.exact import figures

FIRST_YEAR = 1753
MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september", "october"),
    *("november", "december"),
)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTH = "|".join([*MONTHS, *(month[:3] for month in MONTHS), "sept"])
_NTH = r"([1-9]|[12][0-9]|3[01])(?:st|nd|rd|th)?"
_ISO = re.compile(r"([0-9]{4})([-/])([0-9]{2})\2([0-9]{2})")
_DAY_FIRST = re.compile(rf"(?:the )?{_NTH}(?: of)? ({_MONTH})\.?,? ([0-9]{{4}})")
_MONTH_FIRST = re.compile(rf"({_MONTH})\.? (?:the )?{_NTH},? ([0-9]{{4}})")
_MARKED = re.compile(r"([0-9]{1,2})([./])([0-9]{1,2})\2([0-9]{4})")
_RELATIVE = {"today": 0, "now": 0, "tomorrow": 1, "yesterday": -1, "the day after tomorrow": 2}
_RELATIVE |= {"day after tomorrow": 2, "the day before yesterday": -2, "day before yesterday": -2}
SPAN = r"((?:[0-9]+|[a-z]+(?:[ -][a-z]+)?) (?:day|week|month|year|fortnight)s?)"
_LATER = (
    (rf"add {SPAN} to (.+)", 1, True),
    (rf"subtract {SPAN} from (.+)", -1, True),
    (rf"{SPAN} (?:after|from) (.+)", 1, True),
    (rf"{SPAN} before (.+)", -1, True),
    (rf"(.+?) ?(?:\+|plus) ?{SPAN}", 1, False),
    (rf"(.+?) (?:-|\u2212|minus) {SPAN}", -1, False),
)


def today(asked: Asked) -> date | None:
    """In the person's zone."""
    try:
        return datetime.fromtimestamp(asked.now, ZoneInfo(asked.zone)).date()
    except (ValueError, OSError, OverflowError, KeyError):
        return None


def named(text: str, asked: Asked) -> date | None:
    """The day that the whole text names."""
    text = text.strip()
    if text in _RELATIVE:
        day = today(asked)
        return None if day is None else _within(day + timedelta(_RELATIVE[text]))
    return written(text)


def written(text: str) -> date | None:
    """`2026-01-05`, `5 January 2026`, `Jan 5th, 2026`; `25/12/2026` because no month is the 25th."""
    if found := _ISO.fullmatch(text):
        return _day(int(found[1]), int(found[3]), int(found[4]))
    if found := _DAY_FIRST.fullmatch(text):
        return _day(int(found[3]), _month(found[2]), int(found[1]))
    if found := _MONTH_FIRST.fullmatch(text):
        return _day(int(found[3]), _month(found[1]), int(found[2]))
    if found := _MARKED.fullmatch(text):
        first, second = int(found[1]), int(found[3])
        if first > 12 or first == second:
            return _day(int(found[4]), second, first)
        return _day(int(found[4]), first, second) if second > 12 else None
    return None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return _within(date(year, month, day))
    except ValueError:
        return None


def _within(day: date) -> date | None:
    return day if FIRST_YEAR <= day.year <= 9998 else None


def _month(name: str) -> int:
    return next(number for number, month in enumerate(MONTHS, 1) if month.startswith(name[:3]))


def month_of(text: str) -> tuple[int, int] | None:
    """`February 2024` as year and month."""
    found = re.fullmatch(rf"({_MONTH})\.?,?(?: of)? ([0-9]{{4}})", text)
    return (int(found[2]), _month(found[1])) if found and int(found[2]) >= FIRST_YEAR else None


def moved(text: str, asked: Asked) -> tuple[date, str] | None:
    """A day counted from another, and how it was counted."""
    for pattern, sign, span_first in _LATER:
        if found := re.fullmatch(pattern, text):
            span, base = (found[1], found[2]) if span_first else (found[2], found[1])
            start = named(base, asked)
            return None if start is None else counted(start, span, sign)
    return None


def counted(start: date, span: str, sign: int) -> tuple[date, str] | None:
    amount, _, unit = span.rpartition(" ")
    unit = unit.removesuffix("s")
    count = 1 if amount in ("a", "an") else figures.number(amount)
    if count is None or count.denominator != 1 or not 0 <= count <= 3_000_000:
        return None
    number = int(count) * sign
    try:
        if unit in ("month", "year"):
            return _months_on(start, number * (12 if unit == "year" else 1))
        days = number * {"day": 1, "week": 7, "fortnight": 14}[unit]
        end = _within(start + timedelta(days))
    except OverflowError:
        return None
    return None if end is None else (end, f"date -d '{start} {days:+d} days' +%F")


def _months_on(start: date, months: int) -> tuple[date, str] | None:
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    if not FIRST_YEAR <= year <= 9998:
        return None
    last = monthrange(year, month + 1)[1]
    end = date(year, month + 1, min(start.day, last))
    proof = f"{start} {months:+d} months = {end}"
    return end, proof + (f", the last of a month that has no day {start.day}" if last < start.day else "")


def day(text: str, asked: Asked) -> date | None:
    """Named, or counted from a named one."""
    if (plain := named(text, asked)) is not None:
        return plain
    further = moved(text, asked)
    return further[0] if further else None
