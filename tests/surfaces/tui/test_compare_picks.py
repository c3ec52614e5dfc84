"""What a pick on the compare screen does and says, and its other keys."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from textual import events

from swarmctl.app.here import Here
from swarmctl.core import events as e
from swarmctl.core.errors import EnvironmentFault
from swarmctl.core.gate import GateResult, Proof, Staged
from swarmctl.core.ids import SessionId, TaskId
from swarmctl.core.outcome import Outcome
from swarmctl.surfaces.tui.compare_screen import CompareScreen
from swarmctl.surfaces.tui.swarm_list import SwarmList
from tests.surfaces.tui.rivals import CONTEST, TREE, attempt
from tests.surfaces.tui.stage import Scene, Stage, play
from tests.surfaces.tui.test_compare import CODE, GREEN, compared, three
from tests.surfaces.tui.work import known


class Line:
    """What the supervisor is asked; what it then does, or that nobody answers."""

    def __init__(self, place: Supervised) -> None:
        self._place = place

    def ask(self, kind: str, args: dict[str, Any]) -> dict[str, Any]:
        if self._place.deaf:
            raise EnvironmentFault("nobody answers", hint="swarmctl up")
        self._place.asked.append((kind, args))
        if kind == "pick":
            name = SessionId(args["id"])
            head = known(self._place.stage[0], name).head
            self._place.stage[0].tell(
                e.TaskReopened(TaskId(f"t{name}")), e.MergeAsked(name, "pick"), e.Picked(name), e.Enqueued(name, head)
            )
        return {"asked": ["small", "large"]}

    def hang_up(self) -> None:
        pass


@dataclass(frozen=True, slots=True)
class Supervised(Here):
    stage: list[Stage] = field(default_factory=list)
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    deaf: list[bool] = field(default_factory=list)

    def client(self, tell: object = None) -> Any:
        return Line(self)


@pytest.fixture
def place(stage: Stage) -> Supervised:
    place = Supervised(stage.place.repository, stage.place.paths, [stage])
    stage.place = place
    return place


def refuse(stage: Stage, name: str) -> None:
    reason = "tests: exit code 1: 1 failed"
    stage.tell(
        e.SessionKept(SessionId(name), Outcome.REFUSED, reason),
        e.TaskFinished(TaskId(f"t{name}"), Outcome.REFUSED, reason),
    )


def land(stage: Stage, name: str) -> None:
    session = known(stage, name)
    tests = GateResult("tests", TREE, *GREEN[:2], 0, 12, 3.5)
    staged = Staged(session.base, session.head, "c" * 40, TREE, "squash")
    proof = Proof(session.base, session.head, "c" * 40, TREE, ("tests",), "0" * 64, (tests,))
    stage.tell(
        e.MergeStaged(session.id, staged),
        e.GateFinished(session.id, tests),
        e.LandIntended(session.id, proof, "main", session.base),
        e.Landed(session.id, "main", "c" * 40),
        e.TaskFinished(session.task, Outcome.LANDED, ""),
    )


def test_a_pick_says_first_what_happens_to_the_others_and_then_what_came_of_it(stage: Stage, place: Supervised) -> None:
    three(stage)

    async def act(scene: Scene) -> None:
        await compared(scene, "1  small")
        await scene.press("p")
        await scene.shows("Pick small?", "other attempts", "put away", "brings one back")
        await scene.press("escape")
        await scene.lacks("Pick small?")
        assert place.asked == []
        await scene.press("p", "enter")
        await scene.shows("small stands in the merge queue", "small was picked", "small  picked")
        assert place.asked == [("pick", {"id": "small"})]
        await scene.press("right", "p")
        await scene.shows("small was picked: wait for its landing")
        land(stage, "small")
        await scene.shows("small landed; the other attempts", "small was picked and landed")

    play(stage, act, (140, 40))


def test_a_pick_that_is_refused_says_why_and_that_nothing_happened_to_the_others(
    stage: Stage, place: Supervised
) -> None:
    three(stage)

    async def act(scene: Scene) -> None:
        await scene.shows("1/3 Answer twice", "2/3 Answer twice")
        scene.app.home.query_one(SwarmList).go_to("large")
        await scene.press("p", "enter")
        await scene.shows("large stands in the merge queue")
        refuse(stage, "large")
        await scene.shows("large did not land: refused: tests", "happened to the others")

    play(stage, act, (140, 40))


def test_what_was_said_before_a_pick_is_not_its_result(stage: Stage, place: Supervised) -> None:
    three(stage)

    async def act(scene: Scene) -> None:
        await compared(scene, "3  wrong")
        await scene.press("right", "right", "p", "enter")
        await scene.shows("wrong stands in the merge queue", "in the queue")
        assert "did not land" not in scene.text
        refuse(stage, "wrong")
        await scene.shows("wrong did not land: refused")

    play(stage, act)


def test_a_pick_that_nobody_hears_changes_nothing_and_says_so(stage: Stage, place: Supervised) -> None:
    three(stage)
    place.deaf.append(True)

    async def act(scene: Scene) -> None:
        await compared(scene, "1  small")
        await scene.press("p", "enter")
        await scene.shows("nobody answers", "swarmctl up")
        assert "stands in the merge queue" not in scene.text

    play(stage, act)


def test_gates_are_asked_for_all_attempts_and_say_that_nothing_lands(stage: Stage, place: Supervised) -> None:
    three(stage)

    async def act(scene: Scene) -> None:
        await compared(scene, "1  small")
        await scene.press("g")
        await scene.shows("2 attempts are gated; nothing lands")
        assert place.asked == [("rehearse", {"ids": [CONTEST]})]

    play(stage, act)


def test_keys_that_do_nothing_say_why(stage: Stage) -> None:
    attempt(stage, "works", {"app.py": CODE.format(43)})

    async def act(scene: Scene) -> None:
        await compared(scene, "-  works", "● ")
        for key, words in (
            ("p", "works is running: only finished work"),
            ("g", "no attempt has finished work"),
            ("u", "works is not put away"),
            ("J", "there is no other file"),
        ):
            await scene.press(key)
            await scene.shows(words)
        await scene.press("question_mark")
        await scene.shows("not now: works is running", "Read all that it changed")
        await scene.press("escape", "escape")
        await scene.until(lambda: not isinstance(scene.app.screen, CompareScreen), "the list")

    play(stage, act)


def test_keys_that_are_typed_at_once_act_in_their_order(stage: Stage) -> None:
    three(stage)

    async def act(scene: Scene) -> None:
        await compared(scene, "1  small", "+     return 43")
        for key in ("right", "right", "p"):
            scene.app.post_message(events.Key(key, None))
        await scene.shows("Pick wrong?")

    play(stage, act)
