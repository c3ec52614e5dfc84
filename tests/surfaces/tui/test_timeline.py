"""The timeline: every event, live, in pages; narrowed by words and by session; copied and written into a file."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from rich.cells import cell_len

from swarmctl.core import events as e
from swarmctl.core.errors import SwarmError
from swarmctl.core.gate import Verdict
from swarmctl.core.ids import SessionId
from swarmctl.core.machine import Facts
from swarmctl.surfaces.tui import timeline_reading
from swarmctl.surfaces.tui.cockpit import Cockpit
from swarmctl.surfaces.tui.line_list import LineList
from swarmctl.surfaces.tui.timeline import Timeline
from swarmctl.surfaces.tui.timeline_reading import Filter, Reading, Window, event_of, records
from swarmctl.surfaces.words.narrate_chain import chain_line
from tests.surfaces.tui.held import Held
from tests.surfaces.tui.stage import Scene, Stage, play

BAD = "\x1b]0;owned\x07\x1b[2J شكرا \u202eevil " + "w" * 300


def notices(stage: Stage, name: str, count: int) -> None:
    stage.tell(*(e.Noticed(SessionId(name), f"notice {number} of {name}") for number in range(count)))


def held(found: Window | Exception) -> Window:
    assert isinstance(found, Window)
    return found


def test_every_event_is_there_the_newest_last_and_more_as_they_come(stage: Stage) -> None:
    stage.working("works")

    async def act(scene: Scene) -> None:
        await scene.press("t")
        text = await scene.shows("7 events", "working: hook says it uses a tool", "claude started")
        assert '"event": "StateChanged"' in text
        stage.tell(e.Noticed(SessionId("works"), "one more"))
        await scene.shows("8 events", "one more", '"event": "Noticed"')
        await scene.press("up", "up")
        await scene.shows('"event": "SessionStarted"')
        stage.tell(e.Noticed(SessionId("works"), "and another"))
        text = await scene.shows("9 events", "and another")
        assert '"event": "SessionStarted"' in text, "who looks at an older one stays there"

    play(stage, act)


def test_older_ones_are_read_when_somebody_goes_there_and_only_a_window_is_held(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, size in {"PAGE": 40, "SCREENFUL": 80, "WINDOW": 200}.items():
        monkeypatch.setattr(timeline_reading, name, size)
    stage.working("works")
    notices(stage, "works", 600)

    async def act(scene: Scene) -> None:
        await scene.press("t")
        await scene.shows("607 events", "notice 599 of works")
        lines = scene.app.screen.query_one(LineList)
        await scene.until(lambda: lines.vertical_scrollbar.position == lines.max_scroll_y > 0, "the bar at the end")

        def goes(key: str, wanted: str) -> object:
            if wanted in scene.text:
                return True
            lines.action_edge(-1 if key == "home" else 1)
            assert len(lines.items) <= 205
            return False

        await scene.until(lambda: goes("home", "asked for, to land on main"), "the first event")
        assert "there are newer ones: G" in scene.text
        await scene.until(lambda: goes("end", "notice 599 of works"), "the last event")
        stage.tell(e.Noticed(SessionId("works"), "one more"))
        await scene.shows("608 events")
        await scene.press("home")
        await scene.shows("there are newer ones: G")
        await scene.press("G")
        await scene.shows("one more", "▌")
        await scene.until(lambda: lines.items and lines.cursor == lines.last, "the cursor on the newest")
        stage.tell(e.Noticed(SessionId("works"), "followed"))
        await scene.shows("followed", '"text": "followed"')

    play(stage, act)


def test_words_and_the_selected_session_narrow_it(stage: Stage) -> None:
    stage.working("apple")
    stage.working("berry")
    notices(stage, "apple", 3)
    notices(stage, "berry", 3)

    async def act(scene: Scene) -> None:
        await scene.shows("Task apple", "Task berry")
        selected = scene.app.selected
        other = {"apple": "berry", "berry": "apple"}[selected]
        await scene.press("t")
        await scene.shows(f"notice 2 of {other}")
        await scene.press("f")
        await scene.lacks(f"notice 2 of {other}")
        await scene.shows(f"only {selected}", f"notice 2 of {selected}")
        await scene.press("slash", *"notice 1", "enter")
        await scene.lacks("notice 2")
        await scene.shows(f"notice 1 of {selected}", "with “notice 1”  ·  1 found")
        await scene.press("escape")
        await scene.shows(f"notice 2 of {other}")
        await scene.press("slash", *"nowhere", "enter")
        await scene.shows("No event has these words.")

    play(stage, act)


def test_the_record_is_copied_and_what_is_listed_is_written_into_a_new_file(stage: Stage, tmp_path: Path) -> None:
    stage.working("works")
    notices(stage, "works", 3)
    file = tmp_path / "out.ndjson"

    async def act(scene: Scene) -> None:
        await scene.press("t")
        await scene.shows("notice 2 of works")
        await scene.press("y")
        await scene.shows("event 10 is in the clipboard")
        assert json.loads(scene.app.clipboard)["text"] == "notice 2 of works"
        await scene.press("slash", *"notice", "enter")
        await scene.lacks("claude started")
        await scene.press("e")
        await scene.shows("Export what is listed")
        await scene.press("ctrl+u", *str(file), "enter")
        await scene.shows("3 events in")
        lines = [json.loads(line) for line in file.read_text().splitlines()]
        assert [(line["v"], line["seq"], line["text"]) for line in lines] == [
            (1, 8 + number, f"notice {number} of works") for number in range(3)
        ]
        assert file.stat().st_mode & 0o777 == 0o600
        await scene.press("e")
        await scene.shows("Export what is listed")
        await scene.press("ctrl+u", *str(file), "enter")
        await scene.shows("hint: choose another name")
        assert len(file.read_text().splitlines()) == 3

    play(stage, act)


def test_what_is_searched_for_is_found_however_far_back(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeline_reading, "PAGE", 50)
    stage.working("works")
    stage.tell(e.Noticed(SessionId("works"), "A needle in the hay"))
    notices(stage, "works", 700)
    found: list[Window] = []
    reading = Reading(stage.place, lambda: 1, lambda window: found.append(held(window)))
    reading.aim(Filter("hay NEEDLE"))
    reading.look()
    assert [event.words for event in found[-1].events] == ["A needle in the hay"]
    assert found[-1].back == 1 and found[-1].is_newest
    reading.aim(Filter("notice", "works"))
    reading.look()
    assert len(found[-1].events) >= timeline_reading.SCREENFUL and found[-1].back > 1
    assert sum(1 for _ in records(stage.place, Filter("notice of", "works"))) == 700
    assert sum(1 for _ in records(stage.place, Filter())) == 708


def test_in_tmux_what_is_copied_can_be_pasted_there(
    stage: Stage, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.working("works")
    notices(stage, "works", 3)
    socket = tmp_path_factory.mktemp("t") / "s"
    tmux = ["tmux", "-S", str(socket), "-f", "/dev/null"]
    subprocess.run([*tmux, "new-session", "-d", "cat"], check=True, timeout=60)
    monkeypatch.setenv("TMUX", f"{socket},1,0")

    async def act(scene: Scene) -> None:
        await scene.press("t")
        await scene.shows("notice 2 of works")
        await scene.press("y")
        await scene.shows("event 10 is in tmux's buffer")
        shown = subprocess.run([*tmux, "show-buffer"], check=True, capture_output=True, text=True, timeout=60)
        assert json.loads(shown.stdout)["text"] == "notice 2 of works"
        subprocess.run([*tmux, "kill-server"], check=True, timeout=60)
        await scene.press("y")
        await scene.shows("tmux did not take it")

    play(stage, act)


def test_what_is_copied_in_a_page_is_for_its_browser_alone(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever serves it may sit in a tmux, which nobody sees there."""
    stage.working("works")
    monkeypatch.setenv("TMUX", "/nowhere/socket,1,0")
    monkeypatch.setattr(Cockpit, "is_web", True)

    async def act(scene: Scene) -> None:
        await scene.press("t")
        await scene.shows("7 events")
        await scene.press("y")
        await scene.shows("event 7 is in the clipboard")

    play(stage, act)


