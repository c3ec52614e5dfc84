"""Writing a task: what can be chosen, files that are completed, and words that are never lost."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from textual.widgets import Input

from swarmctl.app.drafts import draft, keep_draft
from swarmctl.surfaces.tui.new_task import NewTask
from swarmctl.surfaces.tui.prompt_area import FileList
from tests.surfaces.tui.stage import Scene, Stage, play

AGENTS = {"claude": "2.1.300", "aider": "aider 0.86.1", "mini": "mini 2.1.0"}


@pytest.fixture(autouse=True)
def agents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Programs that say a version and do nothing else."""
    folder = tmp_path / "agents"
    folder.mkdir()
    for name, version in AGENTS.items():
        (folder / name).write_text(f"#!/bin/sh\necho {version}\n")
        (folder / name).chmod(0o755)
    tools = tmp_path / "tools"
    tools.mkdir()
    for tool in ("git", "sh"):
        (tools / tool).symlink_to(str(shutil.which(tool)))
    monkeypatch.setenv("PATH", f"{folder}:{tools}:{Path(sys.executable).parent}")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "none")
    return folder


def dialog(scene: Scene) -> NewTask:
    found = scene.app.screen
    assert isinstance(found, NewTask)
    return found


async def opened(scene: Scene) -> NewTask:
    await scene.press("n")
    await scene.shows("New task", "best installed")
    return dialog(scene)


async def write(scene: Scene, words: str) -> None:
    await scene.press(*("space" if char == " " else "at" if char == "@" else char for char in words))


def test_those_that_are_installed_come_first_and_the_others_say_why_not(stage: Stage) -> None:
    async def act(scene: Scene) -> None:
        found = await opened(scene)
        assert found.pick("agent").values[:3] == ["", "claude", "aider"]
        await scene.press("tab", "enter")
        text = await scene.shows("aider  level 4", "✗ codex  codex is not installed")
        assert text.index("aider  level 4") < text.index("✗ codex")

    play(stage, act)


def test_only_what_an_agent_takes_can_be_chosen(stage: Stage) -> None:
    async def act(scene: Scene) -> None:
        found = await opened(scene)
        assert not found.query_one("#effort", Input).disabled
        found.pick("agent").value = "mini"
        await scene.shows("not with mini", "everything unasked")
        assert found.query_one("#effort", Input).disabled
        assert found.fields()["permission"] == "all"
        found.pick("agent").value = "claude"
        await scene.lacks("not with mini")
        assert found.fields()["permission"] == "edit"

    play(stage, act)


def test_a_file_is_completed_under_the_cursor(stage: Stage, repo: Path) -> None:
    for name in ("src/parser.py", "src/main.py", "tests/test_parser.py"):
        (repo / name).parent.mkdir(exist_ok=True)
        (repo / name).write_text("x\n")
    subprocess.run(["git", "add", "."], cwd=repo, check=True)

    async def act(scene: Scene) -> None:
        found = await opened(scene)
        await write(scene, "mend @pars")
        text = await scene.shows("src/parser.py", "tests/test_parser.py")
        assert "main.py" not in text
        await scene.press("down", "tab")
        assert found.editor.text == "mend @tests/test_parser.py "
        assert not found.query_one(FileList).is_open
        await write(scene, "a@b")
        await scene.pilot.pause()
        assert not found.query_one(FileList).is_open

    play(stage, act)


def test_escape_keeps_what_was_written_here_and_for_the_next_time(stage: Stage) -> None:
    async def begin(scene: Scene) -> None:
        found = await opened(scene)
        await write(scene, "sort the imports")
        found.pick("agent").value = "aider"
        await scene.press("escape")
        await scene.until(lambda: draft(stage.place, "new"), "a draft in a file")
        await scene.press("n")
        await scene.shows("sort the imports", "aider  level 4")

    async def again(scene: Scene) -> None:
        await scene.press("n")
        await scene.shows("sort the imports", "aider  level 4")

    play(stage, begin)
    file = stage.place.paths.root / "drafts" / "new.json"
    assert file.stat().st_mode & 0o777 == 0o600
    play(stage, again)


def test_what_is_refused_stays_in_the_editor_below_its_reason(stage: Stage, agents: Path) -> None:
    async def act(scene: Scene) -> None:
        found = await opened(scene)
        for name in AGENTS:
            (agents / name).unlink()
        await write(scene, "sort the imports")
        await scene.press("ctrl+s")
        text = await scene.shows("no agent is installed that could do it", "sort the imports")
        assert text.index("no agent is installed") < text.index("sort the imports")
        assert not found.editor.read_only
        await scene.press("escape", "n")
        await scene.shows("sort the imports")

    play(stage, act)


@pytest.mark.parametrize("held", ["{", '["prompt"]', '"prompt"', "null", "[" * 100_000])
def test_a_draft_that_cannot_be_read_is_none(stage: Stage, held: str) -> None:
    keep_draft(stage.place, "new", {"prompt": "x"})
    (stage.place.paths.root / "drafts" / "new.json").write_text(held)
    assert draft(stage.place, "new") == {}


def test_nothing_is_sent_when_nothing_is_written(stage: Stage) -> None:
    async def act(scene: Scene) -> None:
        await opened(scene)
        await scene.press("ctrl+s")
        await scene.shows("Nothing is written yet.")

    play(stage, act)


def test_a_draft_that_cannot_be_kept_says_so_and_stays_as_long_as_the_cockpit(stage: Stage) -> None:
    (stage.place.paths.root / "drafts").write_text("in the way")

    async def act(scene: Scene) -> None:
        await opened(scene)
        await write(scene, "sort")
        await scene.shows("The draft is kept only while swarmctl is open", "is not a folder")
        await scene.press("escape", "n")
        await scene.shows("New task", "sort")

    play(stage, act)


def test_what_was_chosen_last_is_chosen_the_next_time(stage: Stage) -> None:
    keep_draft(stage.place, "last", {"agent": "mini", "attempts": "3", "model": "small", "target": "gone"})

    async def act(scene: Scene) -> None:
        await scene.press("n")
        await scene.shows("mini  level", "3 attempts", "small", "not with mini")
        fields = dialog(scene).fields()
        assert fields["agent"] == "mini" and fields["target"] == "", "a branch that is gone is not chosen"
        assert dialog(scene).pick("lands").disabled

    play(stage, act)


def test_who_quits_in_the_middle_of_a_word_finds_it_again(stage: Stage) -> None:
    async def act(scene: Scene) -> None:
        await opened(scene)
        await write(scene, "sort")
        await scene.press("ctrl+q")

    play(stage, act)
    assert draft(stage.place, "new")["prompt"] == "sort"


@pytest.mark.parametrize("size", [(20, 5), (40, 10), (80, 15)])
def test_where_there_is_little_room_the_line_that_is_written_is_shown(stage: Stage, size: tuple[int, int]) -> None:
    async def act(scene: Scene) -> None:
        await scene.press("n")
        await scene.until(lambda: isinstance(scene.app.screen, NewTask), "the dialog")
        await write(scene, "first")
        await scene.press("enter")
        await write(scene, "second")
        await scene.shows("New task", "second")
        await scene.press(*["shift+tab"] * 2)
        await scene.shows("tries")
        await scene.press(*["tab"] * 2)
        await scene.shows("second")

    play(stage, act, size)
