"""The first screen: what its keys ask for, what they ask before, and why they do nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from swarmctl.core import events as e
from swarmctl.core.errors import UsageFault
from swarmctl.core.gate import Verdict
from swarmctl.core.ids import SessionId
from swarmctl.surfaces.tui.station import Station
from swarmctl.surfaces.tui.submit import Submit, queued_words
from swarmctl.surfaces.tui.swarm_list import SwarmList
from tests.surfaces.tui.stage import COMMIT, HEAD, Scene, Stage, play


def test_a_key_that_does_nothing_says_why(stage: Stage) -> None:
    stage.working("works")

    async def act(scene: Scene) -> None:
        await scene.shows("Task works")
        await scene.press("m")
        await scene.shows("works is running: only finished work lands")
        await scene.press("a")
        await scene.shows("works asks nothing that can be answered from here")

    play(stage, act)


def test_what_is_refused_is_called_as_in_the_list(stage: Stage) -> None:
    stage.failed("faild")
    stage.tell(e.WorktreeTrashed(SessionId("faild"), "/trash/faild", HEAD))

    async def act(scene: Scene) -> None:
        await scene.shows("Task faild", "in the trash")
        await scene.press("enter")
        await scene.shows("faild is in the trash: its terminal is not there")

    play(stage, act)


def test_of_keys_that_do_nothing_the_newest_says_why_and_none_piles_up(stage: Stage) -> None:
    stage.working("works")

    async def act(scene: Scene) -> None:
        await scene.shows("Task works")
        await scene.press(*"mama", *"LLL", "a")
        await scene.shows("works asks nothing that can be answered from here")
        assert "only finished work lands" not in scene.text and "nothing is parked" not in scene.text
        assert len(scene.app._notifications) == 1
        for _ in range(3):
            scene.app.say("it is done")
            scene.app.complain(UsageFault("the one", hint="x"))
            scene.app.complain(UsageFault("the other"))
        await scene.shows("it is done", "the one", "the other")
        assert len(scene.app._notifications) == 4

    play(stage, act)


class Recording(Submit):
    """Asks nobody, and keeps what would have been asked."""

    def __init__(self, station: Callable[[], Station]) -> None:
        super().__init__(station)
        self.asked: list[tuple[str, str]] = []

    def _ask(self, kind: str, args: dict[str, Any], said: str | Callable[[], str]) -> None:
        self.asked.append((kind, args["id"]))
        self.landing = args.get("landing", "")


def test_undo_right_after_a_removal_brings_that_session_back(stage: Stage) -> None:
    """The list does not know yet that it is away."""
    stage.gated("landd", Verdict.PASS)
    stage.failed("faild")

    async def act(scene: Scene) -> None:
        await scene.shows("Task faild", "Task landd")
        asked = Recording(lambda: scene.app)
        scene.app.home.submit = asked
        await scene.press("delete", "u", "u", "down", "u")
        await scene.shows("Take back the landing of landd?")
        assert asked.asked == [("rm", "faild"), ("undo", "faild"), ("undo", "faild")]

    play(stage, act)


def test_undo_names_the_landing_that_it_takes_back_and_asks(stage: Stage) -> None:
    stage.gated("older", Verdict.PASS)
    stage.gated("newer", Verdict.PASS)
    stage.failed("faild")

    async def act(scene: Scene) -> None:
        await scene.shows("Task faild", "Task older", "Task newer")
        asked = Recording(lambda: scene.app)
        scene.app.home.submit = asked
        rows = scene.app.home.query_one(SwarmList)
        await scene.press("u")
        await scene.shows("nothing of faild to undo")
        rows.go_to("older")
        await scene.press("u")
        await scene.shows("older is not what landed last")
        rows.go_to("newer")
        await scene.press("u")
        await scene.shows("Take back the landing of newer?", "Task newer", "cccccccccc")
        await scene.press("escape")
        assert not asked.asked
        await scene.press("u", "enter")
        await scene.until(lambda: asked.asked, "a request")
        assert asked.asked == [("undo", "")] and asked.landing == COMMIT

    play(stage, act)


def test_what_its_agent_left_half_done_lands_only_after_a_question(stage: Stage) -> None:
    stage.failed("faild")
    stage.gated("refus")

    async def act(scene: Scene) -> None:
        await scene.shows("Task faild", "Task refus")
        asked = Recording(lambda: scene.app)
        scene.app.home.submit = asked
        rows = scene.app.home.query_one(SwarmList)
        rows.go_to("faild")
        await scene.press("m")
        await scene.shows("Land faild as it is?", "failed: the agent ended with code 2. It may be half done")
        await scene.press("escape")
        await scene.lacks("Land faild as it is?")
        assert not asked.asked
        await scene.press("m", "enter")
        await scene.until(lambda: asked.asked == [("merge", "faild")], "the landing")
        rows.go_to("refus")
        await scene.press("m")
        await scene.until(lambda: asked.asked[1:] == [("merge", "refus")], "the other, which its gates judge anew")

    play(stage, act)


def test_who_lands_something_without_gates_is_told_so(stage: Stage, repo: Path) -> None:
    assert queued_words(stage.place, "redy1") == "redy1 lands without gates: swarmctl init finds what could be one"
    (repo / "swarm.toml").write_text('[[gate]]\nname = "tests"\nrun = "true"\n')
    assert queued_words(stage.place, "redy1") == "redy1 stands in the merge queue"


def test_what_is_in_the_trash_says_so_and_undo_brings_it_back(stage: Stage) -> None:
    stage.failed("faild")
    stage.tell(e.WorktreeTrashed(SessionId("faild"), "/trash/faild", HEAD))

    async def act(scene: Scene) -> None:
        await scene.shows("Task faild", "in the trash", "u brings it back")
        asked = Recording(lambda: scene.app)
        scene.app.home.submit = asked
        assert not scene.app.home.deeds["d"].why_not(scene.app.home.ground)
        await scene.press("u")
        await scene.until(lambda: asked.asked, "a request")
        assert asked.asked == [("undo", "faild")]

    play(stage, act)
