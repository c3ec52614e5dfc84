"""The money screen: what agents cost as plots and figures, what is left, and changing what they may cost."""

from __future__ import annotations

import re
import time
import tomllib
from collections.abc import Iterator

import pytest
from rich.cells import cell_len
from rich.text import Text

from swarmctl.app.here import own_file
from swarmctl.app.spending import last_days
from swarmctl.core import events as e
from swarmctl.core.ids import RunId, SessionId, TaskId
from swarmctl.core.money import Hold, Tokens, Use
from swarmctl.surfaces.tui import money_screen
from swarmctl.surfaces.tui.dialogs import Page
from swarmctl.surfaces.tui.money_plots import Bars
from tests.surfaces.tui.held import Held
from tests.surfaces.tui.stage import Scene, Stage, play

BAD = "\x1b]0;owned\x07\x1b[2J شكرا \u202eevil" + "w" * 300


@pytest.fixture(autouse=True)
def own() -> Iterator[None]:
    """A person's own file, gone afterwards."""
    yield
    own_file().unlink(missing_ok=True)


def used(stage: Stage, name: str, use: Use, agent: str = "claude", amount: int = 0) -> None:
    session, entry, day = SessionId(name), f"{name}.{agent}.{use.model}", time.strftime("%Y-%m-%d")
    task, run = TaskId(f"t{name}"), RunId(f"r{name}")
    holds = (Hold(f"day:{day}"), Hold("project"), Hold(f"task:{task}"))
    stage.tell(
        e.Reserved(session, entry, task, run, 1, agent, use.model, day, amount, use.plan, holds, 0.0),
        e.Used(session, entry, (use,)),
    )


def test_money_is_shown_by_day_agent_and_model(stage: Stage) -> None:
    stage.working("works")
    stage.costs("works", 420_000)

    async def act(scene: Scene) -> None:
        await scene.press("dollar_sign")
        text = await scene.shows("$0.42 today", "by day, the last 14", "by agent", "by model", "opus")
        assert text.count("█") > 10
        line = next(line for line in text.splitlines() if time.strftime("%Y-%m-%d") in line)
        assert line.split()[-6:] == ["1", "1.2k", "0", "0", "340", "$0.42"]

    play(stage, act, (200, 50))


@pytest.mark.parametrize("size", [(80, 24), (200, 50)])
def test_where_nothing_was_spent_one_line_says_so(stage: Stage, size: tuple[int, int]) -> None:
    stage.working("works")

    async def act(scene: Scene) -> None:
        await scene.press("dollar_sign")
        text = await scene.shows("Nothing was spent in the last 14 days")
        assert "by agent" not in text and "by day" not in text
        stage.costs("works", 420_000)
        await scene.shows("$0.42 today", "by day, the last 14")

    play(stage, act, size)


def test_what_nobody_knows_is_a_question_mark_and_a_plan_is_tokens(stage: Stage) -> None:
    stage.working("works")
    used(stage, "works", Use("mystery", Tokens(1000, 0, 0, 50)))
    used(stage, "works", Use("by-plan", Tokens(7000, 0, 0, 50), None, True), "codex")

    async def act(scene: Scene) -> None:
        await scene.press("dollar_sign")
        text = await scene.shows("plan + ? in 14 days", "plan: 7.0k tokens that a subscription pays", "mystery?")
        assert text.count("tokens ─╯") == 3, "without any money the plots count tokens"
        lines = text.splitlines()
        assert any(line.rstrip(" │").endswith("?") and "mystery" in line for line in lines)

    play(stage, act, (200, 50))


def test_a_plot_that_has_no_room_is_a_key_away(stage: Stage) -> None:
    stage.working("works")
    stage.costs("works", 420_000)

    async def act(scene: Scene) -> None:
        await scene.press("dollar_sign")
        await scene.shows("by day, the last 14")
        shown = []
        for _ in range(3):
            shown += [bars.id for bars in scene.app.screen.query(Bars) if bars.display]
            await scene.press("b")
        assert shown == ["days", "agents", "models"]

    play(stage, act, (80, 24))


def test_a_cap_is_written_into_the_persons_own_file_and_counts_at_once(stage: Stage) -> None:
    stage.working("works")
    stage.costs("works", 420_000)
    own_file().parent.mkdir(parents=True, exist_ok=True)
    own_file().write_text("# mine\n[tui]\nback = 'f9'\n")

    async def act(scene: Scene) -> None:
        await scene.press("dollar_sign")
        await scene.shows("$0.42 today")
        await scene.press("e")
        await scene.shows("What agents may cost", "not set")
        await scene.press(*"2.50", "enter")
        await scene.shows("$0.42 of $2.50 today", "each day $2.50", "16 %")
        assert own_file().read_text() == "# mine\n[tui]\nback = 'f9'\n\n[budget.agents]\nday_usd = 2.5\n"
        await scene.press("e")
        await scene.shows("your own file")
        await scene.press("backspace", "backspace", "backspace", "enter")
        await scene.shows("each day no cap")
        assert tomllib.loads(own_file().read_text())["budget"] == {"agents": {}}

    play(stage, act)


