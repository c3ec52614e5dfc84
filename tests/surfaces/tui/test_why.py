"""The screen of why: the same lines as the command, in words, live, each with its record."""

from __future__ import annotations

import json

import pytest
from rich.cells import cell_len

from swarmctl.core import events as e
from swarmctl.core.errors import EnvironmentFault
from swarmctl.core.ids import SessionId
from swarmctl.core.session import State
from swarmctl.surfaces.tui import why_screen
from swarmctl.surfaces.tui.record import record_text
from swarmctl.surfaces.tui.when_moved import WhenMoved
from tests.surfaces.tui.held import Held
from tests.surfaces.tui.stage import Scene, Stage, play

BAD = "\x1b]0;owned\x07\x1b[2J شكرا \u202eevil " + "w" * 300


def test_it_says_what_the_command_says_and_goes_on(stage: Stage) -> None:
    stage.gated("refus")

    async def act(scene: Scene) -> None:
        await scene.shows("Task refus")
        await scene.press("w")
        text = await scene.shows("Why refus", "asked to land, by merge", "gate style: green, 12 tests (3.5 s)")
        assert "refused: gate tests: fail, 1 failed" in text and "working: hook says it uses a tool" in text
        stage.tell(e.Noticed(SessionId("refus"), "a person looks at it"))
        await scene.shows("a person looks at it")
        await scene.press("escape")
        await scene.shows("✗ refused")

    play(stage, act)


def test_what_happens_to_others_is_not_read_as_its_own(stage: Stage) -> None:
    stage.working("apple")
    stage.working("berry")

    async def act(scene: Scene) -> None:
        await scene.shows("Task apple")
        await scene.press("w")
        await scene.shows("Why ")
        mine, other = ("apple", "berry") if "Why apple" in scene.text else ("berry", "apple")
        stage.tell(e.Noticed(SessionId(other), "of the other"), e.Noticed(SessionId(mine), "of this one"))
        assert "of the other" not in await scene.shows("of this one")

    play(stage, act)


def test_each_line_has_its_record_which_can_be_copied(stage: Stage) -> None:
    stage.working("works")

    async def act(scene: Scene) -> None:
        await scene.shows("Task works")
        await scene.press("w")
        await scene.shows("working: hook says it uses a tool")
        await scene.press("y")
        await scene.shows("is in the clipboard")
        record = json.loads(scene.app.clipboard)
        assert record["event"] == "StateChanged" and record["why"] == "it uses a tool"
        await scene.press("enter")
        await scene.shows('"event": "StateChanged"')

    play(stage, act)


def test_a_task_that_waits_has_its_chain_too(stage: Stage) -> None:
    stage.waiting("waits")

    async def act(scene: Scene) -> None:
        await scene.shows("Task waits")
        await scene.press("w")
        await scene.shows("Why twaits", "asked for, to land on main")

    play(stage, act)


@pytest.mark.parametrize("size", [(80, 24), (200, 50)])
def test_nothing_breaks_out_of_its_box(stage: Stage, size: tuple[int, int]) -> None:
    stage.working("works", BAD)
    stage.tell(
        e.Noticed(SessionId("works"), BAD),
        e.StateChanged(SessionId("works"), State.WORKING, "screen", BAD),
    )

    async def act(scene: Scene) -> None:
        await scene.shows("owned")
        await scene.press("w")
        text = await scene.shows("Why works", "screen says")
        assert "\x1b" not in text and "\u202e" not in text
        assert all(cell_len(line) <= size[0] for line in text.splitlines())

    play(stage, act, size)


def test_a_record_is_json_with_nothing_that_acts_on_a_terminal() -> None:
    stamped = e.Stamped(7, 1.5, e.Noticed(SessionId("works"), BAD))
    text = record_text(stamped)
    assert all(char.isprintable() or char == "\n" for char in text)
    assert json.loads(text) == {"seq": 7, "at": 1.5, "event": "Noticed", "session": "works", "text": BAD}


def test_whatever_goes_wrong_while_reading_is_told_once_and_the_reading_goes_on() -> None:
    """Also what nobody expected: the thread would end, and the screen would stay as it is."""
    told: list[object] = []
    faults: list[Exception] = [KeyError("t1"), KeyError("t1"), EnvironmentFault("busy", hint="wait"), KeyError("t1")]

    def read() -> str:
        if faults:
            raise faults.pop(0)
        return "found"

    watch = WhenMoved("test", lambda: 1, read, told.append)
    for _ in range(6):
        watch.look()
    assert list(map(str, told)) == ["KeyError: 't1'", "busy", "KeyError: 't1'", "found"]


def test_a_chain_that_cannot_be_read_says_so_in_place_of_its_lines(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.working("works")
    read = Held(monkeypatch, why_screen, "chain_of")
    read.fails = lambda *_: True

    async def act(scene: Scene) -> None:
        await scene.shows("Task works")
        await scene.press("w")
        await scene.shows("Why works", "  that cannot be read")
        read.fails = lambda *_: False
        await scene.shows("working: hook says it uses a tool")

    play(stage, act)


def test_its_help_has_its_keys(stage: Stage) -> None:
    stage.ready("redy1")

    async def act(scene: Scene) -> None:
        await scene.shows("Task redy1")
        await scene.press("w")
        await scene.until(lambda: scene.app.screen is not scene.app.home, "the page")
        await scene.press("question_mark")
        await scene.shows("Keys", "Back to where you came from.")

    play(stage, act)
