"""The first screen as a picture, and a terminal's colours in it."""

from __future__ import annotations

from pathlib import Path

from swarmctl.surfaces.tui.cockpit import picture
from swarmctl.surfaces.tui.preview_pane import painted
from tests.surfaces.tui.stage import Stage


def test_a_picture_shows_who_needs_a_person_and_fetches_nothing(stage: Stage, tmp_path: Path) -> None:
    stage.asks("block")
    file = tmp_path / "home.svg"
    picture(stage.place, file, (100, 30))
    drawn = file.read_text().replace("&#160;", " ")
    assert "Task block" in drawn and "need" in drawn
    assert "font-face" not in drawn


def test_the_default_ground_of_a_terminal_is_that_of_the_pane() -> None:
    strip = painted("\x1b[41mred\x1b[49m plain \x1b[39;44mblue\x1b[0m", "")
    grounds = [(segment.text, segment.style.bgcolor if segment.style else None) for segment in strip]
    assert [text for text, ground in grounds if ground is not None] == ["red", "blue"]
    assert (" plain ", None) in grounds
