"""Screen manifests: a rule holds only inside its region, in order, and an unknown screen is unknown."""

from __future__ import annotations

import re

import pytest

from swarmctl.core.screen import Manifest, Region, Rule, ScreenReader, TitleRule, read_screen, word_of
from swarmctl.core.session import State

MANIFEST = Manifest(
    version=1,
    regions={"bottom": Region(last=3), "above": Region(last=2, skip=1)},
    rules=(
        Rule(State.BLOCKED, "bottom", kind="permission", all=(r"^Allow\?$", r"yes / no"), none=(r"esc to stop",)),
        Rule(State.WORKING, "bottom", any=(r"esc to stop", r"Thinking")),
        Rule(State.IDLE, "above", all=(r"^> $|^>$",), why="the composer is empty"),
    ),
    titles=(TitleRule(State.WORKING, "^[⠁-⣿] "), TitleRule(State.IDLE, "^✳")),
)


def test_the_first_rule_that_holds_decides_and_shows_its_line() -> None:
    reading = read_screen(MANIFEST, "hello\n\nAllow?\nyes / no\n\n")

    assert reading is not None
    assert (reading.state, reading.kind, reading.line) == (State.BLOCKED, "permission", "Allow?")


def test_prose_outside_the_region_says_nothing() -> None:
    text = "It says: esc to stop\nAllow?\nyes / no\nmore\nprose\n>\nfooter\n"

    reading = read_screen(MANIFEST, text)

    assert reading is not None
    assert (reading.state, reading.line) == (State.IDLE, "the composer is empty")


def test_every_all_is_needed_and_no_none_may_be_there() -> None:
    assert read_screen(MANIFEST, "Allow?\n") is None
    working = read_screen(MANIFEST, "Allow?\nyes / no\nesc to stop\n")
    assert working is not None
    assert working.state is State.WORKING


def test_an_unknown_or_empty_screen_is_not_idle() -> None:
    assert read_screen(MANIFEST, "") is None
    assert read_screen(MANIFEST, "something new\n") is None


def test_titles_are_read_by_their_own_rules() -> None:
    reader = ScreenReader(MANIFEST)
    working, idle = reader.title("⠂ topic"), reader.title("✳ topic")

    assert working is not None
    assert idle is not None
    assert (working.state, idle.state) == (State.WORKING, State.IDLE)
    assert reader.title("host") is None


def test_a_screen_that_is_read_again_and_again_says_what_it_says_at_first_sight() -> None:
    screens = ["> \n", "Allow?\nyes / no\n", "Thinking 1\nfooter", "top\nThinking 1\nfooter", "", "Thinking 2\nfooter"]
    reader = ScreenReader(MANIFEST)

    for text in [*screens, *reversed(screens), *screens]:
        assert reader.read(text) == read_screen(MANIFEST, text)


@pytest.mark.parametrize(
    ("pattern", "word"),
    [
        (r"^claude --resume [0-9a-f-]{36}(?:\nPane is dead.*)?\Z", "claude --resume "),
        (r"^ +(# )?1\. Yes\?", "1. Yes?"),
        (r"^─{20}.*\n#.*\n", "#"),
        (r"colou?r", "colo"),
        (r"ab*c+d{2}ef", "ef"),
        (r"this|that", ""),
        (r"(this|that) one", " one"),
        (r"[]x]y[^]z]", "y"),
        (r"a{b", "b"),
        (r"(?i)word", ""),
        (r"\x41word", ""),
        (r"\d\w\s", ""),
    ],
)
def test_a_word_that_every_match_holds_is_found_in_a_pattern(pattern: str, word: str) -> None:
    assert word_of(pattern) == word


@pytest.mark.parametrize(
    "text", ["color", "colour", "cdddef", "cddef", "abbccddef", "]y", "xy[", "a{b", "that one", "1. Yes?"]
)
def test_what_a_pattern_matches_holds_its_word(text: str) -> None:
    patterns = [r"colou?r", r"a*b*c+d{2}ef", r"[]x]y[^]z]?", r"a{b", r"(this|that) one", r"^ *(# )?1\. Yes\?"]
    matching = [pattern for pattern in patterns if re.search(pattern, text)]

    assert all(word_of(pattern) in text for pattern in matching)
