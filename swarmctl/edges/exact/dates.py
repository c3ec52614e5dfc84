"""Days between, after and of the week, leap years and ISO weeks; never a date that two countries read differently."""

from __future__ import annotations

import re
from collections.abc import Callable

from swarmctl.core.council import Asked, Found
from swarmctl.edges.exact.phrase import plain

NAME = "dates"
HINT = re.compile(
    r"\b(?:days?|weeks?|weekday|months?|years?|date|today|tomorrow|yesterday|fortnight|leap|iso"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b|[0-9]{4}-[0-9]{2}-[0-9]{2} (?:minus|-) ",
    re.IGNORECASE,
)
SCOPE = (
    ("how many days between 2024-02-28 and 2024-03-01", "2 days"),
    ("How many days are there between March 1, 2026 and 1 April 2026?", "31 days"),
    ("days from 2026-03-01 to 2026-03-31", "30 days"),
    ("how many weeks between 2026-01-05 and 2026-02-02?", "4 weeks"),
    ("weeks between 2026-01-05 and 2026-02-03", "4 weeks and 1 day"),
    ("what day of the week is 2026-01-05?", "Monday"),
    ("what weekday was 29 February 2024?", "Thursday"),
    ("weekday of Dec 25th, 2026", "Friday"),
    ("on what day does 2026-12-25 fall?", "Friday"),
    ("what day will 2027-01-01 be?", "Friday"),
    ("is 2026-01-05 a Monday?", "yes"),
    ("2024-02-28 plus 1 day", "2024-02-29"),
    ("add 1 month to 2024-01-31", "2024-02-29"),
    ("what is 2026-05-31 minus 3 months?", "2026-02-28"),
    ("add 2 years to 2024-02-29", "2026-02-28"),
    ("what date is 100 days after 2026-01-01?", "2026-04-11"),
    ("3 weeks before 2026-01-22", "2026-01-01"),
    ("subtract ten days from 2026-01-05", "2025-12-26"),
    ("a fortnight from 2026-01-01", "2026-01-15"),
    ("what day of the week is 100 days after 2026-01-01?", "Saturday"),
    ("is 2024 a leap year?", "yes"),
    ("was 1900 a leap year?", "no"),
    ("will 2028 be a leap year?", "yes"),
    ("what ISO week is 2026-01-01?", "2026-W01"),
    ("iso week of 2027-01-01", "2026-W53"),
    ("day of the year of 2024-12-31", "366"),
    ("how many days are in February 2024?", "29 days"),
    ("how many days in the year 2023?", "365 days"),
    ("2026-01-05 minus 2026-01-01", "4 days"),
    ("weekday of 25/12/2026", "Friday"),
)
TRAPS = (
    "what weekday is 03/04/2026?",
    "how many days between 03/04/2026 and 05/04/2026",
    "what weekday is 2026-02-30?",
    "what weekday was 29 February 2023?",
    "days between 2026-01-01",
    "how many days between Monday and Friday?",
    "how many days until Christmas?",
    "how many working days between 2026-01-01 and 2026-01-31?",
    "how many days between 2026-01-01 and 2026-01-31 excluding weekends",
    "days from 2026-03-31 to 2026-03-01",
    "2026-01-05 plus 10",
    "2026-12-25 + 10",
    "2026-01-05 plus 1.5 days",
    "2026-01-05 plus 99999999999 days",
    "2026-01-05 plus 10 business days",
    "9999-12-31 plus 1 day",
    "add 1 month and 1 day to 2026-01-31",
    "what date is next Friday?",
    "is 1500 a leap year?",
    "is 2024 not a leap year?",
    "is 2024 or 2025 a leap year?",
    "what week is 2026-01-01?",
    "what ISO week is 2026?",
    "iso week of 2026-02-30",
    "how many days in February?",
    "how many days in September 1752?",
    "days between 1752-09-02 and 1752-09-14",
    "is 2026-01-05 a holiday?",
    "what happened on 1969-07-20?",
    "tomorrow",
    "in 3 days",
    "how many months between 2026-01-31 and 2026-02-28?",
    "how many days between 2024-02-28 and 2024-03-01 and 2024-03-05",
    "how many hours between 2026-03-28 and 2026-03-29?",
    "2026-01-05",
    "is it Monday or Tuesday?",
    "the day after the release",
)


def answer(asked: Asked) -> Found | None:
    """One question about the calendar."""
    text = plain(asked.text)
    if len(text) > 200 or not HINT.search(text):
        return None
    for words, pattern, meant in _FORMS:
        if any(word in text for word in words.split("|")) and (found := re.fullmatch(pattern, text)):
            said = meant(asked, *(group for group in found.groups() if group is not None))
            if said is not None:
                return said
    return None


