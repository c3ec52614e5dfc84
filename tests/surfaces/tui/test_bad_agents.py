"""A definition of an agent that cannot be read is shown with its line, and keeps nobody from the others."""

from __future__ import annotations

import pytest

from swarmctl.edges.files.paths import user_config_dir
from tests.surfaces.tui.new_tasks import Busy, Taking, opened
from tests.surfaces.tui.stage import Scene, Stage, play

pytestmark = pytest.mark.usefixtures("agents")


@pytest.fixture
def evil(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("config")))
    folder = user_config_dir() / "agents"
    folder.mkdir(parents=True)
    (folder / "evil.yaml").write_text("name: evil\n")


@pytest.mark.usefixtures("evil")
def test_a_definition_that_cannot_be_read_is_listed_and_all_others_can_be_used(stage: Stage) -> None:
    Taking.asked.clear()
    stage.place = Busy(stage.place.repository, stage.place.paths)

    async def act(scene: Scene) -> None:
        found = await opened(scene)
        await scene.shows("1 session: claude")
        await scene.press("tab", "enter")
        await scene.shows("Who does it?", "claude  level", "✗ evil  evil.yaml:1: ")
        await scene.press("escape")
        found.agents.wish("evil")
        await scene.shows("✗ evil  evil.yaml:1: ")
        found.agents.wish("")
        found.editor.text = "sort"
        await scene.press("ctrl+s")
        await scene.shows("by claude")
        assert [task["agent"] for asked in Taking.asked for task in asked["tasks"]] == ["claude"]

    play(stage, act)
