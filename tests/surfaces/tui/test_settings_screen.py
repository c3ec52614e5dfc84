"""What is in force, where it comes from, and a theme that is tried before it is kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from swarmctl.surfaces.tui.pick import Pick
from tests.surfaces.tui.stage import Scene, Stage, play


def test_each_setting_says_its_file_and_line(stage: Stage, repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (repo / "swarm.toml").write_text('[merge]\nstrategy = "rebase"\n\n[[gate]]\nname = "tests"\nrun = "true"\n')
    monkeypatch.setenv("SWARMCTL__AGENT__MAX_RUNNING", "7")

    async def act(scene: Scene) -> None:
        await scene.press("comma")
        text = await scene.shows("Settings", "merge.strategy", "gate tests")
        lines = {line.split()[1]: line for line in text.splitlines() if "│" in line and len(line.split()) > 2}
        assert "rebase" in lines["merge.strategy"] and " swarm.toml:2 " in lines["merge.strategy"]
        assert "7" in lines["agent.max_running"] and "SWARMCTL__AGENT__MAX_RUNNING" in lines["agent.max_running"]
        assert "default" in lines["agent.host"]

    play(stage, act, size=(160, 90))


def test_a_theme_is_changed_at_once_and_the_line_that_keeps_it_is_said(stage: Stage) -> None:
    async def act(scene: Scene) -> None:
        await scene.press("comma")
        await scene.shows("Settings")
        scene.app.screen.query_one(Pick).value = "swarm-light"
        await scene.shows('theme = "swarm-light" below [tui] in', "config.toml")
        assert scene.app.theme == "swarm-light"

    play(stage, act)


def test_settings_that_are_wrong_say_so(stage: Stage, repo: Path) -> None:
    async def act(scene: Scene) -> None:
        (repo / "swarm.toml").write_text("[merge]\nstrategi = 1\n")
        await scene.press("comma")
        words = "[merge] strategi is an unknown key; did you mean strategy?"
        await scene.until(lambda: words in in_the_box(scene), words)

    play(stage, act)


def in_the_box(scene: Scene) -> str:
    """However its lines are broken."""
    return " ".join(" ".join(line.split("│")[1:2]).strip() for line in scene.text.splitlines())