def _plural(count: int, unit: str) -> str:
    return f"{count} {unit}{'' if count == 1 else 's'}"


def _between(asked: Asked, unit: str, first: str, second: str) -> Found | None:
    return _distance(asked, unit, first, second, either_way=True)


def _from_to(asked: Asked, unit: str, first: str, second: str) -> Found | None:
    return _distance(asked, unit, first, second, either_way=False)


def _distance(asked: Asked, unit: str, first: str, second: str, *, either_way: bool) -> Found | None:
    from swarmctl.edges.exact.days import day

    start, end = day(first, asked), day(second, asked)
    if start is None or end is None or (end < start and not either_way):
        return None
    start, end = min(start, end), max(start, end)
    count = (end - start).days
    proof = f"date -d '{start} +{count} days' +%F says {end}"
    unit = unit.removesuffix("s")
    if unit == "day":
        return Found(_plural(count, "day"), proof)
    if unit == "week":
        weeks, rest = divmod(count, 7)
        return Found(_plural(weeks, "week") + (f" and {_plural(rest, 'day')}" if rest else ""), proof)
    months = (end.year - start.year) * 12 + end.month - start.month
    if start.day != end.day or start.day > 28 or (unit == "year" and months % 12):
        return None
    done = months // 12 if unit == "year" else months
    return Found(_plural(done, unit), f"{start} +{_plural(done, unit)} = {end}")


def _until(asked: Asked, unit: str, text: str) -> Found | None:
    return _distance(asked, unit, "today", text, either_way=False)


def _since(asked: Asked, unit: str, text: str) -> Found | None:
    return _distance(asked, unit, text, "today", either_way=False)


def _minus(asked: Asked, later: str, earlier: str) -> Found | None:
    return _distance(asked, "day", earlier, later, either_way=False)


def _weekday(asked: Asked, text: str = "today") -> Found | None:
    from swarmctl.edges.exact.days import WEEKDAYS, day

    found = day(text, asked)
    return None if found is None else Found(WEEKDAYS[found.weekday()], f"LC_ALL=C date -d {found} +%A")


def _is_weekday(asked: Asked, text: str, name: str) -> Found | None:
    said = _weekday(asked, "today" if text == "it" else text)
    return (
        None if said is None else Found("yes" if said.answer.lower() == name else "no", f"{said.proof}: {said.answer}")
    )


def _date(asked: Asked, text: str = "today") -> Found | None:
    from swarmctl.edges.exact.days import named

    found = named(text.removesuffix("'s"), asked)
    return None if found is None else Found(str(found), f"the clock says {asked.now:.0f} s after 1970, in {asked.zone}")


def _moved(asked: Asked, text: str) -> Found | None:
    from swarmctl.edges.exact.days import moved

    found = moved(text, asked)
    return None if found is None else Found(str(found[0]), found[1])


def _next_to(asked: Asked, side: str, text: str) -> Found | None:
    return _moved(asked, f"1 day {side} {text}")


def _ahead(asked: Asked, span: str) -> Found | None:
    return _moved(asked, f"{span} after today")


def _ago(asked: Asked, span: str) -> Found | None:
    return _moved(asked, f"{span} before today")


def _leap(asked: Asked, text: str) -> Found | None:
    from swarmctl.edges.exact.days import today

    now = today(asked)
    if text in ("this year", "next year"):
        if now is None:
            return None
        year = now.year + (text == "next year")
    else:
        year = int(text)
    if not 1600 <= year <= 9999:
        return None
    for by, leap in ((400, True), (100, False), (4, True)):
        if year % by == 0:
            return Found(
                "yes" if leap else "no", f"{year} = {by}*{year // by}; every {by}th is {'' if leap else 'not '}one"
            )
    return Found("no", f"{year} = 4*{year // 4} + {year % 4}")


def _iso_week(asked: Asked, text: str = "today") -> Found | None:
    from swarmctl.edges.exact.days import day

    if (found := day(text, asked)) is None:
        return None
    year, week, _ = found.isocalendar()
    return Found(f"{year}-W{week:02d}", f"date -d {found} +%G-W%V")


def _day_of_year(asked: Asked, text: str = "today") -> Found | None:
    from swarmctl.edges.exact.days import day

    found = day(text, asked)
    return None if found is None else Found(str(found.timetuple().tm_yday), f"date -d {found} +%j")


def _length(_: Asked, text: str) -> Found | None:
    from calendar import isleap, monthrange

    from swarmctl.edges.exact.days import FIRST_YEAR, month_of

    if found := re.fullmatch("(?:the year )?([0-9]{4})", text):
        year = int(found[1])
        if year < FIRST_YEAR:
            return None
        return Found(f"{366 if isleap(year) else 365} days", f"date -d {year}-12-31 +%j")
    if (month := month_of(text)) is None:
        return None
    last = monthrange(*month)[1]
    return Found(f"{last} days", f"{month[0]}-{month[1]:02d}-{last} is its last day")


