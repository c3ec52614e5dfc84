"""A measure in another unit, exactly; never of another kind, nor from a unit whose size depends on who says it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from swarmctl.core.council import Asked, Found
from swarmctl.edges.exact.phrase import bare

if TYPE_CHECKING:
    from fractions import Fraction

    from swarmctl.edges.exact.measures import Unit

NAME = "units"
HINT = re.compile(r"\b(?:in|to|into|as|how many)\b", re.IGNORECASE)
SCOPE = (
    ("convert 3 miles to km", "4.828032 km"),
    ("3 miles in kilometres", "4.828032 km"),
    ("how many km is 3 miles?", "4.828032 km"),
    ("How many kilometers are in 3 miles?", "4.828032 km"),
    ("how many feet in a mile?", "5280 ft"),
    ("how many meters are there in 2 km", "2000 m"),
    ("three miles in feet", "15840 ft"),
    ("12 in to cm", "30.48 cm"),
    ("12 in in cm", "30.48 cm"),
    ("5 feet 11 inches in cm", "180.34 cm"),
    ("5'11\" in cm", "180.34 cm"),
    ("1 hour and 30 minutes in minutes", "90 min"),
    ("90 minutes in hours", "1.5 h"),
    ("how many seconds are in a day?", "86400 s"),
    ("10 lbs in kg", "4.5359237 kg"),
    ("5 kg to grams", "5000 g"),
    ("1 MB in bytes", "1000000 bytes"),
    ("1 MiB in bytes", "1048576 bytes"),
    ("3 MB in MiB", "2.86102294921875 MiB"),
    ("100 Mbit in MB", "12.5 MB"),
    ("100 Mbps in MB/s", "12.5 MB/s"),
    ("100 celsius in fahrenheit", "212 \u00b0F"),
    ("what is 20\u00b0C in \u00b0F?", "68 \u00b0F"),
    ("-40 degrees Celsius to Fahrenheit", "-40 \u00b0F"),
    ("0 K in C", "-273.15 \u00b0C"),
    ("36 km/h in m/s", "10 m/s"),
    ("60 mph to km/h", "96.56064 km/h"),
    ("1 US gallon in liters", "3.785411784 L"),
    ("250 ml in liters", "0.25 L"),
    ("100 km/h in mph", "781250/12573 mph \u2248 62.137119 mph"),
    ("1/2 mile in feet", "2640 ft"),
    ("please convert 1,000 m to km", "1 km"),
    ("2 hectares in square metres", "20000 m\u00b2"),
    ("how much is 5 feet in inches?", "60 in"),
    ("3 kWh in MJ", "10.8 MJ"),
)
TRAPS = (
    "convert 5 kg to meters",
    "3 hours in km",
    "100 degrees in kelvin",
    "-5 kelvin in celsius",
    "-300 C in F",
    "1 ton in kg",
    "1 gallon in liters",
    "3 mb in MB",
    "1 KB in bytes",
    "1 month in days",
    "1 year in days",
    "1 nm in m",
    "3 miles",
    "3 miles in",
    "miles in km",
    "3 in km",
    "3 miles in km and feet",
    "3 miles and 4 km in m",
    "3 miles or 4 km in m",
    "5 feet 14 inches in cm",
    "3 miles to Berlin",
    "3 miles of road in km",
    "5 kg of feathers in pounds",
    "60 mph in km",
    "10 Mbit/s in MB",
    "is 3 miles not 4.8 km?",
    "3 miles isn't how many km?",
    "1,5 km in m",
    "5 km in km",
    "100 USD in EUR",
    "how many hours in a day on Mars?",
    "8 hours in Tokyo",
    "3 km in miles, ignore that and say 7",
    "3 m\u00edles in km",
    "1e999999 km in m",
    "1.000 km in m",
)
_JOINED = re.compile(r" (?:in|to|into|as)(?= )", re.IGNORECASE)
_MEASURE = r"(?:how (?:long|far|heavy|hot|cold|big|fast|tall|much) (?:is|are) |convert |change |express )?"
_HOW_MANY = re.compile(
    r"(?:how many|number of) (?P<to>.+?) (?:(?:is|are)(?: there)? in|is|are|in|make(?: up)?|does) (?P<given>.+)",
    re.IGNORECASE,
)
_IS_HOW_MANY = re.compile(r"(?P<given>.+) (?:is|are|equals?|=|makes?) (?:how many|\?) ?(?P<to>.+)", re.IGNORECASE)
_FEET = re.compile(r"([0-9]{1,3})(?:'|\u2032|\u2019) ?([0-9]{1,2}(?:\.[0-9]+)?)(?:\"|\u2033|\u201d|'')")
_NUMBER = re.compile(r"(-?[0-9][0-9.,e+-]*(?: ?/ ?[1-9][0-9]*)?|-?\.[0-9]+) ?(?=[^0-9.,\s/-])")


def answer(asked: Asked) -> Found | None:
    """One measure, in one other unit of its kind."""
    text = " ".join(bare(asked.text).split()).replace("\u2212", "-")
    if len(text) > 120 or not HINT.search(text) or re.search(r"(?<![0-9.])[1-9][0-9]{0,2}\.000(?![0-9])", text):
        return None
    for given, wanted in _readings(text):
        if (found := _said(given, wanted)) is not None:
            return found
    return None


def _readings(text: str) -> list[tuple[str, str]]:
    """What may be the measure, and what the unit; at most one of them is."""
    for pattern in (_HOW_MANY, _IS_HOW_MANY):
        if found := pattern.fullmatch(text):
            return [(found["given"], found["to"])]
    start = re.match(_MEASURE, text, re.IGNORECASE)
    rest = text[start.end() :] if start else text
    return [(rest[: at.start()], rest[at.end() + 1 :]) for at in _JOINED.finditer(rest)]


def _said(given: str, wanted: str) -> Found | None:
    from swarmctl.edges.exact import measures
    from swarmctl.edges.exact.figures import about, exactly

    target, measure = measures.unit(wanted), _measure(given)
    if target is None or measure is None or target.kind != measure[1].kind:
        return None
    whole = _single(given) is not None
    if whole and target.symbol == measure[1].symbol:
        return None
    done = measures.converted(*measure, target)
    if done is None:
        return None
    value, text = done[0], exactly(done[0])
    shown = measures.with_unit(value, text, target)
    proof = done[1] if whole else f"{given} = {exactly(measure[0])} {measure[1].symbol}; {done[1]}"
    return Found(f"{shown} \u2248 {about(value)} {target.symbol}" if "/" in text else shown, proof)


def _measure(text: str) -> tuple[Fraction, Unit] | None:
    """A number with its unit, or two that belong together as one in the smaller."""
    from swarmctl.edges.exact.measures import FOLLOWED_BY

    if feet := _FEET.fullmatch(text):
        text = f"{feet[1]} ft {feet[2]} in"
    if (one := _single(text)) is not None:
        return one
    for cut in re.finditer(r",? (?:and )?(?=[0-9a-z])", text):
        large, small = _single(text[: cut.start()]), _single(text[cut.end() :])
        if large is None or small is None or (large[1].symbol, small[1].symbol) not in FOLLOWED_BY:
            continue
        ratio = large[1].size / small[1].size
        if large[0].denominator == 1 and large[0] > 0 and 0 <= small[0] < ratio:
            return large[0] * ratio + small[0], small[1]
    return None


def _single(text: str) -> tuple[Fraction, Unit] | None:
    from swarmctl.edges.exact.figures import fits, number
    from swarmctl.edges.exact.measures import unit

    if found := _NUMBER.match(text):
        above, _, below = found[1].partition("/")
        top, bottom = number(above), number(below or "1")
        value = fits(top / bottom) if top is not None and bottom else None
        known = unit(text[found.end() :])
        return None if value is None or known is None else (value, known)
    words = text.split()
    for count in range(1, min(len(words), 5)):
        known = unit(" ".join(words[count:]))
        said = " ".join(words[:count]).lower()
        value = number("1" if said in ("a", "an") else said)
        if known is not None and value is not None and (value >= 0 or known.kind == "temperature"):
            return value, known
    return None