WORDS = (
    "claude",
    "main",
    "3.5",
    "bbbbbb",
    "gate tests",
    "Landed",
    "by it",
    "naïve",
    "(permission):",
    "green,",
    "notice-1",
)


@pytest.mark.parametrize("words", [*WORDS, "12 tests", "asks: rm", "NEEDLE", "'); DROP", "%", "_", "ﬁx"])
def test_what_is_found_is_what_a_look_at_every_line_finds(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    monkeypatch.setattr(timeline_reading, "SPAN", 7)
    stage.gated("landd", Verdict.PASS)
    stage.gated("refus")
    stage.asks("asksq")
    stage.costs("asksq", 1_500_000)
    stage.tell(
        e.Noticed(None, "a naïve needle \x1b[1m to ﬁx"), e.Noticed(SessionId("asksq"), 'notice-1 of 100%, "two"')
    )
    with stage.place.board() as board:
        lines = [event_of(stamped, board.facts) for stamped in board.history()]
    wanted = [event.stamped.seq for event in lines if Filter(words).fits(event)]
    found: list[Window] = []
    reading = Reading(stage.place, lambda: 1, lambda window: found.append(held(window)))
    reading.aim(Filter(words))
    reading.look()
    assert [event.stamped.seq for event in found[-1].events] == wanted
    assert [json.loads(line)["seq"] for line in records(stage.place, Filter(words))] == wanted
    fresh = e.Noticed(SessionId("asksq"), words)
    stage.tell(fresh)
    reading.go("newest")
    reading._known = 0
    reading.look()
    assert found[-1].events[-1].stamped.event == fresh


def test_nothing_is_told_that_is_known(stage: Stage) -> None:
    stage.working("works")
    found: list[object] = []
    seq = iter(range(1, 9))
    reading = Reading(stage.place, lambda: next(seq), found.append)
    for _ in range(4):
        reading.look()
    assert len(found) == 1


def test_a_search_ends_when_something_else_is_wanted(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeline_reading, "SPAN", 10)
    monkeypatch.setattr(timeline_reading, "TELL_S", 0.0)
    stage.working("works")
    notices(stage, "works", 500)
    found: list[Window] = []

    def told(window: Window | Exception) -> None:
        found.append(held(window))
        if len(found) == 2:
            reading.aim(Filter())

    reading = Reading(stage.place, lambda: 1, told)
    reading.aim(Filter("nowhere"))
    reading.look()
    seen = [(window.filter.words, window.searches) for window in found]
    assert seen == [("nowhere", True)] * 2 and found[-1].back > 400
    reading.look()
    last = found[-1]
    assert (last.filter, last.events[-1].words) == (Filter(), "notice 499 of works")


def test_an_event_that_nobody_can_tell_of_is_said_and_does_not_end_the_reading(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.working("works")
    faults: list[Exception] = [KeyError("t1")]

    def told(event: e.Event, facts: Facts) -> str:
        if faults:
            raise faults.pop()
        return chain_line(event, facts)

    monkeypatch.setattr(timeline_reading, "chain_line", told)
    found: list[Window | SwarmError] = []
    reading = Reading(stage.place, lambda: 1, found.append)
    reading.look()
    assert [str(each) for each in found] == ["KeyError: 't1'"]
    reading.look()
    assert len(held(found[-1]).events) == 7


def test_a_long_search_lets_the_writer_put_its_ledger_in_order_meanwhile(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeline_reading, "SPAN", 10)
    monkeypatch.setattr(timeline_reading, "TELL_S", 0.0)
    stage.working("works")
    notices(stage, "works", 50)
    held_up: list[int] = []

    def told(window: Window | Exception) -> None:
        if held(window).searches:
            with closing(sqlite3.connect(stage.place.paths.database, timeout=0)) as writer:
                held_up.append(writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0])

    reading = Reading(stage.place, lambda: 1, told)
    reading.aim(Filter("nowhere"))
    reading.look()
    assert len(held_up) > 3 and not any(held_up)


def test_what_was_wanted_while_the_ledger_could_not_be_read_is_read_once_it_can(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.working("works")
    notices(stage, "works", 3)
    found: list[Window | SwarmError] = []
    reading = Reading(stage.place, lambda: 1, found.append)
    reading.look()
    asked = Held(monkeypatch, timeline_reading, "task_of")
    asked.fails = lambda *_: True
    reading.aim(Filter("notice"))
    for _ in range(2):
        reading.look()
        assert isinstance(found[-1], SwarmError)
    asked.fails = lambda *_: False
    reading.look()
    assert held(found[-1]).filter == Filter("notice") and len(held(found[-1]).events) == 3


@pytest.mark.parametrize("size", [(80, 24), (200, 50), (40, 10)])
@pytest.mark.parametrize("empty", [True, False])
def test_nothing_breaks_out_of_its_box(stage: Stage, size: tuple[int, int], empty: bool) -> None:
    if not empty:
        stage.working("works", BAD)
        stage.tell(e.Noticed(SessionId("works"), BAD))

    async def act(scene: Scene) -> None:
        await scene.press("t")
        text = await scene.shows("Nothing happened here yet" if empty else "owned")
        assert isinstance(scene.app.screen, Timeline)
        assert "\x1b" not in text and "\u202e" not in text and "\x07" not in text
        assert all(cell_len(line) <= size[0] for line in text.splitlines())

    play(stage, act, size)
