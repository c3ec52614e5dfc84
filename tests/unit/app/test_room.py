"""Who waits for memory, and what is said meanwhile."""

from __future__ import annotations

from dataclasses import dataclass, replace

from swarmctl.app.room import FRESH_S, MB, Room
from swarmctl.core.agent import Profile
from swarmctl.core.room import SPARE
from swarmctl.core.session import ProcessId
from tests.fakes.desk import FakeAgents, World


class Heavy(FakeAgents):
    def profile(self, name: str) -> Profile:
        return replace(super().profile(name), memory_mb=400)


@dataclass
class Memory:
    free: int
    held: int = 400 * MB
    asked: int = 0

    def of(self, process: ProcessId) -> int:
        self.asked += 1
        return self.held


def room(world: World, memory: Memory) -> Room:
    return Room(world.facts, Heavy(), world.clock, lambda: memory.free, memory.of)


def test_nobody_waits_for_memory_while_nobody_holds_any() -> None:
    assert room(World(), Memory(free=0)).shortage(["fake"]) is None


def test_the_next_one_waits_with_words_and_goes_on_when_there_is_enough() -> None:
    world = World()
    world.running()
    memory = Memory(free=SPARE + 100 * MB)
    short = room(world, memory).shortage(["fake"])
    assert short is not None
    assert "100 MB are left" in short.message
    assert "fake needs 400 MB" in short.message
    memory.free = SPARE + 400 * MB
    assert room(world, memory).shortage(["fake"]) is None
    assert room(world, memory).shortage(["fake", "fake"]) is not None


def test_whoever_asks_for_nothing_lacks_nothing() -> None:
    world = World()
    world.running()
    assert room(world, Memory(free=0)).shortage([]) is None


def test_a_measurement_is_kept_for_a_while() -> None:
    world = World()
    world.running()
    memory = Memory(free=0)
    measured = room(world, memory)
    for _ in range(3):
        measured.shortage(["fake"])
    assert memory.asked == 1
    world.clock.time += FRESH_S + 1
    measured.shortage(["fake"])
    assert memory.asked == 2
