"""Writing a task: what can be chosen, files that are completed, and words that are never lost."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import pytest
from textual.widgets import Input

from swarmctl.app.drafts import draft, keep_draft
from swarmctl.app.here import Here
from swarmctl.surfaces.tui import new_task
from swarmctl.surfaces.tui.new_task import NewTask
from swarmctl.surfaces.tui.prompt_area import FileList, Files
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
        assert found.agents.said == ""
        await scene.press("tab", "enter")
        text = await scene.shows("aider  level 4", "✗ codex  codex is not installed")
        assert text.index("claude  level 5") < text.index("aider  level 4") < text.index("✗ codex")
        await scene.press("down", "down", "enter")
        await scene.shows("1 session: aider")
        assert found.agents.said == "aider"

    play(stage, act)


def test_only_what_an_agent_takes_can_be_chosen(stage: Stage) -> None:
    async def act(scene: Scene) -> None:
        found = await opened(scene)
        assert not found.query_one("#effort", Input).disabled
        found.agents.wish("mini")
        await scene.shows("not with mini", "everything unasked")
        assert found.query_one("#effort", Input).disabled
        assert found.fields()["permission"] == "all"
        found.agents.wish("claude")
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
        found.agents.wish("aider")
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


def test_several_agents_are_marked_and_what_they_start_is_said_before(stage: Stage, repo: Path) -> None:
    (repo / "swarm.toml").write_text("[agent]\nmax_running = 3\n")

    async def act(scene: Scene) -> None:
        found = await opened(scene)
        await scene.shows("1 session: claude · Claude Code")
        await scene.press("tab", "enter")
        await scene.shows("Who does it?", "⏎ this one   space mark several")
        await scene.press("down", "space", "down", "space")
        await scene.shows("[✓] claude", "[✓] aider", "⏎ take claude, aider")
        await scene.press("enter")
        await scene.shows("claude, aider", "2 sessions: claude, aider", "you pick the one to land")
        assert found.fields()["agent"] == "claude,aider"
        assert found.pick("attempts").values == ["1", "2", "3", "4"] and found.pick("lands").disabled
        found.pick("attempts").value = "2"
        await scene.shows("2 attempts each", "4 sessions: 2 claude, 2 aider", "3 at a time")
        found.agents.wish("claude")
        found.pick("attempts").value = "1"
        await scene.shows("1 session: claude", "stops at ready")
        assert not found.pick("lands").disabled and len(found.pick("attempts").values) == 8

    play(stage, act, (160, 40))


def test_only_what_all_of_them_take_can_be_chosen(stage: Stage) -> None:
    async def act(scene: Scene) -> None:
        found = await opened(scene)
        found.agents.wish("claude,mini")
        await scene.shows("not with mini")
        assert found.pick("permission").values == ["all"]
        found.agents.wish("claude")
        await scene.lacks("not with mini")

    play(stage, act)


def test_an_agent_that_cannot_be_used_or_is_none_says_so_before_anything_is_sent(stage: Stage) -> None:
    keep_draft(stage.place, "new", {"prompt": "sort", "agent": "nosuch"})

    async def act(scene: Scene) -> None:
        await scene.press("n")
        await scene.shows("✗ nosuch  no agent of that name is known here")
        assert dialog(scene).fields()["agent"] == "nosuch", "nobody else does it instead"
        await scene.press("tab", "enter")
        await scene.shows("[✓] ✗ nosuch")
        await scene.press("escape")
        dialog(scene).agents.wish("claude,codex")
        await scene.shows("✗ codex  codex is not installed")
        await scene.press("ctrl+s")
        await scene.shows("codex is not installed", "install ")
        assert draft(stage.place, "new")["prompt"] == "sort"

    play(stage, act)


class Busy(Here):
    """Its supervisor takes every run."""

    def client(self, tell: object = None) -> Any:
        return Taking()


class Taking:
    asked: ClassVar[list[dict[str, Any]]] = []

    def ask(self, kind: str, args: dict[str, Any]) -> dict[str, Any]:
        self.asked.append(args)
        return {"tasks": [{"id": "t1", "title": "sort"}], "target": "main"}

    def hang_up(self) -> None:
        pass


def test_each_of_them_does_the_same_so_many_times_as_on_the_command_line(stage: Stage) -> None:
    stage.place = Busy(stage.place.repository, stage.place.paths)
    Taking.asked.clear()

    async def act(scene: Scene) -> None:
        found = await opened(scene)
        await write(scene, "sort")
        found.agents.wish("claude,aider")
        found.pick("attempts").value = "2"
        await scene.press("ctrl+s")
        await scene.shows("sort: 4 sessions: 2 claude, 2 aider; c compares them")

    play(stage, act)
    (asked,) = Taking.asked
    assert [task["agent"] for task in asked["tasks"]] == ["claude", "claude", "aider", "aider"]
    assert {(task["prompt"], task["contest"]) for task in asked["tasks"]} == {("sort", "task-1")}
    assert draft(stage.place, "last")["agent"] == "claude,aider" and draft(stage.place, "new") == {}


def test_names_with_spaces_are_quoted_and_searched_on_and_those_that_act_on_a_terminal_never_shown(
    stage: Stage, repo: Path
) -> None:
    for name in ("notes on ünits.md", "notes\x1b]0;owned\x07.md", "notes\u202egnp.md", "日本語 notes.md"):
        (repo / name).write_text("x\n")
    subprocess.run(["git", "add", "."], cwd=repo, check=True)

    async def act(scene: Scene) -> None:
        found = await opened(scene)
        await write(scene, "read @note")
        text = await scene.shows("notes on ünits.md", "日本語 notes.md")
        assert "owned" not in text and "gnp" not in text
        await scene.press("tab")
        assert found.editor.text == 'read @"notes on ünits.md" '
        await write(scene, 'and @"notes on')
        await scene.until(lambda: found.query_one(FileList).is_open, "the files")
        await scene.press("enter")
        assert found.editor.text == 'read @"notes on ünits.md" and @"notes on ünits.md" '

    play(stage, act)


def test_letters_written_while_a_huge_repository_is_listed_are_looked_for_once(stage: Stage) -> None:
    looked: list[str] = []
    go_on = threading.Event()

    def listing() -> tuple[str, ...]:
        looked.append("listed")
        assert go_on.wait(20)
        return tuple(f"src/part{number % 70}/file{number}.py" for number in range(50_000))

    files, found = Files(listing), {}
    threads = [
        threading.Thread(target=lambda words=words: found.update({words: files.find(words)}))
        for words in ("f", "fi", "file", "file4999", "file49999")
    ]
    for thread in threads:
        thread.start()
        wait_until(lambda: looked)
    go_on.set()
    for thread in threads:
        thread.join()
    assert looked == ["listed"] and found["file49999"] == ["src/part19/file49999.py"]
    assert [words for words, paths in found.items() if paths] == ["file49999"]


def wait_until(ready: Callable[[], object]) -> None:
    end = time.monotonic() + 20
    while not ready():
        assert time.monotonic() < end
        time.sleep(0.005)


@pytest.mark.parametrize(
    ("words", "refusal"), [("a\0b", "a NUL character"), ("x" * 200_001, "over 200,000 characters")]
)
def test_what_no_agent_can_take_is_refused_with_the_words_still_there(stage: Stage, words: str, refusal: str) -> None:
    async def act(scene: Scene) -> None:
        found = await opened(scene)
        found.editor.begin_with(words)
        await scene.press("ctrl+s")
        text = await scene.shows(refusal)
        assert "\0" not in words or "a␀b" in text
        assert "the command line" not in text and found.editor.text == words
        assert not re.search(r"[\x00-\x09\x0b-\x1f]", text)

    play(stage, act)


@pytest.mark.parametrize("line", ['strategy = "$accent [b]x[/b]"', "$x = 1", 'target = "$('])
def test_settings_that_became_wrong_are_said_in_the_dialog_and_again_when_it_is_sent(
    stage: Stage, repo: Path, line: str
) -> None:
    async def act(scene: Scene) -> None:
        await scene.shows("Nothing runs here yet.")
        (repo / "swarm.toml").write_text(f"[merge]\n{line}\n")
        await scene.press("n")
        await scene.shows("New task", "swarm.toml:2", "as the settings have it")
        await write(scene, "sort")
        dialog(scene).tell_reason("")
        await scene.press("ctrl+s")
        await scene.shows("swarm.toml:2", "sort")
        (repo / "swarm.toml").unlink()
        assert draft(stage.place, "new")["prompt"] == "sort"

    play(stage, act)


def test_a_command_is_run_by_the_shell_and_not_remembered(stage: Stage) -> None:
    stage.place = Busy(stage.place.repository, stage.place.paths)
    Taking.asked.clear()

    async def act(scene: Scene) -> None:
        found = await opened(scene)
        found.query_one("#command", Input).value = "make $NAMES"
        await scene.shows("1 session: shell")
        assert found.agents.disabled
        found.pick("attempts").value = "2"
        await scene.shows("2 sessions: 2 shell")
        await scene.press("ctrl+s")
        await scene.shows("sort: 2 sessions: 2 shell")
        await scene.press("n")
        await opened_again(scene)
        assert dialog(scene).fields()["command"] == ""

    play(stage, act)
    (asked,) = Taking.asked
    assert [(task["agent"], task["command"]) for task in asked["tasks"]] == [("shell", "make $NAMES")] * 2


async def opened_again(scene: Scene) -> None:
    await scene.until(lambda: isinstance(scene.app.screen, NewTask), "the dialog")
    await scene.shows("best installed")


def test_an_issue_is_read_into_the_editor_or_it_is_said_why_not(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    async def act(scene: Scene) -> None:
        found = await opened(scene)
        found.editor.begin_with("first")
        number = found.query_one("#issue", Input)
        number.focus()
        await scene.press("7", "enter")
        await scene.shows("issue 7 cannot be read: this repository has no remote")
        monkeypatch.setattr(new_task, "issue_as_task", lambda _place, number: f"Issue {number}\n\nIt crashes.")
        number.focus()
        await scene.press("enter")
        await scene.until(lambda: found.editor.text == "first\n\nIssue 7\n\nIt crashes.", "the issue")
        assert number.value == "" and found.editor.has_focus

    play(stage, act)
