"""The first screen: who comes first, what each line says, and what a key does or why it cannot."""

from __future__ import annotations

import re
import time

import pytest
from textual import events

from swarmctl.app.preview import Shown
from swarmctl.core import events as e
from swarmctl.core.gate import Staged, Verdict
from swarmctl.core.ids import SessionId, TaskId
from swarmctl.core.outcome import Outcome
from swarmctl.core.session import Exit
from swarmctl.edges.store.log import SqliteLog
from swarmctl.surfaces.tui.deeds import At
from swarmctl.surfaces.tui.preview_pane import PreviewPane
from swarmctl.surfaces.tui.queue_screen import QueueScreen
from swarmctl.surfaces.tui.station import Station
from swarmctl.surfaces.tui.submit import Begun
from swarmctl.surfaces.tui.swarm_list import SwarmList
from tests.surfaces.tui.stage import BASE, COMMIT, HEAD, TREE, Scene, Stage, play


def test_those_who_need_a_person_come_first(stage: Stage) -> None:
    stage.gated("landd", Verdict.PASS)
    stage.waiting("waits")
    stage.working("works")
    stage.ready("redy1")
    stage.failed("faild")
    stage.gated("refus")
    stage.asks("block")

    async def act(scene: Scene) -> None:
        await scene.shows("Task landd")
        order = [name for line in scene.text.splitlines() for name in NAMES if f"Task {name}" in line]
        assert order == ["block", "faild", "refus", "redy1", "works", "waits", "landd"]
        assert "▲ 3 need you" in scene.text and "◆ 1 ready" in scene.text and "● 1 working" in scene.text

    NAMES = ("landd", "waits", "works", "redy1", "faild", "refus", "block")
    play(stage, act)


def test_a_line_says_its_gates_its_cost_and_what_was_last(stage: Stage) -> None:
    stage.gated("refus")
    stage.costs("refus", 420_000)

    async def act(scene: Scene) -> None:
        text = await scene.shows("✓style", "✗tests", "$0.42")
        assert "swarm/refus" in text and "refused: gate tests: fail, 1 failed" in text

    play(stage, act)


@pytest.mark.parametrize("size", [(80, 24), (110, 30), (200, 50)])
def test_what_to_do_is_said_however_long_the_reason_is(stage: Stage, size: tuple[int, int]) -> None:
    stage.failed("faild", reason="main and swarm/faild both change " + "a/very/long/path.py, " * 9)

    async def act(scene: Scene) -> None:
        await scene.shows("faild  main and swarm/faild both change", "…  → w says why, r goes on with it")
        await scene.pilot.resize_terminal(150, 40)
        await scene.shows("…  → w says why, r goes on with it")

    play(stage, act, size)


def test_words_that_the_selected_line_lacks_lead_to_the_first_that_has_them(stage: Stage) -> None:
    stage.failed("first", title="Mend the one")
    stage.ready("secnd", title="Mend the other")
    stage.working("third", title="Write the docs")

    async def act(scene: Scene) -> None:
        await scene.shows("Write the docs")
        await scene.press("end", "slash", *"mend")
        await scene.until(lambda: scene.app.selected == "first", "the first that is found")
        await scene.press("enter", "down", "slash", *"other")
        await scene.shows("1 of 3")
        assert scene.app.selected == "secnd"
        await scene.press("escape")
        await scene.shows("Write the docs")
        assert scene.app.selected == "secnd"

    play(stage, act)


def test_an_empty_repository_says_what_to_press_first(stage: Stage) -> None:
    async def act(scene: Scene) -> None:
        await scene.shows("Nothing runs here yet.", "give an agent a task")

    play(stage, act)


def test_the_age_of_a_place_in_the_queue_is_counted_from_when_it_came_there(stage: Stage) -> None:
    now, ago = time.time(), [1000.0]
    stage.log.close()
    stage.log = SqliteLog(stage.place.paths.database, now=lambda: now - ago[0])
    stage.ready("redy1")
    ago[0] = 500.0
    stage.queued("waits")
    session = SessionId("redy1")
    stage.tell(e.TaskReopened(TaskId("tredy1")), e.MergeAsked(session, "merge"), e.Enqueued(session, HEAD))

    async def act(scene: Scene) -> None:
        await scene.shows("queued               8m", "Task waits")
        assert "16m" not in scene.text
        ago[0] = 0.0
        stage.tell(e.MergeStaged(session, Staged(BASE, HEAD, COMMIT, TREE, "squash")))
        await scene.until(lambda: re.search(r"gating +\d?\ds", scene.text), "the age of the gates")
        await scene.shows("queued               8m")

    play(stage, act)


