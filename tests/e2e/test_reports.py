"""A burst of agents' reports is heard whole, and costs hardly any looks at the facts."""

from __future__ import annotations

import json
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from swarmctl.app.listening import Listeners
from swarmctl.app.supervisor import Supervisor
from swarmctl.app.wire import Wired
from swarmctl.core import events as e
from swarmctl.core.session import ProcessId, Session, SpoolPlace, Stage, State
from swarmctl.edges.files.spool import SpoolLine, SpoolWatch, read_spool
from swarmctl.loops.engine.engine import Engine
from tests.fakes.desk import World
from tests.fakes.processes import until

REPORTS = 300
TOKEN = "ours"


class RealClock:
    now = staticmethod(time.time)
    monotonic = staticmethod(time.monotonic)


@dataclass
class Parts:
    """A supervisor's parts, all but its words' file in memory."""

    world: World
    folder: Path
    runtime: Path

    def __post_init__(self) -> None:
        self.desk, self.log, self.shop = self.world.desk, self.world.log, self.world.shop
        self.paths = SimpleNamespace(socket=self.runtime / "s", root=self.folder)
        self.repository = SimpleNamespace(common=self.folder)
        self.spool = SpoolWatch(self.folder)
        self.boot, self.ended_uncleanly = self.world.machine.boot, False
        self.ends: dict[int, int] = {}
        self.panes = None
        self.listeners = Listeners()

    def read_spool(self, session: Session, heard: SpoolPlace) -> tuple[list[SpoolLine], SpoolPlace, int]:
        return read_spool(self.folder / session.id, heard, TOKEN)

    def watch(self, process: ProcessId) -> int:
        """A pipe whose other end the test closes."""
        reader, self.ends[process.pid] = os.pipe()
        return reader

    def ran(self, process: ProcessId) -> object:
        return None

    def fill_pool(self) -> Iterator[e.Event]:
        return iter(())

    def empty_trash(self, facts: object) -> Iterator[e.Event]:
        return iter(())

    def shortage(self) -> None:
        return None

    def cancel_commands(self) -> None:
        return None

    def close(self) -> None:
        self.spool.close()


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Parts]:
    with tempfile.TemporaryDirectory(prefix="sw-") as runtime:
        world = World()
        world.clock = RealClock()  # type: ignore[assignment]
        world.restart()
        yield Parts(world, tmp_path, Path(runtime))


def say(spool: Path, number: int) -> None:
    said = {"token": TOKEN, "event": ("idle", "working", "blocked")[number % 3], "at": 1.0, "text": f"report {number}"}
    with spool.open("ab") as file:
        file.write(b"\n" + json.dumps(said).encode() + b"\n")


def test_a_burst_of_reports_is_heard_to_the_last_with_hardly_a_tick(
    parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = parts.world.running(waits=False)
    ticks: list[int] = []
    seen: dict[str, Any] = {}
    plain = Engine.tick

    def tick(self: Engine, around: Any) -> None:
        ticks.append(self.facts.seq)
        plain(self, around)

    monkeypatch.setattr(Engine, "tick", tick)
    supervisor = Supervisor(cast(Wired, parts))

    def story() -> None:
        try:
            seen["watched"] = until(lambda: bool(parts.ends) and supervisor._engine.is_idle)
            before = len(ticks)
            for number in range(REPORTS):
                say(parts.folder / name, number)
            seen["heard"] = until(lambda: f"report {REPORTS - 1}" in parts.world.session(name).state_why)
            seen["state"], seen["ticks"] = parts.world.session(name).state, len(ticks) - before
            parts.world.machine.end(name, parts.world.machine.of(name).exit)  # type: ignore[arg-type]
            os.close(parts.ends.popitem()[1])
            seen["ended"] = until(lambda: parts.world.session(name).stage is not Stage.RUNNING)
        finally:
            supervisor._stop("the story is over")

    teller = threading.Thread(target=story)
    teller.start()
    supervisor.run()
    teller.join()
    reports = [event for event in parts.world.events if isinstance(event, e.StateChanged)]
    assert seen["watched"] and seen["heard"], [(r.state.value, r.why) for r in reports][-6:]
    assert seen["state"] is [State.IDLE, State.WORKING, State.BLOCKED][(REPORTS - 1) % 3]
    assert [report.why for report in reports] == [f"report {number}" for number in range(REPORTS)]
    assert seen["ticks"] < REPORTS / 10
    assert seen["ended"], "a death is acted upon at once"
