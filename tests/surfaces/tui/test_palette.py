"""The palette: every command and every key by its name, what a command prints, and how it ended."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from textual.widgets import Input, Log

from swarmctl.app.verbs import Verb, without_colours
from swarmctl.surfaces.tui.palette import AskLine, found_deed, found_for
from swarmctl.surfaces.tui.verb_page import VerbPage, end_words
from swarmctl.surfaces.words.verbs import VERBS
from tests.surfaces.tui.stage import Scene, Stage, play


async def typed(scene: Scene, words: str) -> None:
    await scene.press(*("space" if char == " " else char for char in words))


async def called(scene: Scene, words: str) -> None:
    await scene.press("ctrl+p")
    await scene.shows("Search for commands")
    await typed(scene, words)
    await scene.shows(f"swarmctl {words}")
    await scene.press("enter")


def test_it_has_every_command_the_keys_and_the_themes(stage: Stage) -> None:
    async def act(scene: Scene) -> None:
        await scene.press("ctrl+p")
        await scene.shows("Give an agent a task.", *(f"swarmctl {verb.name} " for verb in VERBS), "theme nord")

    play(stage, act, size=(120, 140))


def test_what_only_looks_runs_at_once_on_the_selected_session(stage: Stage) -> None:
    stage.ready("redy1")

    async def act(scene: Scene) -> None:
        await scene.shows("Task redy1")
        await called(scene, "show redy1")
        await scene.shows("$ swarmctl show redy1", "swarm/redy1", "✓ done")

    play(stage, act)


def test_what_acts_asks_for_what_it_lacks_in_one_line_and_a_bad_end_is_named(stage: Stage) -> None:
    stage.ready("redy1")

    async def act(scene: Scene) -> None:
        await scene.shows("Task redy1")
        await called(scene, "handoff redy1")
        await scene.shows("swarmctl handoff ID --agent NAME", "Give a session to another agent.")
        line = scene.app.screen.query_one(Input)
        assert line.value == "handoff redy1 " and line.cursor_position == len(line.value)
        line.value = "handoff redy1 --agent 'nosuch"
        await scene.press("enter")
        await scene.shows("not a line of words yet")
        assert isinstance(scene.app.screen, AskLine)
        line.value = "swarmctl handoff redy1 --agent"
        await scene.press("enter")
        await scene.shows("✗ ended with 2: usage", "hint:")
        await scene.press("escape")
        await scene.until(lambda: scene.app.screen is scene.app.home, "the list")

    play(stage, act)


def test_leaving_ends_what_goes_on_printing(stage: Stage, tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        page = VerbPage(("demo", "--nosuch"))
        scene.app.push_screen(page)
        await scene.shows("✗ ended with 2: usage")
        assert page.query_one(Log).line_count > 1

    play(stage, act)
    verb = Verb(("statusline", "--help"), tmp_path)
    verb.end()
    assert "".join(verb.output()) == "" or verb.rc() == 0
    assert verb.rc() in (-15, 0)


def test_a_command_prints_without_colours_and_what_it_starts_has_the_terminal_of_the_person(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.delenv("NO_COLOR", raising=False)
    given = without_colours(os.environ, 80)
    assert given["TERM"] == "xterm-256color" and "NO_COLOR" not in given
    assert without_colours({"NO_COLOR": "1"}, 0)["NO_COLOR"] == "1", "of a person who wants none"
    verb = Verb(("run", "--help"), tmp_path, 80)
    said = "".join(verb.output())
    assert verb.rc() == 0 and "--exec" in said and "\x1b" not in said


def test_what_cannot_be_done_now_is_not_offered_and_says_why_when_it_is_looked_for(stage: Stage) -> None:
    async def act(scene: Scene) -> None:
        await scene.press("ctrl+p")
        await scene.shows("Give an agent a task.")
        assert "Land it through the queue" not in scene.text
        await typed(scene, "merge")
        await scene.shows("not now: no session is selected")

    play(stage, act)


def test_brackets_and_marks_are_shown_as_they_are() -> None:
    line = found_deed("x", "[red]stop[/]", "[b]", "", lambda: None).line((7,))
    assert line.plain.startswith("x      [red]stop[/]") and line.plain.endswith("[b]")


@pytest.mark.parametrize(
    ("rc", "words"),
    [(0, "✓ done"), (5, "✗ ended with 5: waiting"), (-15, "✗ ended by signal 15"), (99, "✗ ended with 99")],
)
def test_an_end_is_named(rc: int, words: str) -> None:
    assert end_words(rc) == words


def test_a_command_stands_with_the_session_where_it_takes_one(stage: Stage) -> None:
    by_name = {verb.name: verb for verb in VERBS}

    async def act(scene: Scene) -> None:
        home = scene.app.home
        assert found_for(home, by_name["merge"], "abcde").words == "swarmctl merge abcde"
        assert found_for(home, by_name["merge"], "").words == "swarmctl merge ID"
        assert found_for(home, by_name["run"], "abcde").words == 'swarmctl run "TASK"…'

    play(stage, act)


def test_on_another_screen_it_has_the_keys_of_that_one(stage: Stage) -> None:
    async def act(scene: Scene) -> None:
        await scene.press("g")
        await scene.until(lambda: scene.app.screen is not scene.app.home, "the queue")
        await scene.press("ctrl+p")
        await scene.shows("Search for commands", "Back to where you came from.", "swarmctl doctor")
        assert "Give an agent a task." not in scene.text

    play(stage, act)
