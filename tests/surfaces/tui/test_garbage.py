"""What is loaded stays as long as the cockpit: it is not looked through for garbage while a key waits."""

from __future__ import annotations

import gc

import pytest

from swarmctl.surfaces.tui import cockpit
from tests.surfaces.tui.stage import Scene, Stage, play


def test_garbage_is_looked_for_only_among_what_came_after_the_start(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cockpit, "STAYS_S", 0.2)
    stage.working("works")

    async def act(scene: Scene) -> None:
        await scene.shows("Task works")
        await scene.until(gc.isenabled, "somebody to look for garbage again")
        assert gc.get_freeze_count() > 10_000
        assert len(gc.get_objects()) < 10_000
        await scene.press("question_mark", "escape")

    gc.disable()
    try:
        play(stage, act)
    finally:
        gc.enable()
        gc.unfreeze()
