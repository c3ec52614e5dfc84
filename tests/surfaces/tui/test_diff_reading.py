"""What the diff screen shows when something else is asked for while it reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from swarmctl.app.looked import Comment, looked_at, note_comments, note_look
from swarmctl.core import events as e
from swarmctl.surfaces.tui import compare_reading, diff_screen
from tests.surfaces.tui.held import Held
from tests.surfaces.tui.rivals import attempt
from tests.surfaces.tui.stage import Scene, Stage, play
from tests.surfaces.tui.test_diff import Reached, edited
from tests.surfaces.tui.work import known


def seen_before(stage: Stage) -> Path:
    """Its README was taken away, and looked at, before its other changes."""
    worktree = edited(stage)
    session = known(stage, "s1")
    note_look(stage.place.paths, session, stage.place.repository.tree_of(stage.place.newest(session)), 1.0)
    (worktree / "docs" / "new.md").write_text("fresh\nlater\n")
    return worktree


async def opened(scene: Scene, *words: str) -> str:
    await scene.shows("Answer twice")
    await scene.press("d")
    return await scene.shows(*words)


def test_since_the_last_look_is_read_although_it_was_asked_for_during_another_read(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen_before(stage)
    compare = Held(monkeypatch, diff_screen, "compare")

    async def act(scene: Scene) -> None:
        await opened(scene, "3 files +3 −2")
        compare.hold()
        await scene.press("r", "l")
        await scene.until(lambda: len(compare.calls) == 2, "the second read")
        compare.let_go()
        await scene.shows("1 file +1 −0", "since you looked")
        assert "3 files" not in scene.text

    play(stage, act)


def test_asked_for_and_taken_back_during_a_read_it_shows_all_of_it(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen_before(stage)
    compare = Held(monkeypatch, diff_screen, "compare")

    async def act(scene: Scene) -> None:
        await opened(scene, "3 files +3 −2")
        compare.hold()
        await scene.press("l", "l")
        compare.let_go()
        screen = scene.app.screen
        assert isinstance(screen, diff_screen.DiffScreen)
        await scene.until(lambda: compare.done == 3 and not screen._reading._is_reading, "the third read")
        await scene.pilot.pause()
        assert "3 files +3 −2" in scene.text
        await scene.press("l")
        await scene.shows("1 file +1 −0")

    play(stage, act)


def test_a_read_that_fails_leaves_what_is_shown_and_the_key_asks_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen_before(stage)
    compare = Held(monkeypatch, diff_screen, "compare")

    async def act(scene: Scene) -> None:
        await opened(scene, "3 files +3 −2")
        compare.fails = lambda *_, **__: True
        await scene.press("l")
        await scene.shows("that cannot be read", "3 files +3 −2")
        compare.fails = lambda *_, **__: False
        await scene.press("l")
        await scene.shows("1 file +1 −0")

    play(stage, act)


def test_a_checkpoint_that_comes_during_a_read_is_read_too(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    worktree = edited(stage)
    compare = Held(monkeypatch, diff_screen, "compare")

    async def act(scene: Scene) -> None:
        await opened(scene, "3 files", "fresh")
        compare.hold()
        await scene.press("r")
        await scene.until(lambda: len(compare.calls) == 2, "the second read")
        (worktree / "more.md").write_text("more\n")
        stage.tell(e.Checkpointed(known(stage, "s1").id, "a" * 40, "end of turn"))
        screen = scene.app.screen
        assert isinstance(screen, diff_screen.DiffScreen)
        await scene.until(lambda: screen.ground.session.checkpoint, "the checkpoint")
        compare.let_go()
        await scene.shows("4 files", "more.md")

    play(stage, act)


def test_what_was_sent_during_a_read_is_not_there_to_be_sent_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    worktree = edited(stage)
    session = known(stage, "s1")
    note_comments(stage.place.paths, session, put=[Comment("app.py", 2, False, "return 43", "why?")])
    place = Reached(stage.place.repository, stage.place.paths)
    stage.place = place
    compare = Held(monkeypatch, diff_screen, "compare")

    async def act(scene: Scene) -> None:
        await opened(scene, "1 to send")
        (worktree / "more.md").write_text("more\n")
        compare.hold()
        await scene.press("r")
        await scene.until(lambda: compare.done == 2, "the second read")
        await scene.press("S")
        await scene.shows("told s1: 1 comment")
        await scene.until(lambda: not looked_at(place.paths, session).comments, "the comment to be dropped")
        compare.let_go()
        assert "to send" not in await scene.shows("4 files")

    play(stage, act)


def test_comments_are_not_sent_twice_while_they_are_dropped(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    edited(stage)
    session = known(stage, "s1")
    note_comments(stage.place.paths, session, put=[Comment("app.py", 2, False, "return 43", "why?")])
    place = Reached(stage.place.repository, stage.place.paths)
    stage.place = place
    drop = Held(monkeypatch, diff_screen, "note_comments")

    async def act(scene: Scene) -> None:
        await opened(scene, "1 to send")
        drop.hold()
        await scene.press("S")
        await scene.shows("told s1: 1 comment")
        await scene.press("S")
        await scene.shows("no comment is written yet")
        drop.let_go()
        await scene.lacks("to send")

    play(stage, act)
    assert [kind for kind, _ in place.asked] == ["send"]


def test_a_comment_that_could_not_be_dropped_stands_there_still(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    edited(stage)
    session = known(stage, "s1")
    note_comments(stage.place.paths, session, put=[Comment("app.py", 2, False, "return 43", "why?")])
    drop = Held(monkeypatch, diff_screen, "note_comments")
    drop.fails = lambda *_, **__: True

    async def act(scene: Scene) -> None:
        await opened(scene, "1 to send")
        screen = scene.app.screen
        assert isinstance(screen, diff_screen.DiffScreen)
        await scene.press("J", "J")
        await scene.shows("why?")
        screen.view.focus()
        while screen.ground.remark is None:
            assert screen.view.cursor < 20
            await scene.press("down")
        await scene.press("delete")
        await scene.shows("that cannot be read", "1 to send", "why?")

    play(stage, act)


def test_what_was_wrong_with_one_file_is_not_said_where_another_is_shown(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    edited(stage)
    read = Held(monkeypatch, diff_screen, "opened")

    async def act(scene: Scene) -> None:
        await opened(scene, "3 files", "fresh")
        read.fails = lambda _place, _comparison, change: change.new == "README.md"
        read.hold()
        await scene.press("J")
        await scene.until(lambda: len(read.calls) == 2, "the second file to be read")
        await scene.press("J")
        read.let_go()
        await scene.shows("+     return 43")
        assert "cannot be read" not in scene.text
        await scene.press("K")
        await scene.shows("that cannot be read")

    play(stage, act)


def test_what_was_wrong_with_one_attempt_is_not_said_where_another_is_shown(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one", "two"):
        attempt(stage, name, {"app.py": f"{name} = 1\n"})
    read = Held(monkeypatch, compare_reading, "opened")
    read.fails = lambda _place, _comparison, _change: len(read.calls) == 1
    read.hold()

    async def act(scene: Scene) -> None:
        await scene.shows("Answer twice")
        await scene.press("c")
        await scene.until(lambda: len(read.calls) == 1, "the first attempt to be read")
        await scene.press("right")
        read.let_go()
        shown = ("+ one = 1", "+ two = 1", "cannot be read")
        await scene.until(lambda: any(words in scene.text for words in shown), "the other attempt")
        assert "cannot be read" not in scene.text

    play(stage, act)
