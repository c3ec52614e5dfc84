"""Another repository is looked at: nothing of the former one comes after it."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from swarmctl.app.here import Here, here
from swarmctl.app.preview import Shown
from swarmctl.core.errors import EnvironmentFault
from swarmctl.surfaces.tui.home import Home
from swarmctl.surfaces.tui.preview_pane import PreviewPane
from swarmctl.surfaces.tui.queue_screen import Looking, QueueScreen
from swarmctl.surfaces.tui.station import FrameCame
from swarmctl.surfaces.tui.swarm_list import SwarmList
from swarmctl.surfaces.tui.timeline_reading import Reading
from swarmctl.surfaces.tui.when_moved import WhenMoved
from tests.surfaces.tui.stage import Scene, Stage, play


@pytest.fixture
def other(tmp_path: Path) -> Here:
    root = tmp_path / "other"
    subprocess.run(["git", "init", "-q", "-b", "main", str(root)], check=True)
    subprocess.run(["git", "-C", str(root), "commit", "-q", "--allow-empty", "-m", "First"], check=True)
    return here(root)


async def go(scene: Scene, place: Here) -> None:
    scene.app.home.post_message(Home.WentTo(place))
    await scene.shows("swarmctl · other", "Nothing runs here yet.")


def test_what_the_former_one_still_says_is_not_shown(stage: Stage, other: Here) -> None:
    stage.working("works")

    async def act(scene: Scene) -> None:
        app = scene.app
        await scene.shows("Task works")
        late, former = (app.feed, app.previewing, app.sizing), app.frame
        app.say("of the former one")
        await scene.shows("of the former one")
        await go(scene, other)
        assert "of the former one" not in scene.text
        for watcher in late:
            watcher.join()
        late[0]._post(former)
        late[1]._post("works", Shown(("of the former one",), "live"))
        late[2]._post({})
        await scene.pilot.pause()
        assert app.frame is not former and not app.home.query_one(SwarmList).rows
        assert not app.home.query_one(PreviewPane)._lines

    play(stage, act)


def test_no_word_of_the_former_one_takes_the_place_of_one_of_this(stage: Stage, other: Here) -> None:
    async def act(scene: Scene) -> None:
        frame = scene.app.frame
        assert not FrameCame(other, frame).can_replace(FrameCame(stage.place, frame))
        assert FrameCame(other, frame).can_replace(FrameCame(other, frame))

    play(stage, act)


class Slow(Here):
    """Its supervisor answers when it may."""

    may = threading.Event()
    fault: EnvironmentFault | None = None

    def client(self, tell: object = None) -> Any:
        return self

    def ask(self, kind: str, args: object) -> dict[str, Any]:
        self.may.wait(20)
        if self.fault:
            raise self.fault
        return {}

    def hang_up(self) -> None:
        pass


@pytest.mark.parametrize("fault", [None, EnvironmentFault("no supervisor of it answers", hint="swarmctl up")])
def test_an_answer_that_comes_too_late_is_said_only_when_it_is_bad(
    stage: Stage, other: Here, monkeypatch: pytest.MonkeyPatch, fault: EnvironmentFault | None
) -> None:
    monkeypatch.setattr(Slow, "may", threading.Event())
    monkeypatch.setattr(Slow, "fault", fault)
    stage.working("works")
    stage.place = Slow(stage.place.repository, stage.place.paths)

    async def act(scene: Scene) -> None:
        await scene.shows("Task works")
        await scene.press("x")
        await go(scene, other)
        Slow.may.set()
        await scene.app.workers.wait_for_complete()
        if fault:
            await scene.shows("no supervisor of it answers")
        else:
            await scene.pilot.pause()
            assert "stops at a safe point" not in scene.text

    play(stage, act)


def test_nobody_is_taken_elsewhere_from_under_an_open_screen(stage: Stage, other: Here) -> None:
    stage.queued("waits")

    async def act(scene: Scene) -> None:
        await scene.shows("Task waits")
        await scene.press("g")
        await scene.shows("Merge queue")
        scene.app.home.post_message(Home.WentTo(other))
        await scene.shows("back in the list, R looks at other")
        assert isinstance(scene.app.screen, QueueScreen) and scene.app.place is stage.place

    play(stage, act)


@pytest.mark.parametrize("key", ["g", "t", "dollar_sign", "w"])
def test_a_thread_of_a_screen_that_was_left_dies_of_nothing(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    stage.queued("waits")
    asked: list[Callable[[], object]] = []

    def listening(begin: Callable[..., None]) -> Callable[..., None]:
        def init(self: object, *args: Any) -> None:
            begin(self, *args)
            asked.append(next(each for each in args if callable(each)))

        return init

    for watcher in (Looking, Reading, WhenMoved):
        monkeypatch.setattr(watcher, "__init__", listening(watcher.__init__))

    async def act(scene: Scene) -> None:
        await scene.shows("Task waits")
        await scene.press(key)
        await scene.until(lambda: asked, "its thread")
        await scene.press("q")
        await scene.until(lambda: scene.app.screen is scene.app.home, "the list")
        with ThreadPoolExecutor(1) as threads:
            for ask in asked:
                threads.submit(ask).result()

    play(stage, act)


def test_who_starts_a_supervisor_hangs_up(stage: Stage) -> None:
    said: list[str] = []

    class Greeted(Here):
        def client(self, tell: object = None) -> Any:
            return Line(said.append)

    stage.queued("waits")
    stage.place = Greeted(stage.place.repository, stage.place.paths)

    async def act(scene: Scene) -> None:
        await scene.shows("No supervisor runs")
        await scene.press("U")
        await scene.shows("it runs again")
        assert said == ["greet", "hang up"]

    play(stage, act)


class Line:
    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say

    def greet(self) -> None:
        self._say("greet")

    def hang_up(self) -> None:
        self._say("hang up")
