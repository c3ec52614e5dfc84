"""A look at everybody is cheap the second time, is shared, and misses nobody for all that."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from swarmctl.core.session import ProcessId
from swarmctl.edges.shell import census, procfs
from swarmctl.edges.shell.census import Census, People
from tests.fakes.processes import until

Alive = Callable[[Path], bool]
SURVIVORS = {
    "leaves its session": "setsid sh -c 'echo $$ > one; exec sleep 1000' & sleep 1000",
    "forks twice": "(setsid sh -c 'echo $$ > one; exec sleep 1000' &) ; sleep 1000",
    "ignores signals": "trap '' HUP TERM INT; echo $$ > one; while :; do sleep 0.1; done",
    "becomes another program": "(setsid sh -c 'echo $$ > one; exec sh -c \"exec sleep 1000\"' &) ; sleep 1000",
}


@pytest.fixture
def mark(tmp_path: Path) -> str:
    return f"test-{tmp_path}"


def carriers(look: Census, mark: str) -> set[int]:
    return {process.pid for process in look.take().carriers(mark)}


@pytest.mark.parametrize("script", SURVIVORS.values(), ids=SURVIVORS.keys())
def test_who_survives_a_killed_wrapper_is_found_whenever_others_were_looked_at(
    place: Any, alive: Alive, script: str
) -> None:
    place.processes.holders(place.marker)
    started = place.start(script)
    assert until(lambda: alive(place.folder / "one"))
    place.processes.holders(place.marker)
    place.processes.signal([started.process], signal.SIGKILL)
    assert until(lambda: not place.processes.alive(started.process))
    survivor = int((place.folder / "one").read_text())
    assert survivor in {process.pid for process in place.processes.holders(place.marker)}
    assert place.processes.stop(started.process, place.marker, 0.1)
    assert not alive(place.folder / "one")


def test_a_child_that_cleaned_its_environment_is_found_through_its_wrapper(place: Any, alive: Alive) -> None:
    started = place.start("(env -i setsid sh -c 'echo $$ > one; exec sleep 1000' &) ; sleep 1000")
    assert until(lambda: alive(place.folder / "one"))
    place.processes.holders(place.marker)
    _, others = place.processes.remaining(started.process, place.marker)
    assert int((place.folder / "one").read_text()) in {process.pid for process in others}


def test_a_mark_that_comes_with_another_program_is_seen(mark: str) -> None:
    look = Census()
    argv = ["sh", "-c", 'read line; SWARM_MARKER="$0" exec sleep 1000', mark]
    with subprocess.Popen(argv, stdin=subprocess.PIPE) as process:
        assert process.stdin
        assert until(lambda: process.pid in look.take().known)
        assert process.pid not in carriers(look, mark)
        process.stdin.write(b"go\n")
        process.stdin.flush()
        assert until(lambda: process.pid in carriers(look, mark))
        process.kill()


def test_a_mark_goes_with_the_program_that_carried_it(mark: str) -> None:
    look = Census()
    argv = ["sh", "-c", "read line; exec env -i sleep 1000"]
    env = {**os.environ, "SWARM_MARKER": mark}
    with subprocess.Popen(argv, stdin=subprocess.PIPE, env=env) as process:
        assert process.stdin
        assert until(lambda: process.pid in carriers(look, mark))
        process.stdin.write(b"go\n")
        process.stdin.flush()
        assert until(lambda: process.pid not in carriers(look, mark))
        process.kill()


def test_a_process_is_asked_once_for_each_program(mark: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    ask = census.ask

    def counted(process: ProcessId, program: tuple[bytes, ...]) -> census.Known:
        asked.append(process.pid)
        return ask(process, program)

    monkeypatch.setattr(census, "ask", counted)
    look = Census()
    with subprocess.Popen(["sleep", "1000"], env={"SWARM_MARKER": mark}) as process:
        assert until(lambda: process.pid in carriers(look, mark))
        asked.clear()
        assert process.pid in carriers(look, mark)
        assert process.pid not in asked
        process.kill()


def test_a_number_that_came_to_somebody_else_is_asked_again(mark: str) -> None:
    look = Census()
    with subprocess.Popen(["sleep", "1000"], env={"SWARM_MARKER": mark}) as process:
        assert until(lambda: process.pid in carriers(look, mark))
        known = look._known[process.pid]
        stale = census.Known((b"1", *known.program[1:]), ProcessId(process.pid, 1, procfs.boot_id()), frozenset(), None)
        look._known[process.pid] = stale
        assert process.pid in carriers(look, mark)
        process.kill()


def test_the_kernels_own_and_the_dead_are_nobody(mark: str) -> None:
    with subprocess.Popen(["true"], env={"SWARM_MARKER": mark}) as process:
        assert until(lambda: procfs.stat_of(process.pid)[0] == b"Z")
        people = Census().take()
        assert process.pid not in people.known
        assert os.getpid() not in people.known
    stats = [stat for stat in map(procfs.stat_of, people.known) if stat]
    assert stats and not any(int(stat[census.FLAGS]) & census.KERNEL_THREAD for stat in stats)


class Turn:
    """A lock that counts who came for it."""

    def __init__(self) -> None:
        self.came = 0
        self._counting, self._lock = threading.Lock(), threading.Lock()

    def __enter__(self) -> None:
        with self._counting:
            self.came += 1
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()


class Slow(Census):
    """Its looks wait until they are let go, one by one."""

    def __init__(self) -> None:
        super().__init__()
        self.looks: list[People] = []
        self.let_go = threading.Semaphore(0)
        self.turn = Turn()
        self._looking = self.turn  # type: ignore[assignment]

    def _look(self) -> People:
        assert self.let_go.acquire(timeout=60)
        self.looks.append(People({}, {}))
        return self.looks[-1]


def test_who_comes_together_shares_a_look_and_nobody_gets_one_that_began_before_he_came() -> None:
    look = Slow()
    with ThreadPoolExecutor(20) as pool:
        first = pool.submit(look.take)
        assert until(lambda: look._begun == 1)
        others = [pool.submit(look.take) for _ in range(19)]
        assert until(lambda: look.turn.came == 20)
        look.let_go.release(5)
        assert first.result(60) is look.looks[0]
        found = [other.result(60) for other in others]
    assert all(people is look.looks[1] for people in found)
    assert len(look.looks) == 2
    assert look._begun == look._done


def test_a_look_that_failed_is_nobodys_answer() -> None:
    class Failing(Census):
        def _look(self) -> People:
            if self._begun == 1:
                raise OSError
            return People({}, {})

    look = Failing()
    with pytest.raises(OSError):
        look.take()
    assert look.take() == People({}, {})
