"""A broken world is said in a line, and what an agent or a title contains never leaves its place on the screen."""

from __future__ import annotations

import re
import socket
import sqlite3
from pathlib import Path

import pytest
from rich.cells import cell_len
from textual.events import Resize
from textual.geometry import Size

from swarmctl.app.preview import Shown
from swarmctl.core import events as e
from swarmctl.surfaces.tui.swarm_list import SwarmList
from tests.surfaces.tui.stage import Scene, Stage, play

HOSTILE = (
    "\x1b]0;owned\x07\x1b]2;owned\x1b\\after",
    "\x1b[2J\x1b[1;1H\x1b[10Aafter\x1b[999C!",
    "\x1b[?1049h\x1b[?1000hafter\x1b[?25l",
    "\x1b]8;;http://example.invalid\x1b\\link\x1b]8;;\x1b\\ after",
    "\x1b]52;c;b3duZWQ=\x07after",
    "\x1bPq#0;2;0;0;0#0~~@@vv@@~~@@~~$\x1b\\after",
    "\x9b2J\x9d0;owned\x9cafter\x90q~~\x9c",
    "lost\r\x1b[K\x0b\x0c\x07after\b\b\b\b\b\b",
    "after\x1b[38;2;1",
    "[bold red]after[/] [@click=app.quit]x[/]",
)
TITLES = {
    "long": "Mend the parser " * 20,
    "right to left": "תקן את המנתח \u202eand turn it round\u202c שלום",
    "combining": "e\u0301\u0302\u0303" * 40 + "Z" + "\u0336".join("struck"),
    "wide": "解析器を修正する" * 12,
    "emoji": "👩‍👩‍👧 family 🏳️‍🌈 flag 👍🏽 thumb " * 4,
    "markup": "[bold red]red[/bold red] [/] [@click=app.quit]press[/]",
    "escapes": "a\x1b]0;owned\x07b\x1b[2Jc\r\nd",
}
UNSAFE = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def lines_of(scene: Scene) -> list[str]:
    return [strip.text for strip in scene.app.screen._compositor.render_strips()]


def keeps_its_boxes(scene: Scene) -> None:
    """Every line is as wide as the terminal, and nothing in it acts on one."""
    size = scene.app.size
    lines = lines_of(scene)
    assert len(lines) == size.height
    assert {cell_len(line) for line in lines} == {size.width}
    assert not UNSAFE.search("\n".join(lines))
    assert lines[0].startswith((" swarm", " 0 of 7 with")) and "? help" in lines[-1]


@pytest.mark.parametrize("size", [(80, 24), (200, 50)], ids=str)
def test_every_title_stays_in_its_line(stage: Stage, size: tuple[int, int]) -> None:
    for number, title in enumerate(TITLES.values()):
        stage.failed(f"faild{number}", title, reason=title)

    async def act(scene: Scene) -> None:
        await scene.shows(f"▲ {len(TITLES)} need you", "swarm/faild0")
        for _ in TITLES:
            await scene.press("down")
            keeps_its_boxes(scene)
        await scene.press("slash", *"[red]", "enter")
        keeps_its_boxes(scene)
        await scene.press("escape", "a")
        await scene.shows("asks nothing")
        keeps_its_boxes(scene)

    play(stage, act, size)


def test_what_an_agent_prints_stays_in_its_box(stage: Stage) -> None:
    """Even when it comes with escapes that were to be taken away on its way here."""
    stage.working("works")

    async def act(scene: Scene) -> None:
        await scene.shows("Task works")
        scene.app.previewing.stop()
        for number, output in enumerate(HOSTILE):
            scene.app.home.show_preview("works", Shown((output, f"line {number}"), "live"))
            await scene.shows("after", f"line {number}")
            keeps_its_boxes(scene)
        await scene.press("tab", "slash", *"after", "enter")
        keeps_its_boxes(scene)

    play(stage, act)


