"""How many agents fit into the memory that is left."""

from __future__ import annotations

from swarmctl.core.room import SPARE, Holder, lack

MB = 1 << 20
NEEDS = {"claude": 400 * MB, "shell": 0}


def test_one_that_fits_may_start_and_one_that_does_not_has_to_wait() -> None:
    running = [Holder("claude", 400 * MB)]
    assert lack(["claude"], NEEDS, running, SPARE + 400 * MB) is None
    assert lack(["claude"], NEEDS, running, SPARE + 399 * MB) == (399 * MB, 400 * MB)


def test_the_first_one_starts_however_little_is_left() -> None:
    assert lack(["claude"], NEEDS, [], 0) is None
    assert lack(["claude", "claude"], NEEDS, [], 500 * MB) is not None


def test_those_who_have_just_begun_will_grow() -> None:
    young = [Holder("claude", 50 * MB)]
    assert lack(["claude"], NEEDS, young, SPARE + 749 * MB) == (399 * MB, 400 * MB)
    assert lack(["claude"], NEEDS, young, SPARE + 750 * MB) is None


def test_what_is_measured_counts_when_it_is_more_than_what_was_declared() -> None:
    grown = [Holder("claude", 900 * MB)]
    assert lack(["claude"], NEEDS, grown, SPARE + 500 * MB) == (500 * MB, 900 * MB)


def test_an_agent_of_unknown_need_waits_for_nothing_but_the_spare() -> None:
    assert lack(["shell"], NEEDS, [Holder("shell", 0)], SPARE) is None
    assert lack(["shell"], NEEDS, [Holder("shell", 0)], SPARE - 1) is not None
