"""A large swarm in tmux: what the supervisor costs while nothing happens, how soon it sees a death, how it recovers."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from swarmctl.core import events as e
from swarmctl.core.session import Session, Stage
from swarmctl.edges.tmux.server import socket_path
from tests.bench.figures import Row, row
from tests.bench.place import Place, kill, place, told, until

SIZES = (1, 50, 200)
QUIET = "exec sleep 100000"
BUSY = r"""exec bash -c 'exec 9<> <(:)
for ((n = RANDOM % 160; ; n++)); do
  printf "\r%s redraws" "$n"
  ((n % 160)) || printf "\n{\"v\":1,\"token\":\"%s\",\"event\":\"working\",\"at\":1.0,\"text\":\"step %s\"}\n" \
    "$SWARM_TOKEN" "$n" >> "$SWARM_SPOOL"
  read -r -t 0.25 -u 9
done'"""
"""Redraws four times a second, and speaks through its hook's spool every 40 s: five times a second from 200."""
WINDOW_S = 30.0
CHECKPOINT_S = 30
"""Ten times as often as by default: a checkpoint of an agent that slept must cost nothing."""
SETTLE_S = CHECKPOINT_S + 5.0
"""The pool is full, and every session has had its first checkpoint."""
DEATHS = 100
TICK_S = os.sysconf("SC_CLK_TCK")


def rows(
    folder: Path, sizes: tuple[int, ...] = SIZES, window_s: float = WINDOW_S, deaths: int = DEATHS
) -> Iterator[Row]:
    many = {"SWARMCTL__AGENT__MAX_RUNNING": "1000"}
    with told(**many, SWARMCTL__AGENT__CHECKPOINT_EVERY_S=str(CHECKPOINT_S)), place(folder, "swarm", 100) as there:
        for size in sizes:
            _grow(there, size, QUIET)
            aim = "0.3 %" if size == sizes[-1] else ""
            yield from _idle(there, f"{size} quiet session{'s' if size > 1 else ''}", window_s, aim)
        yield from _deaths(there, deaths)
        yield from _recovery(there)
    with told(**many, SWARMCTL__AGENT__CHECKPOINT_EVERY_S="86400"), place(folder, "busy", 100) as there:
        _grow(there, sizes[-1], BUSY)
        yield from _idle(there, f"{sizes[-1]} busy sessions", window_s, "1 %")


def _grow(there: Place, size: int, command: str) -> None:
    there.client.greet()
    missing = size - len(there.sessions(is_running))
    for _ in range(missing):
        there.client.ask("run", there.order(command))
    until(lambda: len(there.sessions(is_running)) >= size, f"{size} running sessions")


def is_running(session: Session) -> bool:
    return session.stage is Stage.RUNNING


# --- idle -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Spent:
    cpu_s: float
    children: int
    """Minor faults of children that were waited for: every child has some, so none means no fork."""
    switches: int


def spent(pid: int) -> Spent:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    switches = sum(
        int(line.split()[1])
        for task in Path(f"/proc/{pid}/task").iterdir()
        for line in (task / "status").read_text().splitlines()
        if line.startswith("voluntary")
    )
    return Spent((int(fields[11]) + int(fields[12])) / TICK_S, int(fields[8]), switches)


def _idle(there: Place, label: str, window_s: float, aim: str) -> Iterator[Row]:
    """Nobody is connected: a bell for a listener would be work of its own."""
    supervisor, server = there.supervisor, tmux_server(there)
    there.client.hang_up()
    time.sleep(SETTLE_S)
    before = {pid: spent(pid) for pid in (supervisor, server)}
    time.sleep(window_s)
    after = {pid: spent(pid) for pid in (supervisor, server)}
    share = {pid: (after[pid].cpu_s - before[pid].cpu_s) / window_s for pid in before}
    forks = "none" if after[supervisor].children == before[supervisor].children else "some"
    wakes = (after[supervisor].switches - before[supervisor].switches) / window_s
    yield Row(
        f"supervisor, {label}, {window_s:g} s",
        f"{share[supervisor]:.2%} of a core",
        baseline=f"tmux server: {share[server]:.2%}",
        aim=aim,
    )
    yield Row(f"forks per tick, {label}", forks, baseline=f"{wakes:.1f} wake-ups/s", aim="none")


def tmux_server(there: Place) -> int:
    paths = there.here.paths
    socket = str(socket_path(f"swarm-{paths.id}", paths.runtime))
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if socket.encode() in words and b"-C" not in words:
                return int(entry.name)
    raise RuntimeError("no tmux server")


# --- deaths -----------------------------------------------------------------------------------------------------------


def _deaths(there: Place, count: int) -> Iterator[Row]:
    """One agent after the other is killed; its wrapper and the rest of the swarm live on."""
    killed: dict[str, float] = {}
    for session in there.sessions(is_running)[:count]:
        assert session.process is not None
        agent = int(Path(f"/proc/{session.process.pid}/task/{session.process.pid}/children").read_text().split()[0])
        killed[session.id] = kill(agent)
        until(lambda: there.facts().sessions[session.id].outcome, "a killed session's outcome")  # noqa: B023
    seen = there.times(e.SessionEnded)
    running = len(there.sessions(is_running)) + count
    took = [seen[session] - at for session, at in killed.items()]
    yield row(f"agent's death to `SessionEnded` in the log, {running} sessions", took, aim="20 ms p99")


# --- recovery ---------------------------------------------------------------------------------------------------------


def _recovery(there: Place, kills: int = 5) -> Iterator[Row]:
    """By the next command: a supervisor that has taken every session over answers it."""
    sessions, took = len(there.sessions(is_running)), []
    for _ in range(kills):
        pid = there.supervisor
        at = kill(pid)
        there.client.hang_up()
        there.client.greet()
        took.append(time.time() - at)
        assert len(there.sessions(is_running)) == sessions
    events = there.facts().seq
    yield row(f"recovery from a killed supervisor, {sessions} sessions, {events:,} events", took, aim="2 s")
    running = there.sessions(is_running)
    at = kill(tmux_server(there))
    until(lambda: not there.sessions(is_running), "every session to be reconciled")
    ended = there.times(e.SessionEnded)
    there.settled()
    kept = there.times(e.SessionKept)
    late = [ended[session.id] - at for session in running]
    yield row(f"a killed tmux server: {sessions} sessions flagged", [max(late)], aim="10 s")
    yield row(
        "and each one's work kept and its outcome stated",
        [max(kept[session.id] - at for session in running)],
        aim="10 s",
    )
