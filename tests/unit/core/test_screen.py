"""Screen manifests: a rule holds only inside its region, in order, and an unknown screen is unknown."""

from __future__ import annotations

from swarmctl.core.screen import Manifest, Region, Rule, TitleRule, read_screen, read_title
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
    working, idle = read_title(MANIFEST, "⠂ topic"), read_title(MANIFEST, "✳ topic")

    assert working is not None
    assert idle is not None
    assert (working.state, idle.state) == (State.WORKING, State.IDLE)
    assert read_title(MANIFEST, "host") is None
