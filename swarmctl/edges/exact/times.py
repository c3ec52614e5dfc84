"""The time of day in one place when it is another elsewhere, and seconds since 1970; never a guess of a zone.

An hour that the clocks leave out, or have twice, is no answer; nor is a zone's short name, because they are shared.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from swarmctl.core.council import Asked, Found
from swarmctl.edges.exact.phrase import plain

if TYPE_CHECKING:
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

NAME = "times"
HINT = re.compile(r"[0-9]:[0-9]{2}|\b(?:time|unix|epoch|timestamp)\b|[0-9] ?[ap]m\b", re.IGNORECASE)
SCOPE = (
    ("what time is it in Tokyo when it is 15:00 in Berlin on 2026-01-05", "2026-01-05 23:00"),
    ("what time is it in Tokyo when it is 15:00 in Berlin on 2026-07-05?", "2026-07-05 22:00"),
    ("What time is it in New York when it's 9:30 in London on 2026-03-15?", "2026-03-15 05:30"),
    ("what time is it in Delhi when it is 3 pm in London on 5 January 2026", "2026-01-05 20:30"),
    ("what time was it in UTC when it was 12:00 in Paris on 2026-08-01?", "2026-08-01 10:00"),
    ("what time will it be in Sydney when it is 23:30 in Berlin on 2026-12-31?", "2027-01-01 09:30"),
    ("when it is 15:00 in Berlin on 2026-01-05, what time is it in Tokyo?", "2026-01-05 23:00"),
    ("if it's 8 am in Chicago on 2026-06-01, what time is it in Madrid?", "2026-06-01 15:00"),
    ("2026-01-05 15:00 Europe/Berlin in Asia/Tokyo", "2026-01-05 23:00"),
    ("2026-06-01 12:00 UTC in America/New_York", "2026-06-01 08:00"),
    ("convert 2026-06-01 12:00 UTC to Europe/Berlin", "2026-06-01 14:00"),
    ("convert 2026-01-05 08:15 from Asia/Tokyo to America/Los_Angeles", "2026-01-04 15:15"),
    ("2026-01-05 15:00 Berlin in Sydney", "2026-01-06 01:00"),
    ("2026-06-01T12:00Z in Berlin", "2026-06-01 14:00"),
    ("2026-06-01T12:00:00Z to Asia/Kolkata", "2026-06-01 17:30"),
    ("15:00 Berlin in Tokyo on 2026-01-05", "2026-01-05 23:00"),
    ("convert 15:00 in Berlin to Tokyo time on 2026-01-05", "2026-01-05 23:00"),
    ("3:15 pm in Los Angeles to UTC on 2026-01-05", "2026-01-05 23:15"),
    ("12 am in UTC in Tokyo on 2026-01-05", "2026-01-05 09:00"),
    ("12 pm in UTC in Tokyo on 2026-01-05", "2026-01-05 21:00"),
    ("2026-03-29 03:30 Europe/Berlin in UTC", "2026-03-29 01:30"),
    ("2026-01-05 15:00 UTC in Kathmandu", "2026-01-05 20:45"),
    ("what is the unix timestamp of 2026-01-01T00:00:00Z?", "1767225600"),
    ("unix time of 2026-01-01 00:00 UTC", "1767225600"),
    ("what date is unix timestamp 1700000000?", "2023-11-14 22:13:20 UTC"),
    ("unix timestamp 0 in UTC", "1970-01-01 00:00:00 UTC"),
    ("convert unix timestamp 1767225600 to UTC", "2026-01-01 00:00:00 UTC"),
)
TRAPS = (
    "what time is it in Tokyo when it is 15:00 in Berlin?",
    "what time is it in UTC when it is 02:30 in Berlin on 2026-03-29?",
    "what time is it in UTC when it is 02:30 in Berlin on 2026-10-25?",
    "2026-03-29 02:30 Europe/Berlin in UTC",
    "2026-10-25 02:30 Europe/Berlin to UTC",
    "convert 2026-03-08 02:30 America/New_York to UTC",
    "2026-01-05 15:00 CST to UTC",
    "2026-01-05 15:00 IST to UTC",
    "2026-07-05 15:00 EST to UTC",
    "2026-01-05 15:00 Springfield to UTC",
    "2026-01-05 15:00 in Berlin and Tokyo",
    "2026-01-05 25:00 UTC in Berlin",
    "2026-01-05 15:60 UTC in Berlin",
    "2026-01-05 13 pm UTC in Berlin",
    "2026-01-05 0 am UTC in Berlin",
    "2026-02-30 15:00 UTC in Berlin",
    "03/04/2026 15:00 UTC in Berlin",
    "2026-01-05 15:00 in Berlin",
    "15:00 in Berlin",
    "what time is it on Mars?",
    "what time is it not in Tokyo?",
    "what time is dinner in Tokyo?",
    "what time is it in Tokyo when it is 15:00 in Berlin on 2026-01-05 and in Rome?",
    "what time is it in Tokyo when it isn't 15:00 in Berlin on 2026-01-05",
    "what date is 1700000000?",
    "unix timestamp of 2016-12-31T23:59:60Z",
    "unix timestamp of 2026-01-01",
    "unix timestamp 99999999999999999999 in utc",
    "unix timestamp -5 in utc",
    "2026-01-05 15:00 Berlin/Europe in UTC",
    "2026-01-05 15:00 ../../etc/passwd in UTC",
    "time flies",
)
_CITIES = {
    "Europe": (
        "Amsterdam Athens Belgrade Berlin Brussels Bucharest Budapest Copenhagen Dublin Helsinki"
        " Istanbul Kyiv Lisbon London Luxembourg Madrid Moscow Oslo Paris Prague Riga Rome Sofia"
        " Stockholm Tallinn Vienna Vilnius Warsaw Zagreb Zurich"
    ),
    "America": (
        "New_York Chicago Denver Los_Angeles Phoenix Anchorage Toronto Vancouver Mexico_City Bogota Lima"
        " Sao_Paulo Caracas Halifax Montevideo"
    ),
    "Asia": (
        "Tokyo Seoul Shanghai Hong_Kong Singapore Bangkok Jakarta Manila Kolkata Karachi Dhaka Dubai"
        " Tehran Kathmandu Taipei Riyadh Baghdad Jerusalem Colombo Tashkent Kabul"
    ),
    "Australia": "Sydney Melbourne Brisbane Perth Adelaide Darwin Hobart",
    "Africa": "Cairo Lagos Nairobi Johannesburg Casablanca Algiers Accra Addis_Ababa",
    "Pacific": "Auckland Honolulu Fiji",
}
_ALSO = {
    "utc": "UTC", "gmt": "UTC", "z": "UTC", "munich": "Europe/Berlin",
    "hamburg": "Europe/Berlin", "kiev": "Europe/Kyiv",
    "frankfurt": "Europe/Berlin", "barcelona": "Europe/Madrid", "milan": "Europe/Rome", "geneva": "Europe/Zurich",
    "san francisco": "America/Los_Angeles", "seattle": "America/Los_Angeles", "boston": "America/New_York",
    "new york city": "America/New_York", "nyc": "America/New_York", "washington dc": "America/New_York",
    "beijing": "Asia/Shanghai", "delhi": "Asia/Kolkata", "new delhi": "Asia/Kolkata", "mumbai": "Asia/Kolkata",
    "bangalore": "Asia/Kolkata", "japan": "Asia/Tokyo", "india": "Asia/Kolkata", "germany": "Europe/Berlin",
    "osaka": "Asia/Tokyo", "s\u00e3o paulo": "America/Sao_Paulo", "z\u00fcrich": "Europe/Zurich",
}  # fmt: skip
_CLOCK = r"([0-9]{1,2}:[0-9]{2}(?::00)?(?: ?[ap]m\b)?|[0-9]{1,2} ?[ap]m\b)"
_PLACE = r"([^\W0-9][\w/+ -]*?)"
_ISO_DAY = r"([0-9]{4}-[0-9]{2}-[0-9]{2})"
_IT_IS = r"(?:it is|it's|its|it was|it will be)"
_DAY = r"([^,]+(?:, [0-9]{4})?)"
_THERE = r"what time (?:is|was|will) it(?: be)? in"
_INTO = rf"(?:time )?(?:in|to|into) {_PLACE}(?: time)?"
_FORMS = (
    (rf"{_THERE} {_PLACE} (?:when|if) {_IT_IS} {_CLOCK} in {_PLACE} on (.+)", "to at from on"),
    (rf"(?:(?:when|if) )?{_IT_IS} {_CLOCK} in {_PLACE} on {_DAY},? {_THERE} {_PLACE}", "at from on to"),
    (rf"(?:convert )?{_ISO_DAY}[ t]{_CLOCK} ?(?:from |in )?{_PLACE} {_INTO}", "on at from to"),
    (rf"(?:convert )?{_CLOCK} (?:from |in )?{_PLACE} {_INTO} on (.+)", "at from to on"),
    (rf"(?:convert )?{_CLOCK} (?:in )?{_PLACE} on {_DAY} {_INTO}", "at from on to"),
)
_CURRENT = rf"(?:what time is it|time|current time)(?: right)?(?: now)?(?: in {_PLACE})?(?: right)?(?: now)?"


def answer(asked: Asked) -> Found | None:
    """One moment, told by another clock."""
    text = plain(asked.text)
    if len(text) > 200 or not HINT.search(text):
        return None
    if "unix" in text or "epoch" in text:
        return _unix(text)
    if found := re.fullmatch(
        rf"(?:what time is it|time|current time)(?: right)?(?: now)?(?: in {_PLACE})?(?: right)?(?: now)?", text
    ):
        current = _now(asked, found[1]) if text != "time" else None
        if current is not None:
            return current
    for pattern, names in _FORMS:
        if found := re.fullmatch(pattern, text):
            said = _told(asked, dict(zip(names.split(), found.groups(), strict=True)))
            if said is not None:
                return said
    return None


def zone(place: str) -> str | None:
    """The name of the one zone that a place has."""
    if known := _ALSO.get(place):
        return known
    area, _, city = place.rpartition("/")
    for each, cities in _CITIES.items():
        if area in ("", each.lower()) and (name := _among(city, cities)):
            return f"{each}/{name}"
    return None


def _among(city: str, cities: str) -> str | None:
    wanted = city.replace(" ", "_")
    return next((name for name in cities.split() if name.lower() == wanted), None)


def _zone_of(name: str) -> ZoneInfo | None:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _now(asked: Asked, place: str | None) -> Found | None:
    from datetime import datetime

    name = zone(place) if place else asked.zone
    where = _zone_of(name) if name else None
    if where is None:
        return None
    now = datetime.fromtimestamp(int(asked.now), where)
    return Found(f"{now:%H:%M}", f"TZ={name} date -d @{asked.now:.0f} '+%F %H:%M'")


def _clock(text: str) -> tuple[int, int] | None:
    found = re.fullmatch(r"([0-9]{1,2})(?::([0-9]{2}))?(?::00)?(?: ?([ap])m)?", text)
    if found is None:
        return None
    hour, minute = int(found[1]), int(found[2] or 0)
    if found[3]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if found[3] == "p" else 0)
    return (hour, minute) if hour < 24 and minute < 60 else None


def _told(asked: Asked, said: dict[str, str]) -> Found | None:
    from swarmctl.edges.exact.days import named

    source, target, clock = zone(said["from"]), zone(said["to"]), _clock(said["at"])
    day = named(said["on"], asked)
    if source is None or target is None or clock is None or day is None:
        return None
    moment = _moment(day, clock, source)
    there = _zone_of(target)
    if moment is None or there is None:
        return None
    done = moment.astimezone(there)
    given = f"{moment:%Y-%m-%d %H:%M}"
    return Found(
        f"{done:%Y-%m-%d %H:%M}",
        f"{given} {source} is UTC{_offset(moment)}, {target} is UTC{_offset(done)} then;"
        f" TZ={target} date -d 'TZ=\"{source}\" {given}'",
    )


def _moment(day: date, clock: tuple[int, int], name: str) -> datetime | None:
    """None when the clocks there skip that hour, or have it twice."""
    from datetime import UTC, datetime, time

    where = _zone_of(name)
    if where is None:
        return None
    first = datetime.combine(day, time(*clock), where)
    if first.utcoffset() != first.replace(fold=1).utcoffset():
        return None
    again = first.astimezone(UTC).astimezone(where)
    return first if again.replace(tzinfo=None) == first.replace(tzinfo=None) else None


def _offset(moment: datetime) -> str:
    text = f"{moment:%z}"
    return f"{text[:3]}:{text[3:5]}"


def _unix(text: str) -> Found | None:
    from datetime import UTC, datetime

    stamp = r"(?:unix|epoch)(?: timestamp| time| epoch)?"
    if found := re.fullmatch(
        rf"{stamp}(?: of| for) {_ISO_DAY}[ t]([0-9]{{2}}):([0-9]{{2}})(?::([0-5][0-9]))? ?(?:z|utc|gmt)", text
    ):
        try:
            moment = datetime.fromisoformat(f"{found[1]}T{found[2]}:{found[3]}:{found[4] or '00'}+00:00")
        except ValueError:
            return None
        return Found(str(int(moment.timestamp())), f"date -u -d '{moment:%F %T}' +%s")
    asking = r"(?:(?:what|which) (?:date|time|date and time|moment) is |convert )?"
    if found := re.fullmatch(rf"{asking}{stamp} ([0-9]{{1,11}})(?: (?:in|to|as)(?: a date in)? (?:utc|gmt))?", text):
        if "date" not in text and "time is" not in text and "utc" not in text and "gmt" not in text:
            return None
        seconds = int(found[1])
        return Found(f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC", f"date -u -d @{seconds} '+%F %T'")
    return None