def test_what_happens_meanwhile_is_seen(stage: Stage) -> None:
    stage.working("works")

    async def act(scene: Scene) -> None:
        await scene.shows("Task works")
        stage.asks("block")
        await scene.shows("Task block", "▲ 1 needs you")
        assert scene.app.home.row is not None and scene.app.home.row.key == "works"
        await scene.press("space")
        assert scene.app.home.row.key == "block"

    play(stage, act)


@pytest.mark.parametrize("size", [(120, 20), (120, 21), (120, 22), (120, 23)])
def test_the_list_begins_with_a_whole_row_wherever_its_cursor_is(stage: Stage, size: tuple[int, int]) -> None:
    for number in range(12):
        stage.waiting(f"w{number}")

    async def act(scene: Scene) -> None:
        await scene.shows("Task w0")
        rows = scene.app.home.query_one(SwarmList)
        for key in ("end", "k", "k", "home", *"jjjjjjjjj", "end"):
            await scene.press(key)
            await scene.pilot.pause()
            assert rows.scroll_offset.y % rows.row_height == 0, key
            lines = range(rows.size.height)
            seen = [line for line in lines if rows.render_line(line).text.startswith("▌")]
            assert len(seen) == 1, "its cursor is seen"

    play(stage, act, size)


def test_words_narrow_the_list_and_escape_brings_all_back(stage: Stage) -> None:
    stage.working("apple", "Mend the parser")
    stage.working("berry", "Write the docs")

    async def act(scene: Scene) -> None:
        await scene.shows("Mend the parser", "Write the docs")
        await scene.press("slash", *"docs", "enter")
        await scene.lacks("Mend the parser")
        assert '1 of 2 with "docs"' in scene.text.splitlines()[0]
        await scene.press("escape")
        await scene.shows("Mend the parser", "Write the docs")
        assert "1 of 2" not in scene.text

    play(stage, act)


def test_help_that_is_too_long_for_a_line_goes_on_under_its_beginning(stage: Stage) -> None:
    async def act(scene: Scene) -> None:
        await scene.press("question_mark")
        await scene.shows("Give an agent a task.")
        body = [line.partition("│")[2].rpartition("│")[0] for line in scene.text.splitlines() if line.count("│") > 1]
        words = [line[1:] for line in body[1:-1] if line.strip()]
        assert len(words) > 10 and all(line.startswith(" " * 9) or line[:9].strip() for line in words)
        assert [line for line in words if line.startswith(" " * 10) and "not now" not in line], "some go on"

    play(stage, act, (70, 40))


def test_the_help_has_every_key_and_says_which_cannot_be_used(stage: Stage) -> None:
    async def act(scene: Scene) -> None:
        await scene.press("question_mark")
        text = await scene.shows("Give an agent a task.", "not now: no session is selected")
        assert "Leave. Nothing stops." in text
        await scene.press("escape")
        await scene.shows("Nothing runs here yet.")

    play(stage, act, (120, 60))


def test_keys_that_are_typed_at_once_act_in_their_order(stage: Stage) -> None:
    stage.working("apple")
    stage.working("berry")

    async def act(scene: Scene) -> None:
        await scene.shows("Task apple", "Task berry")
        second = scene.app.home.query_one(SwarmList).rows[1].key
        for key in ("down", "s"):
            scene.app.post_message(events.Key(key, None))
        await scene.shows(f"To {second}")

    play(stage, act)


def test_a_list_that_scrolls_keeps_its_height_and_cuts_no_word_unsaid(stage: Stage) -> None:
    for number in range(20):
        stage.working(f"s{number:04}", "A very long title, with words that no line of this terminal can ever hold " * 3)

    async def act(scene: Scene) -> None:
        await scene.shows("A very long title")
        seen = scene.app.home.query_one(SwarmList)
        await scene.until(lambda: seen.show_vertical_scrollbar, "a scrollbar")
        assert not seen.show_horizontal_scrollbar
        assert seen.size.height == seen.scrollable_content_region.height
        lines = [line for line in scene.text.splitlines() if "A very long title" in line]
        assert lines and all("…" in line for line in lines)
        assert {seen.render_line(y).cell_length for y in range(8)} == {seen.scrollable_content_region.width}

    play(stage, act, (100, 30))


def test_a_key_that_is_pressed_twice_at_once_opens_one_screen(stage: Stage) -> None:
    stage.working("works")

    async def act(scene: Scene) -> None:
        await scene.shows("Task works")
        for _ in range(2):
            scene.app.post_message(events.Key("g", "g"))
        await scene.until(lambda: scene.app.screen is not scene.app.home, "the queue")
        await scene.pilot.pause()
        assert len([each for each in scene.app.screen_stack if isinstance(each, QueueScreen)]) == 1

    play(stage, act)