def test_a_question_with_markup_is_shown_as_it_is(stage: Stage) -> None:
    stage.asks("block", "[bold]rm[/bold] -rf [@click=app.quit]build[/]\x1b[2J")

    async def act(scene: Scene) -> None:
        await scene.shows("Task block")
        await scene.press("a")
        await scene.shows("[bold]rm[/bold] -rf [@click=app.quit]build[/]")
        assert not UNSAFE.search(scene.text)

    play(stage, act)


def test_a_ledger_that_another_program_writes_for_long_is_shown_as_it_was(stage: Stage) -> None:
    stage.working("works")
    stage.log.close()

    async def act(scene: Scene) -> None:
        await scene.shows("Task works", "● 1 working")

    with sqlite3.connect(stage.place.paths.database) as other:
        other.execute("BEGIN EXCLUSIVE")
        play(stage, act)
        other.rollback()
    other.close()


def test_a_ledger_that_is_locked_says_by_whom_to_see_and_is_read_when_it_is_free(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("swarmctl.edges.store.reading.BUSY_TIMEOUT_S", 0.2)
    stage.working("works")
    stage.log.close()
    other = sqlite3.connect(stage.place.paths.database, isolation_level=None, check_same_thread=False)
    other.execute("PRAGMA locking_mode = EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")
    other.execute("CREATE TABLE another (one)")

    async def act(scene: Scene) -> None:
        text = await scene.shows("is locked by another program", "fuser -v")
        assert "Task works" not in text and "Nothing runs here yet" not in text
        other.execute("ROLLBACK")
        other.close()
        await scene.shows("Task works", "● 1 working")
        await scene.lacks("is locked")

    play(stage, act, (200, 50))


def test_a_damaged_ledger_says_what_to_type(stage: Stage) -> None:
    stage.working("works")
    stage.log.close()
    database = stage.place.paths.database
    database.write_bytes(b"this is no database " * 1000)

    async def act(scene: Scene) -> None:
        text = await scene.shows("not a swarmctl database")
        assert "mv" in text.split() and "Nothing runs here yet" not in text
        keeps_its_boxes(scene)

    play(stage, act, (200, 50))


def test_a_ledger_of_a_newer_version_says_what_to_type(stage: Stage) -> None:
    stage.working("works")
    stage.log.close()
    with sqlite3.connect(stage.place.paths.database) as other:
        other.execute("PRAGMA user_version = 9999")
    other.close()

    async def act(scene: Scene) -> None:
        await scene.shows("newer swarmctl", "pip install --upgrade swarmctl")

    play(stage, act)


def test_a_ledger_that_goes_away_is_missed_and_one_that_comes_is_read(stage: Stage) -> None:
    stage.working("works")
    database = stage.place.paths.database

    async def act(scene: Scene) -> None:
        await scene.shows("Task works")
        away = away_with(database)
        await scene.shows("Task works", "the ledger is gone")
        for path in away:
            path.rename(path.with_name(path.name.removesuffix(".away")))
        await scene.lacks("the ledger is gone")
        stage.working("other")
        await scene.shows("Task works", "Task other")

    play(stage, act)


@pytest.mark.parametrize("key", ["t", "g", "dollar_sign", "w", "d"])
def test_every_screen_says_that_the_ledger_is_gone_and_shows_no_zeros_instead(stage: Stage, key: str) -> None:
    stage.working("works")
    stage.costs("works", 740_000)
    stage.place.paths.spool_key.touch()
    database = stage.place.paths.database

    async def act(scene: Scene) -> None:
        await scene.shows("Task works")
        away = away_with(database)
        await scene.shows("the ledger is gone")
        await scene.press(key)
        await scene.until(lambda: scene.app.screen is not scene.app.home, "another screen")
        text = await scene.shows("the ledger is gone", "bring it back")
        if key != "d":
            text = await scene.until(
                lambda: scene.text if scene.text.count("the ledger is gone") > 1 else "", "the page"
            )
        for false in ("$0.00", "Nothing", "0 in the queue", "reading …"):
            assert false not in text
        for path in away:
            path.rename(path.with_name(path.name.removesuffix(".away")))
        await scene.lacks("is gone")

    play(stage, act, (200, 50))


def test_a_new_task_is_refused_with_its_words_where_the_ledger_is_gone(stage: Stage) -> None:
    stage.working("works")
    stage.place.paths.spool_key.touch()

    async def act(scene: Scene) -> None:
        await scene.shows("Task works")
        away_with(stage.place.paths.database)
        await scene.shows("the ledger is gone")
        await scene.press("n", *"sort")
        await scene.shows("New task", "sort")
        await scene.press("ctrl+s")
        await scene.shows("bring it back, or swarmctl run", "sort", "^s send")
        assert not stage.place.paths.socket.exists() and not stage.place.paths.database.exists()

    play(stage, act)


def away_with(database: Path) -> list[Path]:
    return [path.rename(f"{path}.away") for path in sorted(database.parent.glob(f"{database.name}*"))]


def test_work_whose_supervisor_goes_away_is_said(stage: Stage) -> None:
    stage.working("works")
    address = stage.place.paths.socket
    address.parent.mkdir(parents=True, exist_ok=True)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(address))
        listening.listen(64)

        async def act(scene: Scene) -> None:
            await scene.shows("Task works")
            assert "No supervisor runs" not in scene.text
            listening.close()
            await scene.shows("No supervisor runs", "U starts it", "Task works")

        play(stage, act)


