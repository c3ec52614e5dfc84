"""The cockpit open for long: what happens meanwhile, and what is done in it, leaves nothing behind that grows."""

from __future__ import annotations

import gc
import threading
import weakref
from collections import deque
from dataclasses import dataclass
from pathlib import Path

import pytest
from textual.widget import Widget

from swarmctl.core import events as e
from swarmctl.core.ids import SessionId
from swarmctl.core.session import State
from tests.surfaces.tui.stage import Scene, Stage, play

SESSIONS = 50
ROUND_S = 9.0
"""Between two updates of a session, as agents at work make them."""
LANDING, LOOKING = 20, 25
"""After so many rounds one of them lands and another begins; a person looks elsewhere for a moment."""
ELSEWHERE = ("question_mark", "g", "dollar_sign", "t", "w", "comma", "ctrl+p", "slash")
GROWTH_MB = 8.0
"""What a heap may differ by between two looks."""
GROWTH_OBJECTS = 15_000
FOR_A_SESSION = 100
"""Objects that stay of one that is over: it can be read about."""


@dataclass(frozen=True)
class Held:
    megabytes: float
    objects: int
    threads: int
    descriptors: int

    def __str__(self) -> str:
        return (
            f"{self.megabytes:.1f} MB, {self.objects:,} objects, {self.threads} threads, {self.descriptors} descriptors"
        )


def held() -> Held:
    gc.collect()
    status = Path("/proc/self/status").read_text().splitlines()
    resident = next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1024
    return Held(resident, len(gc.get_objects()), threading.active_count(), len(list(Path("/proc/self/fd").iterdir())))


class Agents:
    """So many at work at any time."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._live: deque[str] = deque()
        self.begun = 0
        for _ in range(SESSIONS):
            self._begin()

    def _begin(self) -> None:
        name = f"s{self.begun:04}"
        self._stage.working(name, f"Mend part {self.begun:04}")
        self._live.append(name)
        self.begun += 1

    def land_the_oldest(self) -> None:
        self._stage.lands(self._live.popleft())
        self._begin()

    def tell(self, number: int) -> None:
        """One update of each."""
        batch: list[e.Event] = []
        for place, each in enumerate(self._live):
            name, kind = SessionId(each), (number + place) % 5
            if kind:
                batch.append(e.Noticed(name, f"step {number}"))
            else:
                state = State.IDLE if number % 2 else State.WORKING
                batch.append(e.StateChanged(name, state, "hook", f"step {number} of {each}"))
        self._stage.tell(*batch)


async def do(scene: Scene, number: int) -> None:
    """What a person does meanwhile."""
    await scene.press("down" if number % 40 < 20 else "up")
    if number % LOOKING == LOOKING - 1:
        await scene.press(ELSEWHERE[number // LOOKING % len(ELSEWHERE)])
        await scene.pilot.pause(0.2)
        await scene.press("escape", "escape")
        await scene.until(lambda: scene.app.screen is scene.app.home, "the list again")


def last_for(stage: Stage, rounds: int) -> None:
    agents, seen = Agents(stage), list[tuple[Held, int]]()

    async def act(scene: Scene) -> None:
        await scene.shows("Mend part 0000")
        for number in range(rounds):
            agents.tell(number)
            if number % LANDING == LANDING - 1:
                agents.land_the_oldest()
            await scene.until(lambda: scene.app.frame.seq >= stage.log.facts.seq, "the news")
            await do(scene, number)
            if number % (rounds // 6) == rounds // 6 - 1:
                seen.append((held(), agents.begun))
                hours, told = (number + 1) * ROUND_S / 3600, stage.log.facts.seq
                print(f"{hours:5.2f} hours, {told:,} events, {agents.begun} sessions: {seen[-1][0]}", flush=True)

    play(stage, act)
    (early, first), (late, last) = seen[1], seen[-1]
    assert late.megabytes - early.megabytes < GROWTH_MB, f"{early} became {late}"
    assert late.objects - early.objects < GROWTH_OBJECTS + FOR_A_SESSION * (last - first), f"{early} became {late}"
    assert late.threads <= early.threads + 1 and late.descriptors <= early.descriptors + 2, f"{early} became {late}"


def test_a_while_of_news_leaves_nothing_behind(stage: Stage) -> None:
    last_for(stage, 60)


def test_a_screen_that_was_closed_is_let_go(stage: Stage) -> None:
    stage.working("works")

    async def act(scene: Scene) -> None:
        await scene.shows("Task works")
        await scene.press("question_mark")
        await scene.until(lambda: scene.app.screen is not scene.app.home, "the help")
        await scene.shows("Give an agent a task.")
        drawn = [weakref.ref(each._styles_cache) for each in scene.app.screen.walk_children(Widget)]
        assert len(drawn) > 2
        await scene.press("escape")
        await scene.until(lambda: gc.collect() >= 0 and not any(each() for each in drawn), "the help to be gone")

    play(stage, act)


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_ten_hours_of_news_leave_nothing_behind(stage: Stage) -> None:
    """200,000 events and 200 landings, as fast as they can be shown."""
    last_for(stage, round(10 * 3600 / ROUND_S))
