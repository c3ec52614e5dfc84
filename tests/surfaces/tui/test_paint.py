"""What is drawn anew: as little as changed."""

from __future__ import annotations

from dataclasses import replace

from swarmctl.surfaces.tui.swarm_list import SwarmList
from tests.surfaces.tui.stage import Scene, Stage, play


def test_news_in_the_list_draw_the_list_and_lay_nothing_out(stage: Stage) -> None:
    stage.working("one")
    stage.working("two")

    async def act(scene: Scene) -> None:
        app = scene.app
        await scene.shows("Task one", "Task two", "it has just begun")
        app.end()
        await scene.pilot.pause()
        laid_out: list[object] = []
        app.screen.screen_layout_refresh_signal.subscribe(app.home, laid_out.append)
        first, second = app.frame.rows
        app.home.show(replace(app.frame, rows=(first, replace(second, state="hums")), seq=app.frame.seq + 1))
        await scene.shows("hums")
        assert not laid_out
        assert app.home.query_one(SwarmList).rows[1].state == "hums"

    play(stage, act)