def test_a_terminal_that_is_gone_is_said_in_the_preview(stage: Stage) -> None:
    stage.working("works")

    async def act(scene: Scene) -> None:
        await scene.shows("Task works", "it has just begun, or it is gone")

    play(stage, act)


def test_in_a_tiny_terminal_the_one_that_needs_somebody_is_seen(stage: Stage) -> None:
    stage.working("works")
    stage.asks("block")

    async def act(scene: Scene) -> None:
        await scene.shows("▲ permission")
        lines = lines_of(scene)
        assert len(lines) == 5 and {cell_len(line) for line in lines} == {20}
        for key in ("n", "escape", "question_mark", "escape", "slash", "escape", "down", "end"):
            await scene.press(key)
            assert {cell_len(line) for line in lines_of(scene)} == {20}

    play(stage, act, (20, 5))


def test_a_terminal_that_lost_what_it_showed_is_drawn_anew(stage: Stage) -> None:
    """As when it became small and large again before anybody looked: its size is the same, its lines are cut."""
    stage.working("works")

    async def act(scene: Scene) -> None:
        await scene.shows("Task works")
        drawn: list[bool] = []
        real = scene.app.screen._compositor.render_update

        def look(full: bool = False, **rest: object) -> object:
            drawn.append(full or scene.app.size.region in scene.app.screen._compositor._dirty_regions)
            return real(full, **rest)  # type: ignore[arg-type]

        scene.app.screen._compositor.render_update = look  # type: ignore[method-assign, assignment]
        size = Size(120, 40)
        scene.app.post_message(Resize(size, size))
        await scene.until(lambda: any(drawn), "a whole new picture")

    play(stage, act)


def test_ten_thousand_tasks_are_opened_and_walked_through(stage: Stage) -> None:
    """Only what is seen is made."""
    for number in range(10_000):
        stage_many(stage, number)
    flush(stage)

    async def act(scene: Scene) -> None:
        await scene.shows("10000 waiting")
        await scene.press("end")
        await scene.until(lambda: scene.app.home.query_one(SwarmList).cursor == 9_999, "the last")
        assert len(scene.app.home.query_one(SwarmList).seen) <= 30
        keeps_its_boxes(scene)

    play(stage, act)


BATCH: list[e.Event] = []


def stage_many(stage: Stage, number: int) -> None:
    from swarmctl.core.ids import RunId, TaskId

    run, task = RunId(f"r{number:05}"), TaskId(f"t{number:05}")
    title = f"Task {number:05}"
    BATCH.append(e.RunSubmitted(run, False, "no", "main"))
    BATCH.append(e.TaskAdded(task, run, 1, title, title, "claude"))


def flush(stage: Stage) -> None:
    stage.tell(*BATCH)
    BATCH.clear()