def test_what_was_begun_here_is_selected_unless_somebody_went_elsewhere(stage: Stage) -> None:
    stage.asks("block")
    stage.working("works")

    async def act(scene: Scene) -> None:
        home = scene.app.home
        rows = home.query_one(SwarmList)
        await scene.shows("Task works")
        home.submit.begun = Begun("tfresh", scene.app.selected)
        stage.waiting("fresh")
        await scene.until(lambda: scene.app.selected == "tfresh", "the new task")
        stage.planned("later")
        await scene.shows("Task later")
        assert scene.app.selected == "tfresh"
        home.submit.begun = Begun("tother", scene.app.selected)
        rows.go_to("block")
        stage.waiting("other")
        await scene.until(lambda: home.submit.begun is None, "the other task")
        assert scene.app.selected == "block"

    play(stage, act)


def test_the_cursor_stays_on_a_task_that_gets_its_session(stage: Stage) -> None:
    stage.working("works")
    stage.waiting("first")
    stage.waiting("waits")

    async def act(scene: Scene) -> None:
        rows = scene.app.home.query_one(SwarmList)
        await scene.shows("Task waits")
        rows.go_to("twaits")
        stage.begin("waits")
        await scene.until(lambda: scene.app.selected == "waits", "its session")

    play(stage, act)


def test_the_list_of_repositories_marks_the_one_that_is_shown(stage: Stage) -> None:
    stage.working("works")

    async def act(scene: Scene) -> None:
        await scene.shows("Task works")
        await scene.press("R")
        await scene.shows("Repositories", f"● {stage.place.repository.root}")

    play(stage, act, (200, 40))


def test_what_cannot_land_says_so_before_anybody_asks(stage: Stage) -> None:
    stage.working("works")
    session = SessionId("works")
    stage.tell(
        e.SessionEnded(session, Exit(2), "exit file"),
        e.SessionKept(session, Outcome.FAILED, "the agent ended with code 2"),
        e.TaskFinished(TaskId("tworks"), Outcome.FAILED, "the agent ended with code 2"),
        e.WorktreeTrashed(session, "/trash/works", HEAD),
    )
    stage.gated("landd", Verdict.PASS)

    async def act(scene: Scene) -> None:
        await scene.shows("Task works", "Task landd")
        home = scene.app.home
        why = {row.key: home.deeds["m"].why_not(At(row, scene.app.frame)) for row in scene.app.frame.rows}
        assert why == {"works": "works has no work to land", "landd": "landd landed already"}

    play(stage, act)


def test_a_next_step_is_a_key_and_no_command(stage: Stage) -> None:
    stage.failed("taken", "", "its worktree was removed while it ran; swarmctl undo taken brings the worktree back")

    async def act(scene: Scene) -> None:
        await scene.shows("Task taken", "failed: its worktree was removed while it ran", "→ u brings it back")
        assert "swarmctl undo" not in scene.text
        home = scene.app.home
        assert home.row is not None and not home.deeds["u"].why_not(home.ground)

    play(stage, act)


def test_what_is_parked_lands_on_its_own_target_whatever_the_settings_hold(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.parked("parkd", "main", "a.txt")
    (stage.place.repository.root / "swarm.toml").write_text("[merge]\ntarget = 3\n")
    asked: list[tuple[str, dict[str, object]]] = []
    monkeypatch.setattr(Station, "ask", lambda self, kind, args, then: asked.append((kind, args)))

    async def act(scene: Scene) -> None:
        await scene.shows("Task parkd")
        await scene.press("L")
        await scene.until(lambda: asked, "the landing to be asked for")

    play(stage, act)
    assert asked == [("land", {"target": "main"})]


def test_what_is_searched_for_in_the_terminal_below_is_found_line_by_line(stage: Stage) -> None:
    stage.working("works")
    lines = tuple(f"needle {number}" if number in (10, 150, 195, 199) else f"line {number}" for number in range(200))

    async def act(scene: Scene) -> None:
        home = scene.app.home
        await scene.shows("Task works")
        scene.app.previewing.stop()
        scene.app.previewing.join()
        await scene.press("N")
        await scene.shows("nothing is searched for below: tab, then /")
        home.show_preview("works", Shown(lines, "live"))
        await scene.press("tab", "slash", *"needle", "enter")
        await scene.shows("needle 199")
        await scene.press("N", "N")
        await scene.shows("needle 150")
        await scene.press("N")
        await scene.shows("needle 10")
        await scene.press("N")
        await scene.shows("needle 199")
        home.query_one(PreviewPane).seek(1)
        await scene.shows("needle 10")
        await scene.press("escape")
        assert home.deeds["N"].why_not(home.ground)

    play(stage, act)


def test_an_error_that_nobody_thought_of_is_said(stage: Stage) -> None:
    async def act(scene: Scene) -> None:
        await scene.shows("Nothing runs here yet.")
        scene.app.in_background(lambda: [][1], lambda found: None)
        await scene.shows("IndexError", "hint: swarmctl doctor")

    play(stage, act)
