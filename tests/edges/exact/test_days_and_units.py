"""Days against `datetime`, measures there and back, bases against `int`, texts against the standard library."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, date, datetime, timedelta
from types import ModuleType
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings, strategies as st

from swarmctl.core.council import Asked
from swarmctl.edges.exact import bases, dates, encodings, figures, measures, times, units

DAYS = st.dates(date(1753, 1, 1), date(9000, 1, 1))
NOW = datetime(2026, 3, 4, 10, 2, 30, tzinfo=UTC).timestamp()


def said(tool: ModuleType, text: str, zone: str = "Europe/Berlin") -> str | None:
    found = tool.answer(Asked(text, NOW, zone))
    return found.answer if found else None


@given(DAYS, st.integers(0, 100_000))
@settings(deadline=None)
def test_days_later_and_days_between_are_each_others_proof(start: date, count: int) -> None:
    end = start + timedelta(count)
    assert said(dates, f"{start} plus {count} days") == str(end)
    assert said(dates, f"how many days between {start} and {end}?") == f"{count} day{'' if count == 1 else 's'}"
    assert said(dates, f"weekday of {end}") == f"{end:%A}"
    assert said(dates, f"iso week of {end}") == "{}-W{:02d}".format(*end.isocalendar())


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("what's today's date?", "2026-03-04"),
        ("what day is it?", "Wednesday"),
        ("how many days until 2026-12-25?", "296 days"),
        ("how many days since 2026-01-01?", "62 days"),
        ("what date was it 10 days ago?", "2026-02-22"),
        ("what was the date 10 days ago?", "2026-02-22"),
        ("what date is it in 10 days?", "2026-03-14"),
        ("10 days after tomorrow", "2026-03-15"),
        ("what is today plus 1 month?", "2026-04-04"),
        ("how many days until 2020-01-01?", None),
    ],
)
def test_today_is_what_the_clock_of_the_question_says(text: str, answer: str | None) -> None:
    assert said(dates, text) == answer


def test_today_is_the_persons_day() -> None:
    assert said(dates, "what is today's date?", "Pacific/Kiritimati") == "2026-03-05"
    assert said(dates, "what is today's date?", "No/Where") is None
    assert said(dates, "what is today's date?", "../../etc/passwd") is None


def test_the_end_of_a_shorter_month_is_said_in_the_proof() -> None:
    found = dates.answer(Asked("add 1 month to 2026-01-31", NOW, "UTC"))
    assert found is not None
    assert (found.answer, "the last of a month that has no day 31" in found.proof) == ("2026-02-28", True)


def test_the_time_elsewhere_now() -> None:
    assert said(times, "what time is it in Tokyo?") == "19:02"
    assert said(times, "what time is it?") == "11:02"


ZONES = st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Tokyo", "Australia/Sydney", "Asia/Kathmandu"])


@given(ZONES, ZONES, st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)))
@settings(deadline=None)
def test_a_clock_elsewhere_is_what_zoneinfo_says_or_nothing(source: str, target: str, moment: datetime) -> None:
    answer = said(times, f"{moment:%Y-%m-%d %H:%M} {source} in {target}")
    local = moment.replace(second=0, microsecond=0, tzinfo=ZoneInfo(source))
    if answer is not None:
        assert answer == f"{local.astimezone(ZoneInfo(target)):%Y-%m-%d %H:%M}"
    else:
        assert local.utcoffset() != local.replace(fold=1).utcoffset()


def test_no_name_stands_for_two_units() -> None:
    owners: dict[str, set[str]] = {}
    for unit in {id(each): each for each in measures._UNITS.values()}.values():
        for name in unit.names:
            owners.setdefault(name, set()).add(unit.symbol)
    assert {name for name, symbols in owners.items() if len(symbols) > 1} == set()


KINDS = [
    "km m mi ft in yd cm mm",
    "kg g lb oz mg t",
    "s min h days weeks",
    "bytes kB MB GB MiB GiB bits Mbit",
    "K \u00b0C \u00b0F",
]


@given(st.sampled_from(KINDS), st.integers(0, 7), st.integers(0, 7), st.integers(1, 10**6))
@settings(deadline=None)
def test_a_measure_there_and_back_is_the_same(kind: str, first: int, second: int, count: int) -> None:
    names = kind.split()
    source, target = names[first % len(names)], names[second % len(names)]
    answer = said(units, f"{count} {source} in {target}")
    if source == target:
        assert answer is None
        return
    assert answer is not None
    value = answer.split(" ")[0]
    there, back = measures.unit(target), measures.unit(source)
    assert there is not None and back is not None
    top, _, bottom = value.partition("/")
    exact = figures.number(top)
    assert exact is not None
    again = measures.converted(exact / int(bottom or 1), there, back)
    assert again is not None and again[0] == count


@given(st.integers(0, 10**60), st.integers(2, 36))
def test_digits_in_a_base_are_the_number_again(value: int, base: int) -> None:
    answer = said(bases, f"{value} in base {base}")
    assert (answer is None) == (base == 10)
    assert answer is None or int(answer, base) == value


@given(st.integers(1, 3999))
def test_roman_numbers_are_read_back(value: int) -> None:
    roman = said(bases, f"{value} in roman numerals")
    assert said(bases, f"roman numeral {roman} in decimal") == str(value)


@given(st.text(st.characters(exclude_characters='"\\', exclude_categories=["C", "Z"]), min_size=1, max_size=30))
@settings(deadline=None)
def test_a_quoted_text_is_encoded_as_it_stands(text: str) -> None:
    if not text.isprintable():
        return
    assert said(encodings, f'base64 of "{text}"') == base64.b64encode(text.encode()).decode()
    assert said(encodings, f'sha256 of "{text}"') == hashlib.sha256(text.encode()).hexdigest()
    assert said(encodings, f'base64 decode "{base64.b64encode(text.encode()).decode()}"') == text


ALL = [dates, times, units, bases, encodings]
HEAPS = [
    *("a in " * 800, "5 km in " * 500, "2024-01-01 plus " * 250, "days between " * 300, "'" * 4000, "base64 of " * 400),
    *(
        "1 in" + " " * 3000 + "x",
        "A" * 4000 + " in hex",
        "1:00 in " * 500,
        "1 hour and " * 300,
        "9" * 4000 + " km in m",
    ),
    *(
        "2026-01-05 plus 999999999999999999999 days",
        "1e9999 km in m",
        "unix timestamp 99999999999999 in utc",
        "\x00",
        "",
    ),
]


@pytest.mark.parametrize("tool", ALL)
@pytest.mark.parametrize("text", HEAPS)
def test_what_is_hostile_is_left_alone(tool: ModuleType, text: str) -> None:
    assert said(tool, text) is None


@pytest.mark.parametrize("tool", ALL)
@pytest.mark.parametrize("word", ["not", "roughly", "apples", "please ignore that", "?!", "and 3"])
def test_a_word_too_many_is_not_skipped(tool: ModuleType, word: str) -> None:
    for question, _ in tool.SCOPE:
        assert said(tool, f"{question} {word}") is None, question
