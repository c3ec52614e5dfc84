"""An end in failure says what is wrong and what to do, and quotes nothing that nobody expected."""

from __future__ import annotations

from swarmctl.core.troubles import Trouble, ended_badly

KNOWN = (
    Trouble("Not logged in|auth method", "it is not logged in", "log in"),
    Trouble("ENOTFOUND", "it does not reach its model", "is the network there?"),
)


def test_its_own_last_words_are_looked_at_first_and_quoted() -> None:
    said = ended_badly("the agent gave up", KNOWN, "Not logged in · Please run /login", "ENOTFOUND")
    assert said == (
        "the agent gave up: it is not logged in (Not logged in · Please run /login); log in; its work is kept"
    )


def test_of_what_it_showed_only_the_expected_words_are_quoted() -> None:
    shown = "key=sk-secret\nPlease set an\nauth method in sk-secret\n"
    assert ended_badly("the agent ended with code 41", KNOWN, "", shown) == (
        "the agent ended with code 41: it is not logged in (auth method); log in; its work is kept"
    )


def test_what_nobody_expected_is_told_as_before() -> None:
    assert ended_badly("the agent ended with code 1", KNOWN, "", "a secret") == (
        "the agent ended with code 1; its work is kept"
    )
    assert ended_badly("the agent gave up", (), "no idea", "ENOTFOUND") == (
        "the agent gave up; it said: no idea; its work is kept"
    )


def test_words_far_above_the_end_are_not_its_last() -> None:
    assert "not logged in" not in ended_badly("it ended", KNOWN, "", "Not logged in" + "." * 4000)
