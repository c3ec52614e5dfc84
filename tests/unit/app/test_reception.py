"""Who waits, and who left: nothing lands for one who went away, however early."""

from __future__ import annotations

import selectors
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest

from swarmctl.app.line import pack
from swarmctl.app.reception import Reception
from swarmctl.app.wire import Wired
from swarmctl.core import events as e
from swarmctl.core.ids import RunId
from swarmctl.core.ports import Desk
from swarmctl.loops.engine.engine import Engine
from swarmctl.loops.engine.steps import Workshop
from tests.fakes.desk import World

RUN = RunId("r1")
TASK = {"key": "a", "title": "one", "prompt": "do it", "agent": "fake"}
ARGS = {"run": RUN, "waits": True, "lands": "waited", "env": {"PATH": "/bin"}, "tasks": [TASK]}


@dataclass
class Place:
    socket: Path


@dataclass
class Clone:
    common: Path


@dataclass
class Parts:
    """The parts of a supervisor that its reception uses."""

    paths: Place
    repository: Clone
    desk: Desk
    shop: Workshop


class House:
    def __init__(self, folder: Path) -> None:
        self.world = World()
        self.selector = selectors.DefaultSelector()
        self._idle = threading.Condition()
        self.engine = Engine(self.world.log, self.world.shop, self._ring)
        parts = Parts(Place(folder / "s.sock"), Clone(folder), self.world.desk, self.world.shop)
        self.reception = Reception(cast(Wired, parts), self.engine, self.selector, lambda why: None)
        self.socket = str(folder / "s.sock")

    def _ring(self) -> None:
        with self._idle:
            self._idle.notify_all()

    def calls(self, kind: str, args: object) -> socket.socket:
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.connect(self.socket)
        line.sendall(pack({"v": 1, "id": "c1", "kind": kind, "args": args}))
        return line

    def serve(self) -> None:
        """Whatever has come is taken in, and what came of it is said."""
        while found := self.selector.select(0.05):
            for key, mask in found:
                key.data(mask)
        self.reception.write_down_who_left()

    def finish(self) -> None:
        with self._idle:
            assert self._idle.wait_for(lambda: self.engine.is_idle, 20.0)
        self.reception.answer()
        self.reception.write_down_who_left()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    yield made
    made.reception.door.close()
    made.engine.close(e.SupervisorStopped("the test is over"))
    made.selector.close()


def test_one_who_left_before_the_ledger_knew_the_run_does_not_wait_for_it(house: House) -> None:
    carried_out = threading.Event()
    new_id = house.world.shop.new_id
    house.world.shop.new_id = lambda: (carried_out.wait(20.0), new_id())[1]
    line = house.calls("run", ARGS)
    house.serve()
    line.close()
    house.serve()
    assert RUN not in house.world.facts.runs, "not yet"
    carried_out.set()
    house.finish()
    assert not house.world.facts.runs[RUN].waits


def test_one_who_left_while_another_with_the_same_command_stays_is_waited_on(house: House) -> None:
    first = house.calls("run", ARGS)
    house.serve()
    house.finish()
    second = house.calls("run", ARGS)
    house.serve()
    house.finish()
    first.close()
    house.serve()
    assert house.world.facts.runs[RUN].waits
    second.close()
    house.serve()
    assert not house.world.facts.runs[RUN].waits
