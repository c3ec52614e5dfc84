"""When a limit ends, as agents and their providers say it: epochs, dates, clock times and spans. Pure.

A clock time is the next one after it was said; what lies too far ahead to be true is not believed.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from swarmctl.core.values import dataclass

FARTHEST_S = 40 * 86400.0
MINUTE_S = 60.0
"""A time without seconds is only over when its minute is."""
UNITS = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
EPOCH = re.compile(r"(?<![\d.])([12]\d{9})(\d{3})?(?!\d)")
ISO = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?")
SPAN = re.compile(
    r"(\d+(?:\.\d+)?) ?(days?|d|hours?|hrs?|hr|h|minutes?|mins?|min|milliseconds?|ms|m|seconds?|secs?|sec|s)"
    r"(?![a-z])(?:,| and)? ?",
    re.IGNORECASE,
)
BARE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*")
DATE = re.compile(
    rf"\b({'|'.join(MONTHS)})[a-z]*\.? (\d{{1,2}})(?:st|nd|rd|th)?(?:,? (\d{{4}}))?(?=,| |$)", re.IGNORECASE
)
CLOCK = re.compile(
    r"(?<![\d:])(\d{1,2})(?::(\d\d))?(?::(\d\d))? ?([ap])\.?m\b|(?<![\d:])(\d\d?):(\d\d)(?::(\d\d))?", re.I
)
ZONE = re.compile(r"\((UTC|GMT|[A-Z][A-Za-z_]+(?:/[A-Za-z_+-]+)+)\)")


def moment_of(value: object, at: float, zone: tzinfo | None = None) -> float | None:
    """Seconds since the epoch, of a field or of words said at `at`; None when they name no time to wait for."""
    if isinstance(value, bool):
        return None
    try:
        if isinstance(value, int | float):
            found = _number(float(value), at)
        else:
            found = _words(value, at, zone) if isinstance(value, str) else None
    except (ValueError, OverflowError, OSError):
        return None  # No calendar has it.
    return found if found is not None and found <= at + FARTHEST_S else None


def _number(value: float, at: float) -> float | None:
    """An epoch in seconds or milliseconds, or seconds from now."""
    if not value > 0:
        return None
    if value > 1e11:
        return value / 1000
    return value if value > 1e9 else at + value


def _words(text: str, at: float, zone: tzinfo | None) -> float | None:
    if bare := BARE.fullmatch(text):
        return _number(float(bare[1]), at)
    if epoch := EPOCH.search(text):
        return float(epoch[1])
    if iso := ISO.search(text):
        return _iso(iso[0], zone)
    date, clock = DATE.search(text), CLOCK.search(text)
    if clock and not (date is None and _span(text)):
        return _on_the_clock(text, date, clock, datetime.fromtimestamp(at, _zone_in(text) or zone or _local(at)))
    if span := _span(text):
        return at + span
    if date:
        return _on_the_clock(text, date, None, datetime.fromtimestamp(at, _zone_in(text) or zone or _local(at)))
    return None


def _iso(text: str, zone: tzinfo | None) -> float | None:
    try:
        found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=zone)).timestamp()


def _span(text: str) -> float:
    """The first run of numbers with units; 0 when there is none."""
    found = SPAN.search(text)
    total, end = 0.0, found.start() if found else 0
    while found is not None and found.start() == end:
        unit = found[2].lower()
        total += float(found[1]) * UNITS["ms" if unit.startswith(("ms", "milli")) else unit[0]]
        end = found.end()
        found = SPAN.search(text, end)
    return total


def _local(at: float) -> tzinfo | None:
    return datetime.fromtimestamp(at).astimezone().tzinfo


def _zone_in(text: str) -> tzinfo | None:
    found = ZONE.search(text)
    if found is None or found[1] in ("UTC", "GMT"):
        return UTC if found else None
    try:
        return ZoneInfo(found[1])
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


@dataclass(frozen=True, slots=True)
class _Time:
    hour: int
    minute: int
    second: int | None


def _on_the_clock(text: str, date: re.Match[str] | None, clock: re.Match[str] | None, now: datetime) -> float | None:
    time = _time(clock) if clock else _Time(0, 0, 0)
    try:
        then = now.replace(hour=time.hour, minute=time.minute, second=time.second or 0, microsecond=0)
        if date is not None:
            year = int(date[3]) if date[3] else now.year
            then = then.replace(year=year, month=MONTHS.index(date[1].lower()) + 1, day=int(date[2]))
    except ValueError:
        return None
    late = timedelta(seconds=0 if time.second is not None else MINUTE_S)
    if then + late <= now and date is None:
        then = (then + timedelta(days=1)).replace(tzinfo=now.tzinfo)
    elif then + late <= now and date is not None and not date[3]:
        then = then.replace(year=then.year + 1)
    return (then + late).timestamp()


def _time(clock: re.Match[str]) -> _Time:
    if clock[4]:
        hour = int(clock[1]) % 12 + (12 if clock[4].lower() == "p" else 0)
        return _Time(hour, int(clock[2] or 0), int(clock[3]) if clock[3] else None)
    return _Time(int(clock[5]), int(clock[6]), int(clock[7]) if clock[7] else None)
