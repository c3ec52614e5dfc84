"""What it costs to start an agent through swarmctl: the same scripted agent bare in a pane, submitted, and fenced."""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from swarmctl.edges.agents import fake_agent
from swarmctl.edges.shell.processes import LinuxProcesses
from swarmctl.edges.tmux.server import TmuxServer
from tests.bench.figures import Row, percentile, row, time_of
from tests.bench.place import Place, place, told

FILES = 1_000
POOL = 2
AIM = "100 ms"


def rows(folder: Path, rounds: int = 30) -> Iterator[Row]:
    """Each sample has a bare start just before it, so that both meet the same machine."""
    for kind, settings in (("", {"MODE": "off"}), (", in its sandbox", {"MODE": "on"})):
        with told(**{f"SWARMCTL__SANDBOX__{name}": value for name, value in settings.items()}):
            name = f"launch-{settings['MODE']}"
            with told(SWARMCTL__SANDBOX__WRITE=f'["{folder}/"]'), place(folder, name, FILES) as there:
                yield from _compared(there, kind, rounds)


def _compared(there: Place, kind: str, rounds: int) -> Iterator[Row]:
    bare, through = [], []
    there.client.greet()
    _submitted(there)
    with _server() as server:
        for number in range(rounds):
            there.make_room()
            if number % POOL == 0:
                there.pool_is_full(POOL)
            bare.append(_bare(there, server))
            through.append(_submitted(there))
    yield row(f"submitted to a scripted agent's first byte{kind}", through, bare, what="the same agent bare in a pane")
    yield _overhead(f"launch overhead over the bare agent{kind}", bare, through)


def _overhead(metric: str, bare: Sequence[float], through: Sequence[float]) -> Row:
    more = [late - soon for soon, late in zip(bare, through, strict=True)]
    tail = time_of(percentile(more, 99)) if len(more) >= 20 else f"max {time_of(max(more))}"
    return Row(metric, time_of(statistics.median(more)), len(more), tail, aim=AIM)


def _submitted(there: Place) -> float:
    order = there.order("")
    order["tasks"][0] |= {"agent": "fake", "prompt": f"write {there.first} x", "command": ""}
    began = time.time()
    line = there.client.line()
    line.tell("run", order, order["run"])
    at = there.first_byte()
    for message in line.messages(30.0):
        if message.get("id") == order["run"]:
            break
    return at - began


def _bare(there: Place, server: TmuxServer) -> float:
    argv = (sys.executable, "-I", fake_agent.__file__, f"write {there.first} x")
    began = time.time()
    server.ask(("new-window", "-d", "-c", str(there.repo), "--", *argv))
    return there.first_byte() - began


@contextmanager
def _server() -> Iterator[TmuxServer]:
    runtime = Path(tempfile.mkdtemp(prefix="sw-"))
    server = TmuxServer("swarm-bare", runtime, LinuxProcesses(), lambda: None)
    try:
        server.ensure()
        yield server
    finally:
        server.shutdown()
        shutil.rmtree(runtime, ignore_errors=True)
