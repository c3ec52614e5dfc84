"""The cockpit open for long: what happens meanwhile, and what is done in it, leaves nothing behind that grows."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest

from swarmctl.core import events as e
from swarmctl.core.ids import SessionId
from swarmctl.core.session import State
from tests.surfaces.tui.stage import Scene, Stage, play

SESSIONS = 50
GROWTH_MB = 8.0
"""What a heap may differ by between two looks."""


def resident_mb() -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


def tell(stage: Stage, number: int) -> None:
    """One update of each session, as agents at work make them."""
    batch: list[e.Event] = []
    for each in range(SESSIONS):
        name, kind = SessionId(f"s{each:03}"), (number + each) % 5
        if kind:
            batch.append(e.Noticed(name, f"step {number}"))
        else:
            state = State.IDLE if number % 2 else State.WORKING
            batch.append(e.StateChanged(name, state, "hook", f"step {number} of {each}"))
    stage.tell(*batch)


def last_for(stage: Stage, rounds: int) -> None:
    for each in range(SESSIONS):
        stage.working(f"s{each:03}", f"Mend part {each:03}")
    seen: list[float] = []

    async def act(scene: Scene) -> None:
        await scene.shows("Mend part 000")
        for number in range(rounds):
            tell(stage, number)
            await scene.until(lambda: scene.app.frame.seq >= stage.log.facts.seq, "the news")
            await scene.press("down" if number % 40 < 20 else "up")
            if number % 50 == 49:
                await scene.press("question_mark", "escape")
            if number in (rounds // 3, rounds - 1):
                gc.collect()
                seen.append(resident_mb())

    play(stage, act)
    assert seen[1] - seen[0] < GROWTH_MB, f"it grew from {seen[0]:.1f} to {seen[1]:.1f} MB"


def test_a_while_of_news_leaves_nothing_behind(stage: Stage) -> None:
    last_for(stage, 60)


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_ten_hours_of_news_leave_nothing_behind(stage: Stage) -> None:
    """An update of each session every nine seconds, as fast as they can be shown."""
    last_for(stage, 4000)
