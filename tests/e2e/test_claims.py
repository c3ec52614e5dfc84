"""What agents' hooks say is recorded exactly once, whenever whoever listens is killed."""

from __future__ import annotations

import json
import os
import random
import signal
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

from swarmctl.app.ears import Ears
from swarmctl.app.listening import Listeners
from swarmctl.app.wire import Wired
from swarmctl.core import events as e
from swarmctl.core.ids import SessionId
from swarmctl.core.ports import Desk
from swarmctl.core.session import Session, SpoolPlace
from swarmctl.edges.files.spool import LONGEST_LINE, SpoolLine, read_spool
from swarmctl.edges.store.log import SqliteLog
from swarmctl.loops.engine.engine import Engine
from tests.fakes.desk import World

TOKEN = "ours"
LIVES = 40
PLANS = ("before 1", "after 1", "before 2", "after 2", "alarm", "alarm", "end")


@dataclass
class Parts:
    desk: Desk
    spool: Path
    listeners: Listeners = field(default_factory=Listeners)

    def read_spool(self, session: Session, heard: SpoolPlace) -> tuple[list[SpoolLine], SpoolPlace, int]:
        return read_spool(self.spool, heard, TOKEN)

    def ran(self, process: object) -> object:
        return None


def open_world(database: Path) -> World:
    world = World()
    world.log = SqliteLog(database)  # type: ignore[assignment]
    return world


def listen(database: Path, spool: Path, name: SessionId, plan: str, seconds: float) -> None:
    """In a child: hear what is there, then a moment later what came meanwhile; killed as the plan says."""
    world = open_world(database)
    plain, count = world.log.append, 0

    def append(*events: e.Event) -> list[e.Stamped]:
        nonlocal count
        count += 1
        if plan == f"before {count}":
            os.kill(os.getpid(), signal.SIGKILL)
        stamped = plain(*events)
        if plan == f"after {count}":
            os.kill(os.getpid(), signal.SIGKILL)
        return stamped

    world.log.append = append  # type: ignore[method-assign]
    ears = Ears(cast(Wired, Parts(world.desk, spool)), Engine(world.log, world.shop, lambda: None))
    if plan == "alarm":
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, seconds)
    ears.catch_up()
    ears.hear({name})


def live(*words: Any) -> int:
    """How the life of one listener ended, as the kernel says it."""
    pid = os.fork()
    if pid == 0:
        try:
            listen(*words)
            os._exit(0)
        finally:
            os._exit(3)
    return os.waitpid(pid, 0)[1]


def line(number: int) -> bytes:
    said = {"token": TOKEN, "event": ("idle", "working")[number % 2], "at": 1.0 + number, "text": f"claim {number}"}
    return b"\n" + json.dumps(said).encode() + b"\n"


@pytest.mark.parametrize("seed", range(2))
def test_every_claim_is_recorded_once_whenever_the_listener_is_killed(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    database, spool = tmp_path / "swarm.db", tmp_path / "spool"
    world = open_world(database)
    name = world.running()
    world.log.close()
    endings, number = [], 0
    for _ in range(LIVES):
        with spool.open("ab") as file:
            for _ in range(chance.randrange(4)):
                file.write(line(number))
                number += 1
            file.write(chance.choice([b"", line(number)[:30], b"x" * chance.randrange(2 * LONGEST_LINE)]))
        endings.append(live(database, spool, name, chance.choice(PLANS), chance.uniform(0.0001, 0.03)))
    assert live(database, spool, name, "end", 0.0) == 0
    assert {os.waitstatus_to_exitcode(ending) for ending in endings} >= {0, -signal.SIGKILL}
    log = SqliteLog(database)
    recorded = [stamped.event.why for stamped in log.read() if isinstance(stamped.event, e.StateChanged)]
    assert recorded == [f"claim {each}" for each in range(number)]
    assert log.facts.sessions[name].heard.offset <= spool.stat().st_size
    log.close()
