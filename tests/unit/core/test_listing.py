"""Nothing is left out of a list without a word."""

from __future__ import annotations

from swarmctl.core.listing import in_short, shortened


def test_as_many_as_may_be_named_are_named() -> None:
    assert in_short(["a", "b"], 2) == "a, b"
    assert shortened(["a", "b"], 2) == ("a", "b")
    assert (in_short([]), shortened([], 2)) == ("", ())


def test_of_more_it_is_said_how_many() -> None:
    assert in_short(["a", "b", "c", "d"], 2) == "a, b and 2 more"
    assert shortened(["a", "b", "c", "d"], 2) == ("a", "b", "and 2 more")
