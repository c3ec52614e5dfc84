"""What a terminal shows, taken apart into lines that can be drawn alone."""

from __future__ import annotations

from swarmctl.app.preview import MOST_CODES, each_alone

GREEN, BOLD, RESET = "\x1b[32m", "\x1b[1m", "\x1b[0m"


def test_a_colour_that_was_not_ended_goes_on_in_the_next_line() -> None:
    lines = [f"a {GREEN}b", "c", f"d{BOLD} e{RESET} f", "g", f"\x1b[0;1mh{GREEN}", "i\x1b[m", "j"]
    assert list(each_alone(lines)) == [
        f"a {GREEN}b",
        f"{GREEN}c",
        f"{GREEN}d{BOLD} e{RESET} f",
        f"{RESET}g",
        f"{RESET}\x1b[0;1mh{GREEN}",
        f"\x1b[0;1m{GREEN}i\x1b[m",
        "\x1b[mj",
    ]


def test_what_is_never_ended_does_not_grow() -> None:
    longest = max(map(len, each_alone([f"{GREEN}x"] * 1000)))
    assert longest <= (MOST_CODES + 1) * len(GREEN) + 1
