"""What is written is never lost: not to another repository, to a key in the middle, nor to who does not answer."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import pytest
from textual.events import Paste

from swarmctl.app.drafts import FOLDER, Drafts, draft, keep_draft
from swarmctl.app.here import Here, here
from swarmctl.app.inbox import SupervisorGone
from swarmctl.core.errors import EnvironmentFault
from swarmctl.edges.files.paths import write_atomically
from swarmctl.surfaces.tui import station, writing
from swarmctl.surfaces.tui.home import Home
from swarmctl.surfaces.tui.prompt_area import PromptArea
from swarmctl.surfaces.tui.writing import Tell, Writing
from tests.surfaces.tui.stage import Scene, Stage, play


class Answering(Here):
    """Its supervisor answers as the test says, when the test says so."""

    def client(self, tell: object = None) -> Any:
        return Client()


class Client:
    asked: ClassVar[list[str]]
    go_on: ClassVar[threading.Event]
    answer: ClassVar[Callable[[], dict[str, Any]]]

    def ask(self, kind: str, args: dict[str, Any]) -> dict[str, Any]:
        type(self).asked.append(args["text"])
        assert type(self).go_on.wait(30)
        return type(self).answer()

    def hang_up(self) -> None:
        pass


@pytest.fixture(autouse=True)
def answering() -> type[Client]:
    Client.asked, Client.go_on, Client.answer = [], threading.Event(), dict
    return Client


def gone() -> dict[str, Any]:
    raise SupervisorGone("the supervisor is gone", hint="swarmctl ps")


@pytest.fixture
def told(stage: Stage) -> Stage:
    stage.working("works")
    stage.place = Answering(stage.place.repository, stage.place.paths)
    return stage


async def written(scene: Scene, words: str) -> Writing:
    await scene.shows("Task works")
    await scene.press("s", *words)
    await scene.shows(words)
    found = scene.app.screen
    assert isinstance(found, Tell)
    return found


async def sending(scene: Scene, words: str) -> Writing:
    found = await written(scene, words)
    await scene.press("ctrl+s")
    await scene.shows("asking the supervisor …")
    await scene.until(lambda: Client.asked == [words], "the question")
    return found


def test_what_is_opened_over_it_while_it_is_sent_stays_and_it_goes_afterwards(told: Stage) -> None:
    async def act(scene: Scene) -> None:
        found = await sending(scene, "hurry")
        await scene.press("ctrl+p")
        await scene.shows("Search for commands")
        Client.go_on.set()
        await scene.shows("told works", "Search for commands")
        assert found in scene.app.screen_stack
        await scene.press("escape")
        await scene.until(lambda: scene.app.screen is scene.app.home, "the list")
        assert draft(told.place, "send-works") == {}

    play(told, act)


def test_what_was_left_while_it_is_sent_is_shown_as_sent_and_not_sent_twice(told: Stage) -> None:
    async def act(scene: Scene) -> None:
        await sending(scene, "hurry")
        await scene.press("escape")
        await scene.until(lambda: scene.app.screen is scene.app.home, "the list")
        await scene.press("s")
        await scene.shows("asking the supervisor …", "hurry")
        await scene.press("ctrl+s", "x")
        Client.go_on.set()
        await scene.shows("told works")
        await scene.until(lambda: scene.app.screen is scene.app.home, "the list")
        assert Client.asked == ["hurry"]
        await scene.press("s")
        await scene.shows("To works", "^s send")
        assert scene.app.screen.query_one(PromptArea).text == ""

    play(told, act)


def test_a_supervisor_that_dies_meanwhile_leaves_the_words_in_the_editor(told: Stage) -> None:
    async def act(scene: Scene) -> None:
        Client.answer = gone
        found = await sending(scene, "hurry")
        Client.go_on.set()
        await scene.shows("the supervisor is gone", "hurry", "^s send")
        assert not found.editor.read_only
        assert draft(told.place, "send-works")["prompt"] == "hurry"

    play(told, act)


def test_who_left_before_it_was_refused_is_told_and_finds_it_again(told: Stage) -> None:
    async def act(scene: Scene) -> None:
        Client.answer = gone
        await sending(scene, "hurry")
        await scene.press("escape")
        await scene.until(lambda: scene.app.screen is scene.app.home, "the list")
        Client.go_on.set()
        await scene.shows("the supervisor is gone", "What was written is kept")
        await scene.press("s")
        await scene.shows("hurry", "^s send")
        assert "look whether it arrived" not in scene.text

    play(told, act)


def test_who_quits_while_it_is_sent_has_it_still_and_only_until_it_was_taken(told: Stage) -> None:
    async def act(scene: Scene) -> None:
        await sending(scene, "hurry")
        assert draft(told.place, "send-works")["prompt"] == "hurry"
        await scene.press("ctrl+q")
        Client.go_on.set()

    play(told, act)
    assert draft(told.place, "send-works") == {}


def test_a_draft_stays_with_its_repository(stage: Stage, tmp_path: Path) -> None:
    other = tmp_path / "other"
    subprocess.run(["git", "init", "-q", "-b", "main", str(other)], check=True)
    subprocess.run(["git", "-C", str(other), "commit", "-q", "--allow-empty", "-m", "First"], check=True)
    elsewhere = here(other)
    stage.working("works")

    async def go(scene: Scene, place: Here) -> None:
        scene.app.home.post_message(Home.WentTo(place))
        await scene.until(lambda: scene.app.place is place, "the other repository")

    async def act(scene: Scene) -> None:
        await scene.shows("Task works")
        await scene.press("n", *"mine", "escape")
        await go(scene, elsewhere)
        await scene.press("n")
        await scene.shows("New task in other")
        assert "mine" not in scene.text
        await scene.press(*"theirs", "escape")
        await go(scene, stage.place)
        await scene.press("n")
        await scene.shows("New task in repo", "mine")
        assert "theirs" not in scene.text

    play(stage, act)
    assert draft(stage.place, "new")["prompt"] == "mine"
    assert draft(elsewhere, "new")["prompt"] == "theirs"


def test_what_is_typed_before_the_draft_was_found_stands_behind_it(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "KEEP_S", 60.0)
    keep_draft(stage.place, "told", {"prompt": "sort the "})

    async def act(scene: Scene) -> None:
        await scene.until(lambda: scene.app.home.is_current, "the list")
        found = Tell("To works", "told", "", lambda _place, _text: gone)
        background = scene.app.in_background
        held: list[Any] = []
        scene.app.in_background = lambda *given: held.append(given)  # type: ignore[method-assign]
        scene.app.push_screen(found)
        await scene.until(lambda: isinstance(scene.app.focused, PromptArea), "the dialog")
        await scene.press(*"imports")
        scene.app.in_background = background  # type: ignore[method-assign]
        for given in held:
            background(*given)
        await scene.until(lambda: found.editor.text == "sort the imports", "both")
        await scene.press("ctrl+q")

    play(stage, act)
    assert draft(stage.place, "told")["prompt"] == "sort the imports"


def test_the_newest_is_in_the_file_however_threads_overtake_each_other(stage: Stage) -> None:
    drafts, place = Drafts(), stage.place
    for number in range(200):
        drafts.hold(place, "new", {"prompt": str(number)} if number % 3 else {})
    threads = [threading.Thread(target=drafts.write_down, args=(place, "new")) for _ in range(8)]
    for thread in threads:
        thread.start()
    drafts.hold(place, "new", {"prompt": "last"})
    drafts.write_down(place, "new")
    for thread in threads:
        thread.join()
    assert draft(place, "new") == {"prompt": "last"}


OTHER = """
import sys
from pathlib import Path
from swarmctl.app.drafts import Drafts
from swarmctl.app.here import here
place, drafts = here(Path(sys.argv[1])), Drafts()
for words in sys.stdin:
    assert drafts.held(place, "new") or drafts.find(place, "new") == {}
    drafts.hold(place, "new", {"prompt": words.strip()})
    drafts.write_down(place, "new")
    print("kept", flush=True)