_SPAN = r"((?:[0-9]+|[a-z]+(?:[ -][a-z]+)?) (?:day|week|month|year|fortnight)s?)"
_UNIT = r"(days?|weeks?|months?|years?)"
_SHORT = r"(days?|weeks?)"
_COUNT = r"(?:how many |number of |count (?:the )?|count of )?"
_ARE = r"(?: is it| are there| were there| are| were| lie| is there)?"
_WEEKDAY = r"(?:day of (?:the )?week|weekday|week day)"
_WHAT_DAY = rf"(?:on )?(?:what|which) (?:{_WEEKDAY}|day)"
_IS = r"(?: is| was| will be)"
_DATE_IS = r"(?:(?:what|which) date(?: is| was| will be)(?: it)?|(?:what was the )?date)"
_PLUS = r"(?:add|subtract) .+|.+ ?\+ ?.+|.+ plus .+|.+ (?:minus|-) .+"
_ISO = r"iso(?: calendar)? week(?: number)?"
_WHICH = r"(?:what|which)"
_NAMES = r"(monday|tuesday|wednesday|thursday|friday|saturday|sunday)"
_ONE = r"(today|tomorrow|yesterday|(?:the )?day after tomorrow|(?:the )?day before yesterday)"
_FORMS: tuple[tuple[str, str, Callable[..., Found | None]], ...] = (
    ("between", rf"{_COUNT}{_UNIT}{_ARE} between (.+?) and (.+)", _between),
    ("from", rf"{_COUNT}{_UNIT}{_ARE} from (.+?) (?:to|until|till) (.+)", _from_to),
    (" until| till", rf"{_COUNT}{_SHORT}(?: is it| are there| are left| left| remain)? (?:until|till) (.+)", _until),
    ("since", rf"{_COUNT}{_SHORT}(?: have passed| has it been| is it| passed)? since (.+)", _since),
    ("day ", r"(?:(?:what|which) date is )?(?:the )?day (after|before) (.+)", _next_to),
    ("ago", rf"how many {_SHORT} ago (?:was|is) (.+)", _since),
    ("-|minus", r"(.+) (?:minus|-) (.+)", _minus),
    ("it", rf"{_WHAT_DAY}{_IS} (?:it|it today)", _weekday),
    ("is |was |will |does |did ", rf"{_WHAT_DAY}(?:{_IS}|does|did|will) (.+?)(?: fall| fall on| be| on)?", _weekday),
    ("does |did |will ", rf"{_WHAT_DAY} (?:does|did|will) (.+?)(?: fall| fall on| be| be on| land on)", _weekday),
    ("week|day of", rf"{_WEEKDAY}(?: of| for| on)? (.+)", _weekday),
    ("day", rf"(?:is|was|will) (.+?)(?: be)?(?: on)?(?: a)? {_NAMES}", _is_weekday),
    ("date", r"today's date|date(?: today)?|current date|(?:what|which) date is it(?: today| now)?", _date),
    ("date", rf"(?:{_WHICH} date{_IS}|date|what (?:is|was|will be) the date) {_ONE}", _date),
    ("date", r"(tomorrow's|yesterday's) date", _date),
    ("after|from|before", rf"(?:{_DATE_IS} )?({_SPAN[1:-1]} (?:after|from|before) .+)", _moved),
    ("add|subtract|+|plus|-|minus", rf"(?:what date is )?({_PLUS})", _moved),
    ("in ", rf"(?:{_WHICH} date (?:is|will) it(?: be)?|what will the date be|date) in {_SPAN}", _ahead),
    ("ago", rf"(?:(?:what|which) date was(?: it)?|what was the date|date) {_SPAN} ago", _ago),
    ("leap", r"(?:is|was) (?:(?:the )?year )?([0-9]{4}|this year|next year) a leap year", _leap),
    ("leap", r"will (?:the year )?([0-9]{4}|next year) be a leap year", _leap),
    ("iso", rf"{_WHICH} {_ISO} is (?:it|it today|it now)|current {_ISO}", _iso_week),
    ("iso", rf"{_WHICH} {_ISO} (?:is|was) (.+?)(?: in)?", _iso_week),
    ("iso", rf"{_ISO}(?: of| for) (.+)", _iso_week),
    ("year", r"(?:what|which) day of the year is (?:it|it today)", _day_of_year),
    ("year", r"(?:(?:what|which) )?day of (?:the )?year(?: of| for| is| was) (.+)", _day_of_year),
    ("days", r"(?:how many |number of )?days(?: are| were| will be)?(?: there)? in (.+)", _length),
    ("have", r"how many days (?:does|did|will) (.+) have", _length),
)  # fmt: skip
