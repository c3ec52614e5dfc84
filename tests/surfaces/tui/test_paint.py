"""What is drawn anew: as little as changed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.strip import Strip

from swarmctl.surfaces.tui import swarm_list
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


def test_a_row_with_news_and_a_cursor_that_moves_draw_their_own_lines(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(swarm_list, "age_seconds", lambda row, detail: 60.0)
    for number in range(9):
        stage.working(f"s{number}", f"Part {number}")

    async def act(scene: Scene) -> None:
        app = scene.app
        await scene.shows("Part 0", "Part 8", "it has just begun")
        await scene.until(lambda: len(app.frame.details or ()) == 9, "what is known of each")
        app.end()
        await scene.pilot.pause()
        rows = app.home.query_one(SwarmList)
        drawn, laid_out = list[int](), list[object]()
        real = rows.render_line

        def render(y: int) -> Strip:
            drawn.append(y)
            return real(y)

        rows.render_line = render  # type: ignore[method-assign]
        first, *rest = app.frame.rows
        details = dict(app.frame.details or {})
        details[rest[3].key] = replace(details[rest[3].key], last="it says something")
        app.home.show(replace(app.frame, rows=(first, *rest), details=details, seq=app.frame.seq + 1))
        await scene.shows("it says something")
        assert set(drawn) == {8, 9}
        drawn.clear()
        app.screen.screen_layout_refresh_signal.subscribe(app.home, laid_out.append)
        await scene.press("down")
        await scene.shows("s1  hook")
        assert set(drawn) == {0, 1, 2, 3}
        assert not laid_out

    play(stage, act)