"""
"""Another cockpit, as far as drafts know."""


def test_two_cockpits_that_write_at_once_lose_no_word_of_either(stage: Stage, repo: Path) -> None:
    other = subprocess.Popen(
        [sys.executable, "-c", OTHER, str(repo)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    )
    assert other.stdin and other.stdout

    def writes(words: str) -> None:
        assert other.stdin and other.stdout
        other.stdin.write(f"{words}\n")
        assert other.stdout.readline() == "kept\n"

    async def act(scene: Scene) -> None:
        writes("theirs")
        await scene.press("n")
        await scene.shows("New task")
        await scene.press(*"mine")
        await scene.shows("mine")
        assert "theirs" not in scene.text, "the other one has it"
        await scene.press("escape")
        writes("theirs, and more")

    play(stage, act)
    other.communicate()
    assert other.returncode == 0

    async def again(scene: Scene) -> None:
        await scene.press("n")
        await scene.shows("theirs, and more", "Another one is kept as well")
        scene.app.screen.query_one(PromptArea).text = ""
        await scene.press("escape")
        await scene.until(lambda: draft(stage.place, "new") == {}, "no first draft")
        await scene.press("n")
        await scene.shows("mine")
        assert "Another one" not in scene.text

    play(stage, again)


def test_two_threads_that_write_one_file_leave_one_of_both_texts_and_nothing_else(tmp_path: Path) -> None:
    path, texts = tmp_path / "file", ["a" * 100_000, "b" * 100_000]
    failed: list[Exception] = []

    def write(text: str) -> None:
        try:
            for _ in range(20):
                write_atomically(path, text)
        except OSError as error:
            failed.append(error)

    threads = [threading.Thread(target=write, args=(text,)) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == [] and path.read_text() in texts and list(tmp_path.iterdir()) == [path]


def test_a_long_paste_is_written_kept_and_refused_with_its_reason(told: Stage) -> None:
    words = "word " * 60_000

    def refuse() -> dict[str, Any]:
        raise EnvironmentFault("the text is over 200,000 characters")

    async def act(scene: Scene) -> None:
        Client.answer = refuse
        Client.go_on.set()
        found = await written(scene, "x")
        scene.app.post_message(Paste(words))
        await scene.until(lambda: len(found.editor.text) == len(words) + 1, "the paste")
        await scene.press("ctrl+s")
        await scene.shows("over 200,000 characters")
        assert len(draft(told.place, "send-works")["prompt"]) == len(words) + 1

    play(told, act)


@pytest.mark.parametrize("words", ["", "   ", "\n\t \n"])
def test_blanks_are_nothing_and_no_draft(told: Stage, words: str) -> None:
    async def act(scene: Scene) -> None:
        found = await written(scene, "x")
        found.editor.text = words
        await scene.press("ctrl+s")
        await scene.shows("Nothing is written yet.")
        await scene.press("escape")
        await scene.until(lambda: scene.app.screen is scene.app.home, "the list")
        assert Client.asked == []

    play(told, act)
    assert not list((told.place.paths.root / FOLDER).glob("*"))


def test_who_quits_waits_for_no_supervisor_that_never_answers(told: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(station, "LEAVE_S", 0.1)

    async def act(scene: Scene) -> None:
        await sending(scene, "hurry")
        await scene.press("ctrl+q")

    play(told, act)
    assert not Client.go_on.is_set() and draft(told.place, "send-works")["prompt"] == "hurry"

    async def again(scene: Scene) -> None:
        await scene.shows("Task works")
        await scene.press("s")
        await scene.shows("hurry", "look whether it arrived before you send it again", "^s send")

    play(told, again)
    Client.go_on.set()
