"""The five fields of a cron line as crontab(5) has them: which minutes it means, and in which words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
          "November", "December")  # fmt: skip
DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day", 1, 31), ("month", 1, 12), ("weekday", 0, 7))
NAMED = {"@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * 0",
         "@monthly": "0 0 1 * *", "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *"}  # fmt: skip
YEARS = 30
_PART = re.compile(r"(?:(?P<all>\*)|(?P<low>\w+)(?:-(?P<high>\w+))?)(?:/(?P<step>\d+))?")


@dataclass(frozen=True)
class Schedule:
    fields: tuple[frozenset[int], ...]
    words: tuple[str, ...]

    def on(self, day: datetime) -> bool:
        """Either of day and weekday is enough when neither begins with a star, else both must be so."""
        if day.month not in self.fields[3]:
            return False
        here, weekday = day.day in self.fields[2], day.isoweekday() % 7 in self.fields[4]
        if self.words[2].startswith("*") or self.words[4].startswith("*"):
            return here and weekday
        return here or weekday


def read(line: str) -> Schedule | None:
    """None when it is not five plain fields; what only some crons know is not plain."""
    words = tuple(NAMED.get(line.lower(), line).upper().split())
    if len(words) != 5:
        return None
    fields = [_field(word, place) for place, word in enumerate(words)]
    known = tuple(field for field in fields if field)
    return Schedule(known, words) if len(known) == 5 else None


def _field(word: str, place: int) -> frozenset[int] | None:
    _, least, most = FIELDS[place]
    found: set[int] = set()
    for part in word.split(","):
        match = _PART.fullmatch(part)
        if not match:
            return None
        low = least if match["all"] else _number(match["low"], place)
        high = (most if place < 4 else 6) if match["all"] else _number(match["high"] or match["low"], place)
        step = int(match["step"] or 1)
        if low is None or high is None or not least <= low <= high <= most or not 1 <= step <= most:
            return None
        if match["step"] and not match["all"] and not match["high"]:
            return None
        found |= set(range(low, high + 1, step))
    return frozenset(number % 7 for number in found) if place == 4 else frozenset(found)


def _number(word: str, place: int) -> int | None:
    if word.isdecimal() and len(word) <= 2:
        return int(word)
    names = {3: MONTHS, 4: DAYS}.get(place, ())
    short = [name[:3].upper() for name in names]
    return short.index(word) + (place == 3) if word in short else None


def runs(schedule: Schedule, now: float, zone: str, count: int) -> list[datetime] | None:
    """The next times after now; fewer when there are no more, None when a clock change is in the way."""
    place = ZoneInfo(zone)
    here = datetime.fromtimestamp(now, place).replace(tzinfo=None)
    found: list[datetime] = []
    day = here.replace(hour=0, minute=0, second=0, microsecond=0)
    last = day + timedelta(days=366 * YEARS)
    while day < last and len(found) < count:
        if schedule.on(day):
            times = (
                day.replace(hour=h, minute=m) for h in sorted(schedule.fields[1]) for m in sorted(schedule.fields[0])
            )
            found += [time for time in times if time > here]
        day += timedelta(days=1)
    found = found[:count]
    if any(_unclear(time, place) for time in found) or _changes(here, found, place):
        return None
    return found


def _unclear(time: datetime, zone: ZoneInfo) -> bool:
    """Whether the clock shows it twice, or never."""
    offsets = {time.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1)}
    return len(offsets) > 1


def _changes(here: datetime, found: list[datetime], zone: ZoneInfo) -> bool:
    """Whether now itself is an hour that the clock shows twice."""
    return bool(found) and _unclear(here, zone)


def meaning(schedule: Schedule) -> str:
    minutes, hours, days, months, weekdays = schedule.words
    text = _clock(schedule)
    when: list[str] = []
    if days != "*":
        when.append("on day " + _listed(days, schedule.fields[2], None) + " of the month")
    if weekdays != "*":
        when.append("on " + _listed(weekdays, schedule.fields[4], DAYS))
    both = not (days.startswith("*") or weekdays.startswith("*"))
    if when:
        text += ", " + (" or " if both else " and ").join(when)
    if months != "*":
        text += ", in " + _listed(months, schedule.fields[3], ("", *MONTHS))
    if text.startswith("at") and not when and months == "*" and hours != "*" and minutes != "*":
        text += ", every day"
    return text


def _clock(schedule: Schedule) -> str:
    minutes, hours = schedule.words[:2]
    if re.fullmatch(r"\d+(,\d+)*", minutes) and re.fullmatch(r"\d+(,\d+)*", hours):
        times = [
            f"{hour:02}:{minute:02}" for hour in sorted(schedule.fields[1]) for minute in sorted(schedule.fields[0])
        ]
        if len(times) <= 6:
            return "at " + _and(times)
    if minutes == "*":
        text = "every minute"
    elif step := re.fullmatch(r"\*/(\d+)", minutes):
        even = 60 % int(step[1]) == 0
        text = f"every {step[1]} minutes" if even else "at minute " + _listed(minutes, schedule.fields[0], None)
    elif minutes == "0" and hours == "*":
        return "every hour, at minute 0"
    else:
        text = "at minute " + _listed(minutes, schedule.fields[0], None)
    return text if hours == "*" and minutes.startswith("*") else text + _of_hours(schedule)


def _of_hours(schedule: Schedule) -> str:
    hours = schedule.words[1]
    if hours == "*":
        return " of every hour"
    step = re.fullmatch(r"\*/(\d+)", hours)
    if step and 24 % int(step[1]) == 0:
        return f" of every {step[1]} hours, from 00:00"
    return " of hour " + _listed(hours, schedule.fields[1], None)


def _listed(word: str, numbers: frozenset[int], names: tuple[str, ...] | None) -> str:
    def named(number: int) -> str:
        return names[number] if names else str(number)

    ordered = sorted(numbers)
    span = re.fullmatch(r"\w+-\w+", word)
    if span and len(ordered) > 2 and ordered[-1] - ordered[0] == len(ordered) - 1:
        return f"{named(ordered[0])} to {named(ordered[-1])}"
    return _and([named(number) for number in ordered])


def _and(words: list[str]) -> str:
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1]
