"""Searching in a diff: what is found, where the cursor goes, and how it ends."""

from __future__ import annotations

import pytest
from rich.segment import Segment
from rich.style import Style
from textual import events

from swarmctl.surfaces.tui.diff_search import Haystack, marked, spans
from swarmctl.surfaces.tui.diff_view import DiffView
from tests.surfaces.tui.stage import Scene, Stage, play
from tests.surfaces.tui.work import at_work

FOUND = Style(reverse=True)


def test_capitals_count_once_one_is_typed() -> None:
    lines = Haystack(["Return", "return", "RETURN returns", "no"])
    assert lines.places("return") == [0, 1, 2]
    assert lines.places("Return") == [0]
    assert lines.places("RE") == [2]
    assert lines.places("") == lines.places("nowhere") == []


def test_a_line_counts_once_and_no_word_reaches_into_the_next_line() -> None:
    lines = Haystack(["aa aa", "", "a", "a"])
    assert lines.places("a") == [0, 2, 3]
    assert lines.places("aaa") == []


def test_letters_that_are_two_when_they_are_small_move_nothing() -> None:
    assert Haystack(["İİİ", "İ needle", "straße"]).places("needle") == [1]
    assert list(spans("İİ Needle", "needle")) == [(3, 9)]
    assert Haystack(["straße"]).places("STRASSE") == []


def test_what_is_found_is_marked_across_the_parts_of_a_line() -> None:
    bold = Style(bold=True)
    parts = [Segment("ab", bold), Segment("cd"), Segment("ef")]
    done = marked(parts, [(1, 3), (5, 6)], FOUND)
    assert [segment.text for segment in done] == ["a", "b", "c", "d", "e", "f"]
    assert [bool(segment.style and segment.style.reverse) for segment in done] == [
        False,
        True,
        True,
        False,
        False,
        True,
    ]
    assert done[1].style and done[1].style.bold


def long_work(stage: Stage) -> None:
    worktree = at_work(stage, "s1", "Answer twice")
    lines = [f"line {number}" for number in range(100)]
    lines[20], lines[60], lines[90] = "the Needle", f"{'far ' * 60}needle", "a needle and a needle"
    (worktree / "app.py").write_text("\n".join(lines) + "\n")
    (worktree / "zebra.py").write_text("no such thing\nneedle of the other\n")


def lines_of(scene: Scene) -> DiffView:
    return scene.app.screen.query_one(DiffView)


async def searched(scene: Scene, words: str) -> None:
    await scene.shows("Answer twice")
    await scene.press("d")
    await scene.shows("2 files", "line 2")
    await scene.press("slash")
    await scene.shows("words to find in this file")
    await scene.press(*words)


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
def test_words_are_found_while_they_are_typed_and_n_goes_round(stage: Stage, size: tuple[int, int]) -> None:
    long_work(stage)

    async def act(scene: Scene) -> None:
        await searched(scene, "needl")
        await scene.shows("/needl 1/3", "the Needle")
        await scene.press("e", "enter")
        assert "words to find" not in await scene.shows("/needle 1/3")
        await scene.press("n")
        await scene.shows("/needle 2/3", "far needle")
        await scene.press("n")
        await scene.shows("/needle 3/3", "a needle and a needle")
        await scene.press("n")
        await scene.shows("/needle 1/3", "the Needle")
        await scene.press("N")
        await scene.shows("/needle 3/3")
        await scene.press("N", "j", "N")
        await scene.shows("/needle 2/3")

    play(stage, act, size)


def test_a_capital_counts_and_what_is_not_there_is_said(stage: Stage) -> None:
    long_work(stage)

    async def act(scene: Scene) -> None:
        await searched(scene, "Needle")
        await scene.shows("/Needle 1/1")
        await scene.press("x", "enter")
        await scene.shows("/Needlex not here")
        assert lines_of(scene).cursor == 1
        await scene.press("n")
        await scene.shows("nothing in this file has Needlex")

    play(stage, act)


def test_escape_while_typing_goes_back_to_where_it_began_and_later_only_ends_the_search(stage: Stage) -> None:
    long_work(stage)

    async def act(scene: Scene) -> None:
        await searched(scene, "needle")
        await scene.shows("/needle 1/3")
        await scene.press("escape")
        await scene.lacks("/needle", "words to find")
        assert lines_of(scene).cursor == 1
        await scene.press("slash", *"needle", "enter", "n")
        await scene.shows("/needle 2/3")
        at = lines_of(scene).cursor
        await scene.press("escape")
        await scene.lacks("/needle")
        assert lines_of(scene).cursor == at
        await scene.press("N")
        await scene.shows("nothing is searched for: / begins")
        await scene.press("escape")
        await scene.shows("Answer twice", "attach")

    play(stage, act)


def test_a_search_goes_on_in_the_next_file_and_n_is_the_next_change_once_it_is_over(stage: Stage) -> None:
    long_work(stage)

    async def act(scene: Scene) -> None:
        await searched(scene, "needle")
        await scene.press("enter", "J")
        await scene.shows("zebra.py   /needle 0/1", "needle of the other")
        await scene.press("n")
        await scene.shows("/needle 1/1")
        await scene.press("escape", "K")
        await scene.shows("app.py   change 1 of 1")
        await scene.press("n")
        await scene.shows("zebra.py   change 1 of 1")

    play(stage, act)


def test_it_is_the_same_beside_each_other_with_each_row_counted_once(stage: Stage) -> None:
    worktree = at_work(stage, "s1", "Answer twice")
    (worktree / "app.py").write_text("def answer() -> int:\n    return 43\n    return None\n")

    async def act(scene: Scene) -> None:
        await scene.shows("Answer twice")
        await scene.press("d")
        await scene.shows("1 file", "return None")
        await scene.press("slash", *"return", "enter")
        await scene.shows("/return 1/3")
        await scene.press("v")
        await scene.shows("│   2 +     return 43", "/return 1/2")
        await scene.press("n")
        await scene.shows("/return 2/2")
        strip = lines_of(scene).render_line(2)
        found = lines_of(scene).get_component_rich_style("diff--found").bgcolor
        assert [part.text for part in strip if part.style and part.style.bgcolor == found] == ["return"] * 2

    play(stage, act, (140, 40))


def test_a_search_that_is_typed_at_once_is_understood_as_it_was_typed(stage: Stage) -> None:
    long_work(stage)

    async def act(scene: Scene) -> None:
        await scene.shows("Answer twice")
        await scene.press("d")
        await scene.shows("2 files", "line 2")
        for key in ("slash", *"needle", "enter", "n", "n", "N"):
            scene.app.post_message(events.Key(key, key if len(key) == 1 else "/" if key == "slash" else None))
        await scene.shows("/needle 2/3", "far needle")

    play(stage, act)
