"""What a new task will start is said before it is sent: how many, by whom, and whether they have to wait."""

from __future__ import annotations

import pytest

from swarmctl.app.offers import Offer, Offers
from swarmctl.core.agent import Profile
from swarmctl.surfaces.tui.crew import names_of
from swarmctl.surfaces.tui.start_words import NOBODY, SHELL, start_words, waiting_words


def offer(name: str, why_not: str = "", notice: str = "") -> Offer:
    return Offer(
        name, 5, f"The {name}", "1.2", why_not, notice, Profile(name, "", 5, (), (), (), (), None, "none", (), "")
    )


FOUND = Offers(
    (offer("claude"), offer("aider", notice="no key"), offer("codex", "codex is not installed")),
    "auto",
    "claude",
    ("main",),
    False,
    4,
)


@pytest.mark.parametrize(
    ("names", "attempts", "busy", "words"),
    [
        ((), 1, 0, "1 session: claude · The claude, level 5 · 1.2 · the best that is installed"),
        (("claude",), 1, 4, "1 session: claude · it waits for a place, 4 of 4 taken · The claude, level 5 · 1.2"),
        (("claude", "aider"), 1, 0, "2 sessions: claude, aider · you pick the one to land · ! aider: no key"),
        (
            ("claude",),
            6,
            0,
            "6 sessions: 6 claude · 4 at a time · you pick the one to land · The claude, level 5 · 1.2",
        ),
        ((SHELL,), 2, 0, "2 sessions: 2 shell · you pick the one to land"),
    ],
)
def test_what_can_be_started_is_counted(names: tuple[str, ...], attempts: int, busy: int, words: str) -> None:
    assert start_words(names, attempts, FOUND, busy) == (words, True)


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (("claude", "codex"), "✗ codex  codex is not installed"),
        (("no\x1bsuch",), "✗ no such  no agent of that name is known here"),
    ],
)
def test_what_cannot_be_started_says_why(names: tuple[str, ...], words: str) -> None:
    assert start_words(names, 1, FOUND, 0) == (words, False)


def test_a_default_that_needs_no_program_is_counted_by_its_name() -> None:
    found = Offers((), "fake", "fake", (), False, 4)
    assert start_words((), 1, found, 0) == ("1 session: fake", True)


def test_where_no_agent_is_installed_it_is_said_how_to_go_on() -> None:
    assert start_words((), 1, Offers((), "auto", "", (), False, 4), 0) == (NOBODY, False)


@pytest.mark.parametrize(
    ("count", "busy", "most", "words"),
    [
        (4, 0, 4, ""),
        (5, 0, 4, "4 at a time"),
        (3, 2, 4, "1 waits for a place, 2 of 4 taken"),
        (4, 2, 4, "2 wait for a place, 2 of 4 taken"),
        (2, 9, 4, "all wait for a place, 4 of 4 taken"),
    ],
)
def test_who_has_to_wait_is_counted(count: int, busy: int, most: int, words: str) -> None:
    assert waiting_words(count, busy, most) == words


def test_agents_are_named_as_on_the_command_line_each_once() -> None:
    assert names_of(" claude , codex,,claude ") == ("claude", "codex")
    assert names_of("") == ()
