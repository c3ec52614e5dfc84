"""The compare screen: how several attempts stand, what each changed, and what a pick does and says."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from rich.cells import cell_len

from swarmctl.app import comparing
from swarmctl.app.board import Board
from swarmctl.app.here import Here
from swarmctl.core import events as e
from swarmctl.core.gate import Verdict
from swarmctl.core.ids import RunId, SessionId, TaskId
from swarmctl.surfaces.tui.compare_entries import Entries
from swarmctl.surfaces.tui.compare_screen import CompareScreen
from swarmctl.surfaces.tui.swarm_list import SwarmList
from tests.surfaces.tui.held import Held
from tests.surfaces.tui.rivals import CONTEST, TITLE, attempt, gated, rehearsed
from tests.surfaces.tui.stage import Scene, Stage, play
from tests.surfaces.tui.work import finished

CODE = "def answer() -> int:\n    return {}\n"
GREEN = (Verdict.PASS, "12 tests", 12)
MANY = {f"gate{number}": GREEN for number in range(10)}
RED = (Verdict.FAIL, "exit code 1: 3 failed", 9)


def three(stage: Stage) -> None:
    """A small one, a larger one, and one that a gate refused."""
    attempt(stage, "small", {"app.py": CODE.format(43)})
    attempt(stage, "large", {"app.py": CODE.format(44), "docs/new.md": "fresh\nlines\n"}, "codex")
    attempt(stage, "wrong", {"app.py": CODE.format(45)}, "gemini")
    gated(stage, "small", tests=GREEN)
    gated(stage, "large", tests=GREEN)
    gated(stage, "wrong", tests=RED)


async def compared(scene: Scene, *words: str, name: str = "small") -> str:
    await scene.shows(TITLE)
    scene.app.home.query_one(SwarmList).go_to(name)
    await scene.press("c")
    return await scene.shows(*words)


def selected(scene: Scene) -> str:
    entry = scene.app.screen.query_one(Entries).current
    return entry.name if entry else ""


def test_attempts_stand_beside_each_other_with_what_decided_and_what_their_gates_said(stage: Stage) -> None:
    three(stage)
    stage.costs("small", 420_000)

    async def act(scene: Scene) -> None:
        text = await compared(scene, "1  small", "2  large", "3  wrong", "✗ exit code 1", "+     return 43")
        names = next(line for line in text.splitlines() if "1  small" in line)
        assert names.index("small") < names.index("large") < names.index("wrong") and "small  best" in names
        for words in ("the fewest lines changed", "2 lines more than small", "1 red gate more", "than large"):
            assert words in text
        assert "1 file +1 −1" in text and "2 files +3 −1" in text and "$0.42" in text
        assert "✓ 12 tests" in text and "claude" in text and "codex" in text and "refused" in text

    play(stage, act)


def test_without_room_they_are_a_table_with_the_selected_one_below(stage: Stage) -> None:
    three(stage)

    async def act(scene: Scene) -> None:
        text = await compared(scene, "attempt", "3 ", "red: tests", "1 green")
        assert "the fewest lines changed" in text and "2 lines more" not in text
        await scene.press("down", "down")
        await scene.shows("✗ tests exit code 1: 3 failed", "refused   gemini")
        for size in ((20, 5), (300, 80), (120, 12), (80, 24)):
            await scene.pilot.resize_terminal(*size)
            await scene.press("up", "right", "down", "left")
        await scene.shows("attempt", "red: tests")

    play(stage, act, (80, 24))


def test_arrows_choose_an_attempt_and_the_file_stays_the_same(stage: Stage) -> None:
    three(stage)

    async def act(scene: Scene) -> None:
        await compared(scene, "+     return 43")
        await scene.press("right")
        assert selected(scene) == "large"
        await scene.shows("+     return 44")
        await scene.press("down")
        await scene.shows("only large changes it", "+ fresh")
        await scene.press("left")
        await scene.shows("small does not change docs/new.md.")
        await scene.press("K")
        await scene.shows("+     return 43")
        await scene.press("K")
        await scene.press("right", "right", "right", "d")
        await scene.shows("wrong  Answer twice", "unseen")
        await scene.press("q")
        await scene.shows("1  small")

    play(stage, act)


def test_a_file_says_which_attempts_changed_it(stage: Stage) -> None:
    three(stage)

    async def act(scene: Scene) -> None:
        text = await compared(scene, "●●●", "·●·", "app.py")
        lines = [line for line in text.splitlines() if "●●●" in line or "·●·" in line]
        assert ["app.py" in lines[0], "docs/new.md" in lines[1]] == [True, True]

    play(stage, act)


def test_why_is_the_screen_that_goes_on_and_comes_back_here(stage: Stage) -> None:
    three(stage)

    async def act(scene: Scene) -> None:
        await compared(scene, "1  small")
        await scene.press("w")
        await scene.shows("Why small", TITLE, "asked for, to land on main")
        stage.tell(e.Noticed(SessionId("small"), "a person looks at it"))
        await scene.shows("a person looks at it")
        await scene.press("escape")
        await scene.shows("1  small")
        assert isinstance(scene.app.screen, CompareScreen)

    play(stage, act)


@dataclass(frozen=True, slots=True)
class Glanced(Here):
    glances: list[int] = field(default_factory=list)

    def glance(self) -> Board:
        self.glances.append(1)
        return Here.glance(self)


def test_a_look_reads_the_ledger_once_and_asks_git_only_about_new_work(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    three(stage)
    asked = Held(monkeypatch, comparing, "changed_by")
    place = Glanced(stage.place.repository, stage.place.paths)
    looking = comparing.Comparing(place, ("small",))
    paths = {entry.name: entry.paths for entry in looking.look().entries}
    assert paths == {"small": ("app.py",), "large": ("app.py", "docs/new.md"), "wrong": ("app.py",)}
    assert looking.look().uneven == {"docs/new.md": ("large",)}
    assert len(place.glances) == 2
    assert [len(sessions) for _, _, sessions in asked.calls] == [3, 0]


def test_of_very_many_files_the_first_are_listed_and_the_others_counted(stage: Stage) -> None:
    attempt(stage, "small", {f"many/file{number:04}.txt": "x\n" for number in range(1_100)})
    attempt(stage, "large", {"app.py": CODE.format(44)})
    gated(stage, "small", tests=GREEN)

    async def act(scene: Scene) -> None:
        await compared(scene, "1  small", "the first 1,000 of 1,100 files", "many/file0000.txt", "●·")
        await scene.press("tab", "end")
        await scene.shows("many/file0998.txt", "many/file0999.txt   change 1 of 1")

    play(stage, act, (160, 40))


def test_what_is_equal_is_called_a_tie(stage: Stage) -> None:
    for name in ("ones", "twos"):
        attempt(stage, name, {"app.py": CODE.format(43)})
    for name in ("ones", "twos"):
        gated(stage, name, tests=GREEN)

    async def act(scene: Scene) -> None:
        text = await compared(scene, "=1  ones  tie", "=1  twos  tie", "a tie: ones, twos")
        assert "the same evidence as twos" in text and "best" not in text
        await scene.press("q")
        await scene.shows("=1/2 Answer twice")

    play(stage, act)


def test_what_happens_meanwhile_is_seen_and_the_cursor_stays_on_its_attempt(stage: Stage) -> None:
    attempt(stage, "early", {"app.py": CODE.format(43), "b.py": "b\n"})
    attempt(stage, "later", {"app.py": CODE.format(44)})
    gated(stage, "early", tests=GREEN)

    async def act(scene: Scene) -> None:
        await compared(scene, "1  early", "-  later", "1 of 2 gated", name="early")
        assert selected(scene) == "early"
        finished(stage, "later")
        await scene.shows("waits for its gates")
        rehearsed(stage, "later", tests=GREEN)
        await scene.shows("1  later  best", "2  early")
        assert selected(scene) == "early"

    play(stage, act)


def test_in_the_list_an_attempt_has_its_rank_and_others_have_none(stage: Stage) -> None:
    three(stage)
    stage.working("other", "Write the docs")

    async def act(scene: Scene) -> None:
        text = await scene.shows("1/3 Answer twice", "2/3 Answer twice", "3/3 Answer twice", "Write the docs")
        assert not any("/3" in line for line in text.splitlines() if "Write the docs" in line)

    play(stage, act)


def test_where_nothing_was_tried_several_times_the_keys_say_so(stage: Stage) -> None:
    stage.ready("alone")

    async def act(scene: Scene) -> None:
        await scene.shows("Task alone")
        await scene.press("c")
        await scene.shows("nothing was tried several times yet")
        await scene.press("p")
        await scene.shows("alone is the only attempt at its task")

    play(stage, act)


def test_eight_attempts_and_hostile_words_stay_in_their_box(stage: Stage) -> None:
    title = "[bold]\x1b[2J\x1b]0;owned\x07" + "wide 漢字 " * 40
    for number in range(7):
        attempt(stage, f"name{number}", {"app.py": CODE.format(number), f"o\x1b[31m{number}.py": "x\n"}, title=title)
        words = f"\x1b[31m[red]{number} failed" * 9
        gated(stage, f"name{number}", **{"te\x1b[2Jsts": (Verdict.FAIL, words, 1), **MANY})
    run = RunId("rwaits")
    stage.tell(
        e.RunSubmitted(run, False, "no", "main"),
        e.TaskAdded(TaskId("twaits"), run, 1, title, title, "claude", contest=CONTEST),
    )

    async def act(scene: Scene) -> None:
        await scene.shows("-/8")
        scene.app.home.query_one(SwarmList).go_to("name3")
        await scene.press("c")
        await scene.shows("name3", "4 ▸", "and 3 more gates")
        for size in ((120, 40), (80, 24), (20, 5), (300, 80), (120, 20)):
            await scene.pilot.resize_terminal(*size)
            for key in ("right", "down", "left", "up", "end", "J"):
                await scene.press(key)
            text = scene.text
            assert "\x1b" not in text and "\x07" not in text
            assert max(map(cell_len, text.splitlines())) <= size[0]
        await scene.pilot.resize_terminal(120, 40)
        await scene.press(*(["right"] * 8))
        assert selected(scene) == "twaits"
        await scene.shows("◂ 4", "twaits has no session yet", "waits to start")
        await scene.press("d")
        await scene.shows("twaits waits for a place")

    play(stage, act)
