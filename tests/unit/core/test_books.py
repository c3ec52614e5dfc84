"""The books: no interleaving of starts, words, deadlines and kills takes a scope past its cap."""

from __future__ import annotations

import pytest
from hypothesis import given, settings, strategies as st

from swarmctl.core import events as e
from swarmctl.core.ids import RunId, SessionId, TaskId
from swarmctl.core.machine import Facts, ImpossibleEvent, apply
from swarmctl.core.money import Entry, Hold, Purse, Tokens, Use
from tests.fakes.store import MemoryLog

CAP = 1_000
WORST = 300
SESSION, TASK, RUN = SessionId("s"), TaskId("t"), RunId("r")
HOLDS = (Hold("task:t", CAP), Hold("day:d", CAP), Hold("project"))


def reserved(name: str, amount: int, holds: tuple[Hold, ...] = HOLDS) -> e.Reserved:
    return e.Reserved(SESSION, name, TASK, RUN, 1, "claude", "", "d", amount, False, holds, 100.0)


def used(name: str, *micros: int | None) -> e.Used:
    return e.Used(SESSION, name, tuple(Use(f"m{at}", Tokens(1), each) for at, each in enumerate(micros)))


def settled(name: str, how: str) -> e.Settled:
    return e.Settled(SESSION, name, how)  # type: ignore[arg-type]


def told(*events: e.Event) -> Facts:
    log = MemoryLog()
    log.append(*events)
    return log.facts


def charged(facts: Facts, scope: str = "task:t") -> int:
    purse = facts.purses.get(scope)
    return purse.charged if purse else 0


def test_a_reservation_counts_in_every_scope_until_it_is_settled_by_what_was_used() -> None:
    facts = told(reserved("a", 300))
    assert {purse.held for purse in facts.purses.values()} == {300}
    facts = told(reserved("a", 300), used("a", 50), settled("a", "actual"))
    assert facts.purses["day:d"] == Purse("day:d", held=0, live=0, spent=50)
    assert facts.open == {}


def test_a_reservation_that_would_pass_a_cap_is_impossible() -> None:
    with pytest.raises(ImpossibleEvent, match="does not fit the cap of task:t"):
        told(*(reserved(name, 300) for name in "abcd"))
    assert charged(told(*(reserved(name, 300) for name in "abc"), reserved("plan", 0))) == 900


@pytest.mark.parametrize(
    ("words", "how", "charge"),
    [
        ((50,), "actual", 50),
        ((500,), "actual", 500),
        ((50, None), "actual", 300),
        ((), "unknown", 300),
        ((), "expired", 300),
        ((400,), "expired", 400),
        ((), "unused", 0),
    ],
)
def test_what_nobody_knows_counts_as_all_that_was_reserved(
    words: tuple[int | None, ...], how: str, charge: int
) -> None:
    facts = told(reserved("a", 300), used("a", *words), settled("a", how))
    assert charged(facts) == charge
    assert facts.entries["a"].is_unknown == (None in words or how in ("unknown", "expired"))


def test_a_word_that_comes_after_the_deadline_corrects_the_full_price_once() -> None:
    late = (reserved("a", 300), settled("a", "expired"), used("a", 40), settled("a", "actual"))
    assert charged(told(*late)) == 40
    with pytest.raises(ImpossibleEvent, match="not open"):
        told(*late, settled("a", "actual"))


@pytest.mark.parametrize("again", [reserved("a", 1), used("b", 1), settled("b", "actual")])
def test_nothing_is_reserved_twice_or_settled_unreserved(again: e.Event) -> None:
    with pytest.raises(ImpossibleEvent):
        told(reserved("a", 300), again)


STEPS = st.sampled_from(["reserve", "use", "settle", "unknown", "expire", "unused", "late", "kill"])


@given(st.lists(st.tuples(STEPS, st.integers(0, 30), st.integers(1, WORST)), max_size=80))
@settings(max_examples=200, deadline=None)
def test_no_interleaving_passes_a_cap_by_more_than_the_worst_case_of_one_start(
    steps: list[tuple[str, int, int]],
) -> None:
    """Each start uses at most what was reserved for it; a kill loses what was not written, and nothing else."""
    log = MemoryLog()
    for number, (step, which, amount) in enumerate(steps):
        facts = log.facts
        entries = (
            sorted(facts.open) if step != "late" else [n for n, it in facts.entries.items() if it.how == "expired"]
        )
        name = entries[which % len(entries)] if entries else ""
        before = list(log.read())
        try:
            for event in _events(step, f"e{number}", name, amount, facts):
                log.append(event)
        except ImpossibleEvent:
            assert step == "reserve"
            assert charged(facts) + amount > CAP
            assert list(log.read()) == before
        assert charged(log.facts) <= CAP
        _agrees_with_replay(log)


def _events(step: str, fresh: str, name: str, amount: int, facts: Facts) -> list[e.Event]:
    if step == "reserve":
        return [reserved(fresh, amount)]
    if not name:
        return []
    within = min(amount, facts.entries[name].amount)
    events: dict[str, list[e.Event]] = {
        "use": [used(name, within)],
        "kill": [used(name, within)],
        "settle": [used(name, within), settled(name, "actual")],
        "late": [used(name, within), settled(name, "actual")],
        "unknown": [settled(name, "unknown")],
        "unused": [settled(name, "unused")],
        "expire": [settled(name, "expired")],
    }
    return events[step]


def _agrees_with_replay(log: MemoryLog) -> None:
    """The rows, the events applied anew, and the sum over the entries of each scope are the same."""
    again = Facts()
    for stamped in log.read():
        for row in apply(again, stamped):
            again.put(row)
    assert (again.entries, again.purses, again.open) == (log.facts.entries, log.facts.purses, log.facts.open)
    for scope, purse in again.purses.items():
        counted = [entry for entry in again.entries.values() if scope in entry.scopes]
        assert purse.charged == sum(entry.charge for entry in counted)
        assert purse.live == sum(_live(entry) for entry in counted)


def _live(entry: Entry) -> int:
    return entry.known if entry.how == "open" else 0


@given(overshoot=st.integers(0, 5 * WORST), others=st.integers(0, 3))
@settings(max_examples=50, deadline=None)
def test_a_start_that_costs_more_than_reserved_lets_no_other_begin(overshoot: int, others: int) -> None:
    log = MemoryLog()
    log.append(*(reserved(f"o{number}", WORST) for number in range(others)), reserved("a", 100))
    log.append(used("a", 100 + overshoot))
    room = CAP - charged(log.facts)
    assert charged(log.facts) == others * WORST + 100 + overshoot
    with pytest.raises(ImpossibleEvent):
        log.append(reserved("b", max(1, room + 1)))
