"""Whether an answer says what the right one says: by value, by date, by parts in any order; for examinations only.

It never forgives another value, another unit or a rounding that does not say that it is one.
"""

from __future__ import annotations

import re
from fractions import Fraction

_WORDS = ("yes", "no", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)(?:[ t](\d\d:\d\d)(?::00)?)?", re.ASCII)
_VALUE = r"([-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:/0*[1-9]\d*)?)"
_UNIT = r"(?: ?([a-z°%][^≈]*?))?"
_FIGURE = re.compile(rf"{_VALUE}{_UNIT}(?: ?≈ ?-?[\d.]+{_UNIT})?", re.ASCII)
_NEAR = re.compile(rf"≈ ?(-?\d+(?:\.(\d+))?){_UNIT}", re.ASCII)
_SAME_UNITS = (
    "km kilometer kilometre kilometers kilometres",
    "m meter metre meters metres",
    "cm centimeter centimetre centimeters centimetres",
    "mm millimeter millimetre millimeters millimetres",
    "in inch inches",
    "ft foot feet",
    "g gram grams",
    "kg kilogram kilograms",
    "lb lbs pound pounds",
    "oz ounce ounces",
    "s sec second seconds",
    "min minute minutes",
    "h hour hours",
    "d day days",
    "week weeks",
    "byte bytes b",
    "bit bits",
    "l liter litre liters litres",
    "ml milliliter millilitre milliliters millilitres",
    "k kelvin",
    "°c c celsius",
    "°f f fahrenheit",
)
_UNITS = {name: names.split()[0] for names in _SAME_UNITS for name in names.split()}


def agrees(answer: str, *right: str) -> bool:
    """With one of the forms of the right answer."""
    return any(_same(_folded(answer), _folded(form)) for form in right)


def _folded(text: str) -> str:
    return " ".join(text.casefold().split()).removesuffix(".")


def _same(answer: str, form: str) -> bool:
    if answer == form:
        return True
    if form in _WORDS:
        return re.match(rf"{form}\b", answer) is not None
    if moment := _MOMENT.fullmatch(form):
        found = _MOMENT.findall(answer)
        return len(found) == 1 and found[0] == (moment[1], moment[2] or found[0][1])
    if figure := _FIGURE.fullmatch(form):
        return _same_figure(answer, _value(figure[1]), _unit(figure[2]))
    return _parts(answer) == _parts(form)


def _value(text: str) -> Fraction:
    above, _, below = text.replace(",", "").partition("/")
    return Fraction(above) / int(below or 1)


def _unit(text: str | None) -> str:
    return _UNITS.get(text or "", text or "")


def _same_figure(answer: str, right: Fraction, its_unit: str) -> bool:
    """A unit may be left out, not changed."""
    if figure := _FIGURE.fullmatch(answer):
        named = figure[2] or figure[3]
        return _value(figure[1]) == right and (not named or _unit(named) == its_unit)
    near = _NEAR.fullmatch(answer)
    if near is None or (near[3] and _unit(near[3]) != its_unit):
        return False
    return abs(Fraction(near[1]) - right) <= Fraction(1, 2 * 10 ** len(near[2] or ""))


def _parts(text: str) -> list[str]:
    """`x = 2 or x = 3`, `1, 2, 3`."""
    apart = re.sub(r"\s(?:or|and)\s|[,;]\s", "|", text).replace("**", "^").replace("\u00d7", "*")
    return sorted(part for part in re.sub(r"\s+", "", apart).split("|") if part)
