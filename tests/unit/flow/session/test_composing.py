"""What is typed when: one paste into a free composer, Enter where the text stands, and no word more than was seen."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from swarmctl.core.errors import UsageFault
from swarmctl.core.keyboard import Composer, Sight, read_composer, typable
from swarmctl.edges.agents.reader import read_agent
from swarmctl.flow.session.composing import (
    AGAIN_S,
    AGREE_S,
    CLEARED_S,
    LOCKED_S,
    MOST_ENTERS,
    READ_S,
    SEEN_S,
    SETTLED_S,
    SIGN_S,
    WORD_S,
    Act,
    Course,
    Ended,
    NotReady,
    Shown,
    Text,
    View,
    heard_in,
    next_act,
    text_for,
    view_of,
)
from tests.real.screen_files import Screen, all_screens

ROOT = Path(__file__).resolve().parents[4]
AGENTS = {
    name: read_agent((ROOT / "agents" / f"{name}.yaml").read_text(), name)
    for name in ("claude", "codex", "gemini", "opencode")
}
BOX = Composer(r"^> (.*)\Z")
TEXT = Text("go on", BOX)
TELLS = Text("go on", BOX, tells=True)
EMPTY, OURS = View(Shown.EMPTY, screen=""), View(Shown.OURS, screen="go on")
QUESTION = View(Shown.UNSEEN, question=True, screen="?")
LITTLE = 0.01


def seen(course: Course, view: View, at: float) -> Course:
    course.saw(view, at)
    return course


def pasted(view: View = EMPTY, at: float = 1.0) -> Course:
    course = seen(Course(began=0.0), EMPTY, 0.5)
    course.did(Act.PASTE, at)
    return seen(course, view, at)


def entered(after: View, *, at: float = 2.0, enters: int = 1, works: bool = False) -> Course:
    course = seen(pasted(), replace(OURS, works=works), 1.5)
    for _ in range(enters):
        course.did(Act.ENTER, at)
    return seen(course, after, at)


def test_an_empty_composer_is_pasted_into_once_two_looks_agree() -> None:
    course = seen(Course(began=0.0), EMPTY, 0.0)
    assert next_act(course, TEXT) is Act.WAIT
    assert next_act(seen(course, EMPTY, AGREE_S), TEXT) is Act.PASTE


@pytest.mark.parametrize(
    "view",
    [
        QUESTION,
        View(Shown.OTHER, screen="x"),
        View(Shown.OURS, screen="x"),
        View(Shown.UNSEEN, screen=""),
        View(Shown.EMPTY, alive=False),
    ],
)
def test_nothing_is_pasted_into_anything_else(view: View) -> None:
    course = seen(seen(Course(began=0.0), view, 0.0), view, 1000.0)
    found = next_act(course, TEXT)
    assert isinstance(found, NotReady) and found.why


def test_where_its_composer_is_not_to_be_seen_a_person_is_sent_to_its_terminal() -> None:
    view = View(Shown.UNSEEN, screen="Go on? (y/n)")
    found = next_act(seen(Course(began=0.0), view, 0.0), TEXT)
    assert isinstance(found, NotReady) and found.hint == "swarmctl attach {id}"


def test_a_line_that_the_terminal_would_cut_is_not_pasted() -> None:
    course = seen(Course(began=0.0), View(Shown.UNSEEN, edits=True), 1.0)
    assert isinstance(next_act(course, Text("x" * 4096)), NotReady)
    assert next_act(course, Text("x" * 4095)) is Act.PASTE


def test_enter_comes_a_moment_after_the_text_stands_there() -> None:
    course = seen(pasted(), OURS, 2.0)
    assert next_act(course, TEXT) is Act.WAIT
    assert next_act(seen(course, OURS, 2.0 + SETTLED_S + LITTLE), TEXT) is Act.ENTER


def test_a_text_is_never_pasted_twice_however_long_nothing_shows() -> None:
    course, at, acts = pasted(), 1.0, []
    for _ in range(3000):
        at += 0.05
        act = next_act(seen(course, EMPTY, at), TEXT)
        if isinstance(act, Ended):
            break
        acts.append(act)
        if act is Act.ENTER:
            assert at - 1.0 >= SEEN_S
            course.did(act, at)
    assert Act.PASTE not in acts and acts.count(Act.ENTER) == 1
    assert isinstance(act, Ended) and act.fate == "unconfirmed"


def test_no_enter_is_pressed_into_a_question_that_came_up_meanwhile() -> None:
    course = seen(seen(pasted(), OURS, 2.0), QUESTION, 3.0)
    assert next_act(course, TEXT) is Act.WAIT
    found = next_act(seen(course, QUESTION, 3.0 + LOCKED_S), TEXT)
    assert isinstance(found, Ended) and found.fate == "unconfirmed" and "question" in found.why
    again = seen(entered(OURS), replace(QUESTION, shown=Shown.OURS), 2.0 + AGAIN_S * 2)
    assert next_act(again, TEXT) is Act.WAIT


def test_what_nobody_reads_waits_and_is_then_left() -> None:
    unread = View(Shown.EMPTY, unread=True, screen="")
    course = seen(pasted(), unread, 1.0 + READ_S - LITTLE)
    assert next_act(course, TEXT) is Act.WAIT
    found = next_act(seen(course, unread, 1.0 + READ_S), TEXT)
    assert found == Ended("unconfirmed", "its agent does not read what is typed")


def test_an_enter_that_was_swallowed_is_pressed_again_where_the_text_still_stands() -> None:
    for enters in range(1, MOST_ENTERS):
        course = entered(OURS, enters=enters)
        assert next_act(seen(course, OURS, 2.0 + AGAIN_S - LITTLE), TEXT) is Act.WAIT
        assert next_act(seen(course, OURS, 2.0 + AGAIN_S), TEXT) is Act.ENTER
    last = next_act(seen(entered(OURS, enters=MOST_ENTERS), OURS, 2.0 + SIGN_S), TEXT)
    assert isinstance(last, Ended) and last.fate == "unconfirmed"


def test_a_cleared_composer_is_a_delivery_or_a_place_in_the_agents_own_queue() -> None:
    course = entered(EMPTY)
    assert next_act(course, TEXT) is Act.WAIT
    cleared = 2.0 + CLEARED_S + LITTLE
    assert next_act(seen(course, EMPTY, cleared), TEXT) == Ended("delivered", "its composer was cleared")
    busy = seen(entered(EMPTY, works=True), EMPTY, cleared)
    assert next_act(busy, TEXT) == Ended("queued", "its agent took it while it works")


def test_an_agent_that_tells_of_its_turns_is_waited_for() -> None:
    course = seen(entered(EMPTY), EMPTY, 2.0 + CLEARED_S + LITTLE)
    assert next_act(course, TELLS) is Act.WAIT
    assert isinstance(next_act(seen(course, EMPTY, 2.0 + WORD_S), TELLS), Ended)
    told = next_act(seen(course, replace(EMPTY, heard="the text"), 2.5), TELLS)
    assert isinstance(told, Ended) and told.fate == "delivered" and "turn" in told.why


def test_the_begin_of_some_turn_counts_only_for_an_agent_that_was_at_rest() -> None:
    some = replace(OURS, heard="a turn")
    assert next_act(seen(pasted(), some, 1.1), TELLS) is Act.WAIT
    assert next_act(seen(entered(OURS, works=True), some, 2.1), TELLS) is Act.WAIT
    assert isinstance(next_act(seen(entered(OURS), some, 2.1), TELLS), Ended)


def test_a_composer_that_was_never_seen_to_hold_the_text_proves_nothing_by_being_empty() -> None:
    course = pasted()
    course.did(Act.ENTER, 20.0)
    assert next_act(seen(course, EMPTY, 20.0 + CLEARED_S), TEXT) is Act.WAIT
    found = next_act(seen(course, EMPTY, 20.0 + SIGN_S), TEXT)
    assert found == Ended("unconfirmed", "nothing shows that its agent took it")


def test_an_agent_that_ends_meanwhile_leaves_it_unconfirmed() -> None:
    found = next_act(seen(entered(EMPTY), View(Shown.UNSEEN, alive=False), 3.0), TEXT)
    assert isinstance(found, Ended) and found.fate == "unconfirmed"


def test_of_a_program_without_an_interface_it_counts_that_its_terminal_was_read() -> None:
    plain, read = Text("go on"), View(Shown.UNSEEN, screen="")
    course = seen(entered(read), read, 2.0 + SETTLED_S + LITTLE)
    assert next_act(course, plain) == Ended("delivered", "its terminal was read")
    lines = replace(read, unread=True, edits=True)
    found = next_act(seen(entered(lines), lines, 4.0), plain)
    assert isinstance(found, Ended) and found.fate == "queued"


def test_the_begin_of_a_turn_speaks_of_the_text_that_it_names() -> None:
    assert heard_in([json.dumps({"prompt": "please\ngo on"})], TELLS) == "the text"
    assert heard_in([json.dumps({"prompt": "something else"})], TELLS) == ""
    assert heard_in(['{"torn": "pay'], TELLS) == "a turn"
    assert heard_in([], TELLS) == ""


@pytest.mark.parametrize(
    "text", ["a\x1b[201~\rrm -rf .", "\x1b", "a\rb", "\x9b31m", "bell\x07", "\x00", "back\x08", "\x7f"]
)
def test_what_would_be_a_key_is_no_text(text: str) -> None:
    with pytest.raises(UsageFault, match="control characters"):
        typable(text)


def test_lines_tabs_and_every_letter_are_text() -> None:
    assert typable("-é\tb\r\n猫👩‍👩‍👧\u202e") == "-é\tb\n猫👩‍👩‍👧\u202e"
    with pytest.raises(UsageFault, match="UTF-8"):
        typable("caf\udce9")


@pytest.mark.parametrize("screen", all_screens(), ids=lambda screen: f"{screen.name}-{screen.state}")
def test_the_composers_of_real_agents_are_seen_where_they_take_a_text_and_nowhere_else(screen: Screen) -> None:
    text = text_for("go on", AGENTS[screen.name].profile())
    view = view_of(Sight(text=screen.text), text, "")
    if screen.state.split("-")[0] in ("permission", "question", "trust", "onboarding", "hook", "login"):
        assert view.question
    elif screen.state.split("-")[0] in ("starting", "exited"):
        assert view.shown is Shown.UNSEEN
    else:
        assert (view.shown, view.question) == (Shown.EMPTY, False)


RULE, MARK = "─" * 40, "\N{HEAVY RIGHT-POINTING ANGLE QUOTATION MARK ORNAMENT}"
CLAUDE = f"{RULE}\n{MARK} {{}}\n{RULE}\n  esc to interrupt\n"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("", Shown.EMPTY),
        ("Press up to edit queued messages", Shown.EMPTY),
        ("please go on", Shown.OURS),
        ("please\n  go on", Shown.OURS),
        ("[Pasted text #1 +20 lines]", Shown.OURS),
        ("half a thou", Shown.OTHER),
    ],
)
def test_what_stands_in_a_composer_is_told_apart(written: str, shown: Shown) -> None:
    text = text_for("please\ngo on", AGENTS["claude"].profile())
    assert view_of(Sight(text=CLAUDE.format(written)), text, "").shown is shown


def test_a_composer_that_is_not_on_the_screen_holds_nothing() -> None:
    assert read_composer(BOX, "> typed") == "typed"
    assert read_composer(BOX, "all else\n") is None


def test_a_composer_that_gives_way_to_what_enter_brought_up_has_taken_the_text() -> None:
    """A command of the agent's own opens a page of its own, of which no hook tells."""
    page = View(Shown.UNSEEN, screen="Help")
    course = entered(page)
    assert next_act(seen(course, page, 2.0 + WORD_S - LITTLE), TELLS) is Act.WAIT
    found = next_act(seen(course, page, 2.0 + WORD_S + LITTLE), TELLS)
    assert found == Ended("delivered", "its composer gave way to something else")
    late = seen(entered(page, works=True), page, 2.0 + SIGN_S)
    assert isinstance(next_act(late, TELLS), Ended) and next_act(late, TELLS) != found
