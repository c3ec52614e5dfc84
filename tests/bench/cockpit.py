"""The cockpit as a person has it: a real terminal, two hundred sessions that change ten times a second, and a key."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from swarmctl.app.here import here
from swarmctl.core import events as e
from swarmctl.core.ids import SessionId
from swarmctl.core.session import State
from swarmctl.edges.store.log import SqliteLog
from tests.bench.figures import Row, percentile, row, time_of
from tests.bench.place import make_repository
from tests.surfaces.tui.stage import Stage

UPDATES = 10.0
"""A second, of each session."""
BATCH_S = 0.02
ROWS, COLUMNS = 50, 200
ESCAPES = re.compile(rb"\x1b\[[0-9;?<>=]*[a-zA-Z]|\x1b[()][0-9A-Za-z]|\x1b\][^\x07]*\x07|\x1b[=>78]")
FOCUS_OUT, FOCUS_IN = b"\x1b[O", b"\x1b[I"
HEAVY = (sys.executable, "-c", "import textual.app")


class Terminal:
    """Somebody's terminal with the cockpit in it: what was typed, and when which words came."""

    def __init__(self, repo: Path) -> None:
        self.began = time.perf_counter()
        self.pid, self._fd = pty.fork()
        if not self.pid:
            os.chdir(repo)
            os.environ.update(TERM="xterm-256color", COLORTERM="truecolor", COLUMNS=str(COLUMNS), LINES=str(ROWS))
            os.execv(f"{Path(sys.executable).parent}/swarmctl", ["swarmctl"])
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self._seen = b""

    def type(self, keys: bytes) -> float:
        self._seen = b""
        os.write(self._fd, keys)
        return time.perf_counter()

    def awaits(self, words: bytes, patience_s: float = 30.0) -> float:
        """When they had come."""
        end = time.perf_counter() + patience_s
        while time.perf_counter() < end:
            self._read(0.5)
            if words in ESCAPES.sub(b"", self._seen):
                return time.perf_counter()
        raise TimeoutError(f"waited {patience_s:g} s for {words!r}")

    def drain(self, seconds: float) -> None:
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            self._read(left)
            self._seen = b""

    def _read(self, seconds: float) -> None:
        if select.select([self._fd], [], [], seconds)[0]:
            self._seen = (self._seen + os.read(self._fd, 1 << 16))[-(1 << 20) :]

    def cpu(self) -> float:
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def share(self, seconds: float) -> float:
        before = self.cpu()
        self.drain(seconds)
        return (self.cpu() - before) / seconds * 100

    def resident_mb(self) -> float:
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024

    def close(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self._fd)


def rows(folder: Path, sessions: int = 200, window_s: float = 10.0, keys: int = 60, starts: int = 10) -> Iterator[Row]:
    repo = folder / "repo"
    make_repository(repo, 20)
    stage = Stage(repo)
    for number in range(sessions):
        stage.working(f"s{number:04}", f"Mend part {number:04}")
    stage.close()
    yield _first_paint(repo, starts)
    with _opened(repo) as terminal:
        yield Row(f"the cockpit at rest, {sessions} sessions", f"{terminal.share(window_s):.1f}% of a core", aim="10 %")
        with _writing(repo, sessions):
            terminal.drain(2.0)
            yield _keys(terminal, sessions, keys)
            share = terminal.share(window_s)
            yield Row(f"the cockpit, {sessions * UPDATES:.0f} updates a second", f"{share:.1f}% of a core")
            terminal.type(FOCUS_OUT)
            terminal.drain(2.0)
            yield Row("the same while nobody looks", f"{terminal.share(window_s):.1f}% of a core", aim="10 %")
            terminal.type(FOCUS_IN)
        yield Row("its memory after that", f"{terminal.resident_mb():.0f} MB", aim="150 MB")


def _first_paint(repo: Path, starts: int) -> Row:
    """Until the first session can be read."""
    taken, bare = [], []
    for _ in range(starts):
        began = time.perf_counter()
        subprocess.run(HEAVY, check=True)
        bare.append(time.perf_counter() - began)
        with _opened(repo) as terminal:
            taken.append(terminal.shown_after)
    return row("start of the cockpit to its list", taken, bare, what="`import textual.app`", aim="400 ms")


class _Opened(Terminal):
    shown_after = 0.0


@contextmanager
def _opened(repo: Path) -> Iterator[_Opened]:
    terminal = _Opened(repo)
    try:
        terminal.shown_after = terminal.awaits(b"Mend part") - terminal.began
        yield terminal
    finally:
        terminal.close()


def _keys(terminal: Terminal, sessions: int, count: int) -> Row:
    """To the other end of the list and back: what is there was not on the screen before."""
    ends = ((b"\x1b[F", f"part {sessions - 1:04}".encode()), (b"\x1b[H", b"part 0000"))
    taken: list[float] = []
    for number in range(count):
        key, words = ends[number % 2]
        pressed = terminal.type(key)
        taken.append(terminal.awaits(words) - pressed)
        terminal.drain(0.15)
    return _with_p95("key to paint meanwhile", taken)


def _with_p95(metric: str, taken: Sequence[float]) -> Row:
    middle, tail = time_of(percentile(taken, 50)), f"p95 {time_of(percentile(taken, 95))}"
    return Row(metric, middle, len(taken), tail, aim="50 ms p95")


@contextmanager
def _writing(repo: Path, sessions: int) -> Iterator[None]:
    argv = (sys.executable, "-m", "tests.bench.cockpit", str(repo), str(sessions))
    with subprocess.Popen(argv) as child:
        try:
            yield
        finally:
            child.kill()


def write(repo: Path, sessions: int) -> None:
    """What two hundred agents at work would put into the ledger."""
    log = SqliteLog(here(repo).paths.database)
    at, number, due = time.monotonic(), 0, 0.0
    while True:
        time.sleep(BATCH_S)
        due = (time.monotonic() - at) * sessions * UPDATES
        batch = [_update(each, sessions) for each in range(number, int(due))]
        number = int(due)
        if batch:
            log.append(*batch)


def _update(number: int, sessions: int) -> e.Event:
    session, step = SessionId(f"s{number % sessions:04}"), number // sessions
    if step % 10:
        return e.Noticed(session, f"step {step}")
    return e.StateChanged(session, State.WORKING, "hook", f"it uses a tool for the {step}th time")


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]))
