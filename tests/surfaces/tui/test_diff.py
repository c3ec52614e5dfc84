"""The diff screen: what a session changed, what a person says of it, and what they saw of it before."""

from __future__ import annotations

from pathlib import Path

from swarmctl.app.looked import looked_at
from tests.surfaces.tui.stage import Scene, Stage, play
from tests.surfaces.tui.work import at_work, finished, known

CODE = "def answer() -> int:\n    return 42\n"


def edited(stage: Stage) -> Path:
    worktree = at_work(stage, "s1", "Answer twice")
    (worktree / "app.py").write_text("def answer() -> int:\n    return 43\n")
    (worktree / "README.md").unlink()
    (worktree / "docs").mkdir()
    (worktree / "docs" / "new.md").write_text("fresh\n")
    return worktree


def test_the_work_of_a_running_session_is_shown_file_by_file(stage: Stage) -> None:
    edited(stage)

    async def act(scene: Scene) -> None:
        await scene.shows("Answer twice")
        await scene.press("d")
        text = await scene.shows("3 files +2 −2", "new.md", "fresh")
        assert "A new.md" in text and "D README.md" in text and "M app.py" in text
        await scene.press("end")
        await scene.shows("-     return 42", "+     return 43")
        await scene.press("q")
        await scene.shows("Answer twice", "new", "attach")

    play(stage, act)


def test_what_was_looked_at_is_remembered_and_the_second_look_can_show_only_what_came_after(stage: Stage) -> None:
    worktree = edited(stage)

    async def act(scene: Scene) -> None:
        await scene.shows("Answer twice")
        await scene.press("d")
        await scene.shows("3 files", "fresh")
        await scene.press("l")
        await scene.shows("you look at it for the first time")
        await scene.press("q")
        await scene.until(lambda: looked_at(stage.place.paths, known(stage, "s1")).tree, "the look to be noted")
        (worktree / "docs" / "new.md").write_text("fresh\nlater\n")
        await scene.press("d")
        await scene.shows("3 files", "1 changed since you looked")
        await scene.press("l")
        text = await scene.shows("1 file +1 −0", "+ later")
        assert "app.py" not in text
        await scene.press("l")
        await scene.shows("3 files +3 −2")

    play(stage, act)


def test_a_comment_stands_at_its_line_and_outlives_the_screen(stage: Stage) -> None:
    edited(stage)

    async def act(scene: Scene) -> None:
        await scene.shows("Answer twice")
        await scene.press("d")
        await scene.shows("3 files", "fresh")
        await scene.press("S")
        await scene.shows("no comment is written yet")
        await scene.press("end", "n")
        await scene.shows("+     return 43")
        await scene.press("enter", "end", "c")
        await scene.shows("app.py:2  return 43")
        await scene.press(*"why", "ctrl+s")
        await scene.shows("✎ why", "1 to send")
        await scene.press("q")
        await scene.press("d")
        await scene.shows("1 to send", "✎1")
        (comment,) = looked_at(stage.place.paths, known(stage, "s1")).comments
        assert (comment.path, comment.line, comment.removed, comment.quote) == ("app.py", 2, False, "return 43")

    play(stage, act)


def test_two_sides_need_room_and_a_narrow_terminal_says_so(stage: Stage) -> None:
    edited(stage)

    async def act(scene: Scene) -> None:
        await scene.shows("Answer twice")
        await scene.press("d")
        await scene.shows("3 files", "fresh")
        await scene.press("v")
        await scene.shows("two sides need 120")
        await scene.pilot.resize_terminal(120, 40)
        await scene.press("end", "v")
        text = await scene.shows("│   2 +     return 43")
        assert any("return 42" in line and "return 43" in line for line in text.splitlines())
        await scene.pilot.resize_terminal(90, 30)
        await scene.lacks("│   2 +")

    play(stage, act, (100, 30))


def test_finished_work_is_read_from_its_head(stage: Stage) -> None:
    edited(stage)
    finished(stage, "s1")

    async def act(scene: Scene) -> None:
        await scene.shows("Answer twice")
        await scene.press("d")
        await scene.shows("3 files +2 −2")

    play(stage, act)