def test_what_cannot_be_written_is_said_and_nothing_changes(stage: Stage) -> None:
    own_file().parent.mkdir(parents=True, exist_ok=True)
    own_file().write_text("budget = {agents = {day_usd = 3}}\n")

    async def act(scene: Scene) -> None:
        await scene.press("dollar_sign")
        await scene.shows("of $3.00 today")
        await scene.press("e")
        await scene.shows("your own file")
        await scene.press(*"much", "enter")
        await scene.shows("is no amount in dollars")
        await scene.press(*["backspace"] * 9, *"4", "enter")
        await scene.shows("hint: change day_usd there by hand")
        assert own_file().read_text() == "budget = {agents = {day_usd = 3}}\n"

    play(stage, act)


def test_a_cap_that_the_repository_or_the_environment_sets_is_not_taken_away(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    (stage.place.repository.root / "swarm.toml").write_text("[budget.agents]\nday_usd = 3\n")
    monkeypatch.setenv("SWARMCTL__BUDGET__AGENTS__RUN_USD", "4")

    async def act(scene: Scene) -> None:
        await scene.press("dollar_sign")
        await scene.shows("of $3.00 today")
        await scene.press("e")
        await scene.shows("swarm.toml of this repository", "SWARMCTL__BUDGET__AGENTS__RUN_USD, which wins")
        await scene.press("backspace", "enter")
        await scene.shows("hint: write a larger amount, or change that file")
        await scene.press("3", "shift+tab", "1", "enter")
        await scene.shows("hint: unset SWARMCTL__BUDGET__AGENTS__RUN_USD")
        assert not own_file().exists()

    play(stage, act)


@pytest.mark.parametrize("size", [(80, 24), (200, 50), (40, 12)])
@pytest.mark.parametrize("empty", [True, False])
def test_nothing_breaks_out_of_its_box(stage: Stage, size: tuple[int, int], empty: bool) -> None:
    if not empty:
        stage.working("works", BAD)
        used(stage, "works", Use(BAD, Tokens(1000, 0, 0, 50), 1_000_000), BAD)

    async def act(scene: Scene) -> None:
        await scene.press("dollar_sign")
        text = await scene.shows("Money", "today", "what is left")
        assert "\x1b" not in text and "\u202e" not in text and "\x07" not in text
        assert all(cell_len(line) <= size[0] for line in text.splitlines())

    play(stage, act, size)


def test_a_large_cap_is_offered_with_every_digit(stage: Stage) -> None:
    own_file().parent.mkdir(parents=True, exist_ok=True)
    own_file().write_text("[budget.agents]\nday_usd = 123456.75\ntask_usd = 5\n")

    async def act(scene: Scene) -> None:
        await scene.press("dollar_sign")
        await scene.shows("of $123456.75 today")
        await scene.press("e")
        await scene.shows("123456.75", " 5 ")
        await scene.press("enter")
        await scene.lacks("What agents may cost")
        assert own_file().read_text() == "[budget.agents]\nday_usd = 123456.75\ntask_usd = 5\n"

    play(stage, act)


def test_what_opened_over_the_dialog_stays_when_the_cap_is_written(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Held(monkeypatch, money_screen, "set_caps")

    async def act(scene: Scene) -> None:
        await scene.press("dollar_sign")
        await scene.shows("no cap")
        await scene.press("e")
        await scene.shows("What agents may cost")
        write.hold()
        await scene.press("3", "enter")
        await scene.until(lambda: write.done, "the cap to be written")
        page = Page("Over it", Text("something to read"))
        await scene.app.push_screen(page)
        write.let_go()
        await scene.shows("each day $3.00")
        assert scene.app.screen is page
        await scene.press("escape")
        await scene.lacks("What agents may cost")
        assert isinstance(scene.app.screen, money_screen.MoneyScreen)

    play(stage, act)


def test_what_cannot_be_read_is_said_once_and_again_when_it_is_something_else(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.working("works")
    stage.costs("works", 420_000)
    read = Held(monkeypatch, money_screen, "spending")
    read.fails = lambda *_: True

    async def act(scene: Scene) -> None:
        told: list[str] = []
        monkeypatch.setattr(scene.app, "complain", lambda error: told.append(error.message))
        await scene.press("dollar_sign")
        await scene.shows("that cannot be read")
        await scene.until(lambda: len(read.calls) > 3, "it to be tried again")
        assert told == ["that cannot be read"]
        read.fails = lambda *_: False
        await scene.shows("$0.42 today")
        read.fails = lambda *_: True
        stage.working("more")
        await scene.until(lambda: len(told) == 2, "the second complaint")

    play(stage, act)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 50)])
def test_each_day_has_a_bar_of_its_own_as_wide_as_the_others(stage: Stage, size: tuple[int, int]) -> None:
    stage.working("works")
    session, task, run = SessionId("works"), TaskId("tworks"), RunId("rworks")
    for day in last_days(time.time()):
        use = Use("opus", Tokens(1200, 0, 0, 340), 420_000)
        stage.tell(
            e.Reserved(session, day, task, run, 1, "claude", "opus", day, 420_000, False, (Hold("project"),), 0.0),
            e.Used(session, day, (use,)),
            e.Settled(session, day, "actual"),
        )

    async def act(scene: Scene) -> None:
        await scene.press("dollar_sign")
        await scene.shows("by day, the last 14", "0.42", "0.00")
        strips = [scene.app.screen.query_one("#days", Bars).render_line(y).text for y in range(size[1] // 3)]
        bars = [re.findall("█+", text) for text in strips if "█" in text]
        assert {len(found) for found in bars} == {14}
        assert len({len(bar) for found in bars for bar in found}) == 1

    play(stage, act, size)
