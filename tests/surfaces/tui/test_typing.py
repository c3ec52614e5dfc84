"""What arrives at once, as a terminal or a paste brings it, acts in its order."""

from __future__ import annotations

import pytest
from textual import events
from textual.widgets import Input

from swarmctl.surfaces.tui import home
from swarmctl.surfaces.tui.dialogs import Choose
from swarmctl.surfaces.tui.new_task import NewTask
from tests.surfaces.tui.held import Held
from tests.surfaces.tui.stage import Scene, Stage, play


def at_once(scene: Scene, *keys: str) -> None:
    """As the driver posts what came with one read."""
    for key in keys:
        scene.app.post_message(events.Key(key, key if len(key) == 1 else None))


ORDERS = [
    ("a b c d backspace backspace x y z", "abxyz"),
    ("a b left left X Y", "XYab"),
    ("a b c home Z", "Zabc"),
    ("a b c home delete end d", "bcd"),
]


@pytest.mark.parametrize(("keys", "written"), ORDERS)
def test_a_task_is_written_as_it_is_typed(stage: Stage, keys: str, written: str) -> None:
    async def act(scene: Scene) -> None:
        at_once(scene, "n", *keys.split())
        await scene.until(lambda: isinstance(scene.app.screen, NewTask), "the dialog")
        found = scene.app.screen
        assert isinstance(found, NewTask)
        await scene.until(lambda: found.editor.text == written, written)

    play(stage, act)


@pytest.mark.parametrize(("keys", "written"), ORDERS)
def test_a_line_is_written_as_it_is_typed(stage: Stage, keys: str, written: str) -> None:
    stage.working("apple")

    async def act(scene: Scene) -> None:
        await scene.shows("Task apple")
        at_once(scene, "slash", *keys.split())
        await scene.until(lambda: scene.app.home.query_one("#find", Input).value == written, written)

    play(stage, act)


def test_the_palettes_line_is_written_as_it_is_typed(stage: Stage) -> None:
    async def act(scene: Scene) -> None:
        at_once(scene, "ctrl+p", *ORDERS[0][0].split())
        await scene.until(lambda: [each.value for each in scene.app.screen.query(Input)] == ["abxyz"], "abxyz")

    play(stage, act)


def test_a_key_goes_to_the_question_that_the_key_before_it_opened(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.asks("block")

    async def act(scene: Scene) -> None:
        await scene.shows("Task block")
        asked: list[str] = []
        monkeypatch.setattr(scene.app.home.submit, "answer", lambda _row, said: asked.append(said))
        at_once(scene, "a", "down", "enter")
        await scene.until(lambda: asked, "an answer")
        assert asked == ["deny"] and not isinstance(scene.app.screen, Choose)

    play(stage, act)


def test_a_paste_stands_where_it_was_typed(stage: Stage) -> None:
    async def act(scene: Scene) -> None:
        at_once(scene, "n", "a", "b", "left")
        scene.app.post_message(events.Paste("pasted"))
        at_once(scene, "left", "X")
        await scene.until(lambda: isinstance(scene.app.screen, NewTask), "the dialog")
        found = scene.app.screen
        assert isinstance(found, NewTask)
        await scene.until(lambda: found.editor.text == "apasteXdb", "the whole")

    play(stage, act)


def test_a_key_that_gets_lost_holds_up_none_of_those_behind_it(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    async def act(scene: Scene) -> None:
        await scene.shows("Nothing runs here yet.")
        monkeypatch.setattr(scene.app, "_next_of", lambda *_: None)
        at_once(scene, "down", "down", "question_mark")
        await scene.shows("Give an agent a task.")

    play(stage, act)


def test_nobody_who_began_to_write_meanwhile_types_into_a_terminal(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.working("works")
    monkeypatch.setattr(home, "view_of", lambda _place, _session: ("true",))
    found = Held(monkeypatch, home, "view_of")

    async def act(scene: Scene) -> None:
        await scene.shows("Task works")
        found.hold()
        await scene.press("enter")
        await scene.until(lambda: found.done == 1, "the terminal to be found")
        await scene.press("n", "a", "b")
        found.let_go()
        await scene.shows("stays closed while you write")
        editor = scene.app.screen
        assert isinstance(editor, NewTask) and editor.editor.text == "ab"
        await scene.press("escape", "enter")
        await scene.shows("there is no terminal here to lend")

    play(stage, act)
