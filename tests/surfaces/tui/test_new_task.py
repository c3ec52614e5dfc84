"""Writing a task: what can be chosen, files that are completed, and words that are never lost."""

from __future__ import annotations

import re
import subprocess
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from textual.widgets import Input

from swarmctl.app.drafts import draft, keep_draft
from swarmctl.surfaces.tui.new_task import NewTask
from swarmctl.surfaces.tui.prompt_area import FileList, Files
from tests.surfaces.tui.new_tasks import AGENTS, dialog, opened, write
from tests.surfaces.tui.stage import Scene, Stage, play

pytestmark = pytest.mark.usefixtures("agents")


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
        await scene.shows("mini  level", "one attempt", "small", "not with mini", "stops at ready: [merge] auto is off")
        fields = dialog(scene).fields()
        assert fields["agent"] == "mini" and fields["target"] == "", "a branch that is gone is not chosen"
        assert not dialog(scene).pick("lands").disabled, "nobody pays three times unasked"

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
    threads: list[threading.Thread] = []

    def look_for(words: str) -> None:
        found[words] = files.find(words)

    def is_waiting(words: str) -> bool:
        return bool(looked) and files._newest == words

    for words in ("f", "fi", "file", "file4999", "file49999"):
        threads.append(threading.Thread(target=look_for, args=(words,)))
        threads[-1].start()
        wait_until(partial(is_waiting, words))
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
