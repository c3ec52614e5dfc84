"""Units by the names that people give them, each with its exact size; a name that two units share is not here.

So no `ton`, no bare `gallon`, no `KB`, no `nm`, no month: what they are depends on who says it.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Unit:
    kind: str
    size: Fraction
    """In the first unit of its kind."""
    symbol: str
    names: tuple[str, ...]
    """Letter for letter; those of four letters and more in any case."""


# kind; then symbol = size: other names. A word that ends in `*` may have an s.
_TABLE = """
length
m = 1: metre* meter*
km = 1000: KM Km kilometre* kilometer* kms
dm = 1/10: decimetre* decimeter*
cm = 1/100: centimetre* centimeter* cms
mm = 1/1000: millimetre* millimeter*
\u00b5m = 1/1000000: um micrometre* micrometer* micron*
nanometres = 1/1000000000: nanometre* nanometer*
in = 0.0254: inch inches
ft = 0.3048: foot feet
yd = 0.9144: yard* yds
mi = 1609.344: mile*
nmi = 1852: nautical_mile*
mass
kg = 1: KG Kg kilogram* kilo kilos kgs
g = 1/1000: gram* gramme*
mg = 1/1000000: milligram*
\u00b5g = 1/1000000000: microgram* ug mcg
t = 1000: tonne* metric_ton*
lb = 0.45359237: lbs pound*
oz = 0.028349523125: ounce*
time
s = 1: sec secs second*
ms = 1/1000: millisecond* msec
\u00b5s = 1/1000000: us microsecond*
ns = 1/1000000000: nanosecond*
min = 60: mins minute*
h = 3600: hr hrs hour*
days = 86400: day d
weeks = 604800: week
fortnights = 1209600: fortnight
data
bits = 1: bit
bytes = 8: byte B
kB = 8000: kilobyte*
MB = 8000000: megabyte*
GB = 8000000000: gigabyte*
TB = 8000000000000: terabyte*
PB = 8000000000000000: petabyte*
KiB = 8192: kibibyte*
MiB = 8388608: mebibyte*
GiB = 8589934592: gibibyte*
TiB = 8796093022208: tebibyte*
PiB = 9007199254740992: pebibyte*
kbit = 1000: kilobit*
Mbit = 1000000: Mb megabit*
Gbit = 1000000000: Gb gigabit*
rate
bit/s = 1: bps
kbit/s = 1000: kbps
Mbit/s = 1000000: Mbps Mb/s
Gbit/s = 1000000000: Gbps Gb/s
kB/s = 8000:
MB/s = 8000000: MBps
GB/s = 8000000000: GBps
MiB/s = 8388608:
GiB/s = 8589934592:
volume
L = 1: l litre* liter*
ml = 1/1000: mL millilitre* milliliter* cm3 cm\u00b3 cubic_centimetre* cubic_centimeter*
cl = 1/100: cL centilitre* centiliter*
dl = 1/10: dL decilitre* deciliter*
m\u00b3 = 1000: m3 cubic_metre* cubic_meter*
US_gallons = 3.785411784: US_gallon US_gal
imperial_gallons = 4.54609: imperial_gallon UK_gallon*
US_pints = 0.473176473: US_pint
imperial_pints = 0.56826125: imperial_pint UK_pint*
area
m\u00b2 = 1: m2 sqm square_metre* square_meter*
km\u00b2 = 1000000: km2 square_kilometre* square_kilometer*
cm\u00b2 = 1/10000: cm2 square_centimetre* square_centimeter*
ha = 10000: hectare*
acres = 4046.8564224: acre
ft\u00b2 = 0.09290304: ft2 sqft sq_ft square_foot square_feet
in\u00b2 = 0.00064516: in2 square_inch square_inches
mi\u00b2 = 2589988.110336: square_mile*
speed
m/s = 1: metre*_per_second meter*_per_second
km/h = 5/18: kmh kph kilometre*_per_hour kilometer*_per_hour
mph = 0.44704: mi/h mile*_per_hour
knots = 463/900: knot kn
ft/s = 0.3048: foot_per_second feet_per_second
energy
J = 1: joule*
kJ = 1000: kilojoule*
MJ = 1000000: megajoule*
Wh = 3600: watt_hour* watt-hour*
kWh = 3600000: kilowatt_hour* kilowatt-hour*
power
W = 1: watt*
kW = 1000: kilowatt*
MW = 1000000: megawatt*
pressure
Pa = 1: pascal*
hPa = 100: hectopascal*
kPa = 1000: kilopascal*
MPa = 1000000: megapascal*
bar = 100000: bars
mbar = 100: millibar*
atm = 101325: atmosphere*
frequency
Hz = 1: hertz
kHz = 1000: kilohertz
MHz = 1000000: megahertz
GHz = 1000000000: gigahertz
temperature
K = 1: kelvin* degree*_kelvin
\u00b0C = 1: C celsius degree*_celsius centigrade degree*_centigrade degree*_C deg_C \u00b0_C
\u00b0F = 5/9: F fahrenheit degree*_fahrenheit degree*_F deg_F \u00b0_F
"""
_ABOVE_ZERO = {"K": Fraction(0), "\u00b0C": Fraction("273.15"), "\u00b0F": Fraction("459.67")}
FOLLOWED_BY = {("ft", "in"), ("h", "min"), ("min", "s"), ("lb", "oz"), ("days", "h"), ("weeks", "days"), ("m", "cm")}
"""What may be said together as one measure, as `5 feet 11 inches`."""


def _read() -> dict[str, Unit]:
    known: dict[str, Unit] = {}
    kind = ""
    for line in _TABLE.strip().splitlines():
        head, _, tail = line.partition(" = ")
        if not tail:
            kind = head
            continue
        size, _, names = tail.partition(":")
        symbol = head.replace("_", " ")
        every = (symbol, *(form for name in names.split() for form in _forms(name.replace("_", " "))))
        unit = Unit(kind, Fraction(size.strip()), symbol, every)
        known |= {name if len(name) < 4 else name.lower(): unit for name in every}
        known |= {name: unit for name in every}
    return known


def _forms(name: str) -> tuple[str, ...]:
    return (name.replace("*", ""), name.replace("*", "s")) if "*" in name else (name,)


_UNITS = _read()


def unit(text: str) -> Unit | None:
    """By a symbol as it is written, or by a word in any case."""
    known = _UNITS.get(text)
    if known is None and len(text) >= 4 and text.replace("-", "").replace(" ", "").isalpha():
        known = _UNITS.get(text.lower())
        if known and not any(name.lower() == text.lower() and name.islower() for name in known.names):
            return None if not text.lower().startswith(("us ", "uk ", "degree", "deg ")) else known
    return known


def with_unit(value: Fraction, text: str, unit: Unit) -> str:
    """`1 byte`, `2 bytes`, `5 m/s`."""
    one = value == 1 and len(unit.symbol) > 3
    return f"{text} {unit.symbol.removesuffix('s') if one else unit.symbol}"


def converted(value: Fraction, source: Unit, target: Unit) -> tuple[Fraction, str] | None:
    """The value in the other unit, and how it comes about; None below the absolute zero."""
    from swarmctl.edges.exact.figures import exactly, shown

    if source.kind != "temperature":
        done = value * source.size / target.size
        base = next(each.symbol for each in _UNITS.values() if each.kind == source.kind and each.size == 1)
        sizes = [
            f"{with_unit(Fraction(1), '1', each)} = {exactly(each.size)} {base}"
            for each in (source, target)
            if each.symbol != base
        ]
        return done, "; ".join([*sizes, f"{exactly(value)}*{_in(source.size)}/{_in(target.size)} = {shown(done)}"])
    up, down = _ABOVE_ZERO[source.symbol], _ABOVE_ZERO[target.symbol]
    if value + up < 0:
        return None
    done = (value + up) * source.size / target.size - down
    given, ratio = exactly(value), exactly(source.size / target.size)
    return done, f"({given} + {exactly(up)})*{ratio} - {exactly(down)} = {shown(done)}"


def _in(size: Fraction) -> str:
    from swarmctl.edges.exact.figures import exactly

    text = exactly(size)
    return f"({text})" if "/" in text else text
