"""What a person can tell an agent, what will become of it, and why a session stands where it does, in true words."""

from __future__ import annotations

from typing import Any

from swarmctl.app.here import Here
from swarmctl.core import events as e
from swarmctl.core.errors import Refused
from swarmctl.core.gate import Verdict
from swarmctl.core.ids import SessionId
from tests.surfaces.tui.stage import Scene, Stage, play


def test_an_agent_at_rest_that_keeps_no_conversation_starts_again_with_its_task(stage: Stage) -> None:
    stage.gated("rests")

    async def act(scene: Scene) -> None:
        await scene.shows("Task rests")
        await scene.press("s")
        await scene.shows("To rests", "it rests: its agent starts again with its task and this")

    play(stage, act)


def test_one_that_keeps_its_conversation_goes_on_in_it(stage: Stage) -> None:
    stage.ready("rests")
    stage.tell(e.ConversationKnown(SessionId("rests"), "c1"))

    async def act(scene: Scene) -> None:
        await scene.shows("Task rests")
        await scene.press("s")
        await scene.shows("it rests: its agent goes on with it, in its conversation")

    play(stage, act)


def test_one_at_work_that_keeps_none_is_typed_to(stage: Stage) -> None:
    stage.working("works")

    async def act(scene: Scene) -> None:
        await scene.shows("Task works")
        await scene.press("s")
        await scene.shows("it is typed into its terminal")

    play(stage, act)


def test_what_landed_lands_no_more_and_is_told_nothing(stage: Stage) -> None:
    stage.gated("gone", Verdict.PASS)

    async def act(scene: Scene) -> None:
        await scene.shows("Task gone")
        await scene.press("m")
        await scene.shows("gone landed already")
        await scene.press("s")
        await scene.shows("gone landed already: n gives an agent more to do")

    play(stage, act)


def test_what_stands_in_a_queue_that_nobody_works_at_says_how_to_start_one(stage: Stage) -> None:
    stage.queued("waits")

    async def act(scene: Scene) -> None:
        await scene.shows("Task waits", "No supervisor runs")
        await scene.press("m")
        await scene.shows("waits is in the merge queue already, but")

    play(stage, act)


def test_how_an_agent_ended_is_said_in_words(stage: Stage) -> None:
    stage.ready("done")

    async def act(scene: Scene) -> None:
        text = await scene.shows("Task done", "the agent ended by itself", "Its agent ended and printed nothing.")
        assert "exit file" not in text

    play(stage, act)


class Asking(Here):
    """Its supervisor types into nothing that it does not know."""

    def client(self, tell: object = None) -> Any:
        return Refusing()


class Refusing:
    def ask(self, kind: str, args: object) -> None:
        raise Refused("works: the place where it takes texts is not on its screen", hint="swarmctl attach works")

    def hang_up(self) -> None:
        pass


def test_a_text_that_cannot_be_typed_leads_to_the_key_that_opens_the_terminal(stage: Stage) -> None:
    stage.working("works")
    stage.place = Asking(stage.place.repository, stage.place.paths)

    async def act(scene: Scene) -> None:
        await scene.shows("Task works")
        await scene.press("s", *"yes", "ctrl+s")
        await scene.shows("not on its screen", "esc, then ⏎ at works opens its terminal")

    play(stage, act)
