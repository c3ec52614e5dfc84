"""Every dialog at every size: what is asked and what can be chosen is seen, however small the terminal is."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from tests.surfaces.tui.stage import Scene, Stage, play

SIZES = ((20, 5), (80, 24), (300, 80))
DIALOGS = {
    "answer": (("a",), ("block asks", "allow", "deny")),
    "send": (("s", *"go on"), ("To block", "go on")),
    "new": (("n", *"sort"), ("New task", "sort")),
    "who": (("n", "tab", "enter"), ("Who does it?", "nobody named")),
    "settings": (("comma",), ("Settings", "theme", "merge.")),
    "theme": (("comma", "shift+tab", "enter", "down"), ("Settings", "swarm-dark", "swarm-light")),
    "may": (("n", "tab", "tab", "enter"), ("edit files unasked", "nothing unasked")),
    "help": (("question_mark",), ("Keys", "Give an")),
    "places": (("R",), ("Repositories", "●")),
    "palette": (("ctrl+p",), ("new", "attach")),
    "line": (("ctrl+p", *"handoff", "enter"), ("swarmctl", "handoff block")),
    "command": (("ctrl+p", *"ps", "enter"), ("swarmctl ps", "SESSION")),
}


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("name", DIALOGS)
def test_a_dialog_shows_what_it_asks_and_what_can_be_chosen(stage: Stage, name: str, size: tuple[int, int]) -> None:
    stage.asks("block")
    keys, words = DIALOGS[name]

    async def act(scene: Scene) -> None:
        await scene.shows("permission")
        for key in keys:
            await scene.press("space" if key == " " else key)
            if key == "ctrl+p":
                await scene.shows("new")
            elif key == "n" and "tab" in keys:
                await scene.until(lambda: getattr(scene.app.screen, "_offers", None), "the agents")
        await scene.shows(*words)
        lines = [strip.text for strip in scene.app.screen._compositor.render_strips()]
        assert len(lines) == size[1] and {cell_len(line) for line in lines} == {size[0]}

    play(stage, act, size)


def test_a_question_of_a_thousand_words_leaves_room_for_its_answers(stage: Stage) -> None:
    stage.asks("block", "echo " + "very " * 1000 + "long")

    async def act(scene: Scene) -> None:
        await scene.shows("permission")
        await scene.press("a")
        await scene.shows("block asks", "allow", "deny", "leave it to its own terminal")

    play(stage, act, (80, 24))
