"""The first screen as it is, at three sizes, with few and many sessions; UPDATE_SNAPSHOTS=1 writes them anew.

The text is the same in every theme; of the themes it is asked whether they can be read.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.color import Color, ColorType
from rich.segment import Segment

from swarmctl.app.own import Own
from swarmctl.core.config import TuiSettings
from swarmctl.core.gate import Verdict
from swarmctl.surfaces.tui import swarm_list
from swarmctl.surfaces.tui.rows import Detail, Row
from swarmctl.surfaces.tui.swarm_list import SwarmList
from tests.surfaces.tui.stage import Scene, Stage, play

KEPT = Path(__file__).parent / "snapshots"
SIZES = ((80, 24), (120, 40), (200, 50))
COUNTS = (0, 3, 30, 200)
READABLE = 4.5
"""Between a text and its ground, as WCAG has it."""


@pytest.fixture(autouse=True)
def ages_stand_still(monkeypatch: pytest.MonkeyPatch) -> None:
    def age(row: Row, _detail: Detail) -> float:
        return 60.0 * (sum(row.key.encode()) % 90)

    monkeypatch.setattr(swarm_list, "age_seconds", age)


def swarm(stage: Stage, count: int) -> None:
    """Of each kind of session a share; small ones have those that need somebody."""
    for number in range(count):
        name, title = f"s{number:03}", f"Mend part {number:03} of the parser, and say what was wrong with it"
        kind = number % 10
        if kind == 0:
            stage.asks(name)
        elif kind == 1:
            stage.ready(name, title)
        elif kind == 2:
            stage.gated(name, Verdict.FAIL, title)
            stage.costs(name, 420_000)
        elif kind == 3:
            stage.gated(name, Verdict.PASS, title)
        elif kind == 4:
            stage.failed(name, title)
        elif kind == 5:
            stage.waiting(name, title)
        else:
            stage.working(name, title, "codex")


async def settled(scene: Scene, count: int) -> str:
    """With what is looked up for the rows that are seen, and with the preview."""
    app = scene.app
    rows = app.home.query_one(SwarmList)

    def whole() -> bool:
        details = app.frame.details or {}
        return len(rows.rows) == count and bool(rows.seen) and all(key in details for key in rows.seen)

    if count:
        await scene.until(whole, "every row to be whole")
        return await scene.shows("No supervisor runs", "it has just begun")
    return await scene.shows("Nothing runs here yet.")


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_the_first_screen_is_as_it_was(stage: Stage, size: tuple[int, int], count: int) -> None:
    swarm(stage, count)
    file = KEPT / f"home-{size[0]}x{size[1]}-{count}.txt"

    async def act(scene: Scene) -> None:
        now = await settled(scene, count) + "\n"
        if os.environ.get("UPDATE_SNAPSHOTS"):
            KEPT.mkdir(exist_ok=True)
            file.write_text(now)
        assert now == file.read_text(), "it changed; when that is right: UPDATE_SNAPSHOTS=1"

    play(stage, act, size)


@pytest.mark.parametrize("theme", ["swarm-dark", "swarm-light"])
def test_everything_that_matters_can_be_read(stage: Stage, theme: str) -> None:
    swarm(stage, 10)

    async def act(scene: Scene) -> None:
        await settled(scene, 10)
        poor = {
            f"{words!r}: {ratio:.1f}"
            for words, ratio in ratios(scene)
            if ratio < READABLE and not is_of_the_past(words)
        }
        assert not poor

    play(stage, act, (160, 40), Own(TuiSettings(theme=theme)))


def is_of_the_past(words: str) -> bool:
    """A key that does nothing now, and what is over, stand back."""
    return words.strip() == "" or "landed" in words or words.strip() in DIM_KEYS


DIM_KEYS = {"m", "merge", "r", "resume", "x", "stop", "L", "land", "c", "compare", "u", "undo"}


def ratios(scene: Scene) -> Iterator[tuple[str, float]]:
    for strip in scene.app.screen._compositor.render_strips():
        for segment in strip:
            if segment.text.strip(" │▌▎▁▔▇█") and segment.style:
                yield segment.text, contrast(segment)


def contrast(segment: Segment) -> float:
    assert segment.style is not None
    one, other = sorted((luminance(segment.style.color), luminance(segment.style.bgcolor)))
    return (other + 0.05) / (one + 0.05)


def luminance(color: Color | None) -> float:
    assert color is not None and color.type is ColorType.TRUECOLOR and color.triplet is not None
    parts = [part / 255 for part in color.triplet]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
