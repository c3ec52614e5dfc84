"""What is said of whole numbers, versions, cron lines and formulas agrees with a slower way to find it."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, settings, strategies as st

from swarmctl.edges.exact import crontab, primes, truth
from swarmctl.edges.exact.ranges import allowed, compared, version

FEW = settings(max_examples=60, deadline=None)
NOW = 1772618550.0


@FEW
@given(st.integers(0, 5000))
def test_a_prime_has_no_smaller_divisor(number: int) -> None:
    slowly = number > 1 and all(number % each for each in range(2, number))
    assert primes.is_prime(number) == slowly


@FEW
@given(st.integers(1, 10**18))
def test_factors_are_prime_and_make_the_number(number: int) -> None:
    parts = primes.factors(number)
    assert parts is not None
    product = 1
    for prime, times in parts.items():
        assert primes.is_prime(prime)
        product *= prime**times
    assert product == number


def test_the_product_of_two_large_primes_is_taken_apart() -> None:
    assert primes.factors(999999937 * 999999929) == {999999929: 1, 999999937: 1}
    assert primes.factors(10**18 + 1) is None


VERSIONS = st.tuples(st.integers(0, 12), st.integers(0, 12), st.integers(0, 12))


@FEW
@given(VERSIONS, VERSIONS)
def test_versions_are_in_the_order_of_their_numbers(one: tuple[int, int, int], other: tuple[int, int, int]) -> None:
    left, right = (version(".".join(map(str, each))) for each in (one, other))
    assert left and right
    assert compared(left, right) == (one > other) - (one < other)


@FEW
@given(VERSIONS, VERSIONS)
def test_a_caret_keeps_the_first_number_that_is_not_zero(low: tuple[int, int, int], it: tuple[int, int, int]) -> None:
    wanted = version(".".join(map(str, it)))
    assert wanted
    place = next((index for index, number in enumerate(low) if number), 2)
    said = allowed("^" + ".".join(map(str, low)), wanted)
    assert said and said[0] == (it >= low and it[: place + 1] == low[: place + 1])


def test_pre_releases_are_in_the_order_of_semver() -> None:
    names = [
        "1.0.0-alpha",
        "1.0.0-alpha.1",
        "1.0.0-alpha.beta",
        "1.0.0-beta",
        "1.0.0-beta.2",
        "1.0.0-beta.11",
        "1.0.0-rc.1",
        "1.0.0",
    ]
    every = [version(name) for name in names]
    for left, right in pairwise(every):
        assert left and right and compared(left, right) == -1


LINES = ("*/7 3-5 * * 1-5", "0 0 13 * 5", "5,10 */6 1-7 */2 *", "59 23 * 2 *", "0 12 */10 * MON", "30 6 * JAN-MAR sun")


@FEW
@given(st.sampled_from(LINES), st.integers(0, 200_000))
def test_the_next_run_is_the_first_minute_that_fits(line: str, later: int) -> None:
    schedule = crontab.read(line)
    assert schedule
    found = crontab.runs(schedule, NOW + later * 60, "UTC", 1)
    assert found
    here = datetime.fromtimestamp(NOW + later * 60, ZoneInfo("UTC")).replace(tzinfo=None, second=0, microsecond=0)
    minute = here + timedelta(minutes=1)
    while not fits(schedule, minute):
        minute += (
            timedelta(minutes=1)
            if schedule.on(minute)
            else timedelta(days=1, hours=-minute.hour, minutes=-minute.minute)
        )
    assert found == [minute]


def fits(schedule: crontab.Schedule, minute: datetime) -> bool:
    return minute.minute in schedule.fields[0] and minute.hour in schedule.fields[1] and schedule.on(minute)


def test_a_run_in_an_hour_that_the_clock_skips_or_shows_twice_is_not_said() -> None:
    schedule = crontab.read("30 2 * * *")
    assert schedule
    berlin = ZoneInfo("Europe/Berlin")
    for day in (datetime(2026, 3, 28, 12, tzinfo=berlin), datetime(2026, 10, 24, 12, tzinfo=berlin)):
        assert crontab.runs(schedule, day.timestamp(), "Europe/Berlin", 1) is None


def joined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    both = st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda each: f"({' '.join(each)})")
    return both | inner.map(lambda each: f"(not {each})")


@FEW
@given(st.recursive(st.sampled_from(["p", "q", "r", "True", "False"]), joined, max_leaves=8))
def test_formulas_mean_what_python_means_by_them(text: str) -> None:
    formula = truth.parsed(text)
    assert formula is not None
    for values in truth.cases(formula.letters):
        meant: bool = eval(text, {**values})
        assert formula.holds(values) == meant
