"""From an agent's output to what is believed of it: recorded screens in many real panes, and one who looks."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from swarmctl.app.looking import CALM, PROMPT, Looking, Seen, Watched
from swarmctl.core.ids import SessionId
from swarmctl.edges.files.terminals import Terminals
from swarmctl.edges.shell.processes import LinuxProcesses
from swarmctl.edges.tmux.looks import PaneLooks
from swarmctl.edges.tmux.server import MARK, TmuxServer
from tests.bench.figures import Row, percentile, time_of
from tests.real.screen_files import all_screens
from tests.real.screen_table import manifest

NAME = "swarm-bench"
REDRAWS = 4.0
"""A second, in each pane."""
CHANGES = 5.0
"""A second, in all of them."""
SCREENS = {screen.state: screen for screen in all_screens("claude") if screen.state in ("working-tool", "idle")}


@dataclass
class Painted:
    pane: str
    tty: int
    state: str = ""
    writes: int = 0

    def paint(self, state: str) -> None:
        self.state = state
        self.writes += 1
        screen = SCREENS[state]
        text = screen.text.rstrip("\n").replace("\n", "\r\n")
        os.write(self.tty, f"\x1b]2;{screen.title}\x07\x1b[H\x1b[2J{text}".encode())

    def redraw(self, frame: int) -> None:
        """What an agent that works does all the time; one that rests is still."""
        if self.state == "working-tool":
            self.writes += 1
            os.write(self.tty, f"\x1b]2;{'⠂⠐'[frame % 2]} Scripted topic\x07\x1b7\x1b[3;1H{frame}\x1b8".encode())


def rows(folder: Path, panes: int = 100, hooked: int = 200, window_s: float = 20.0) -> Iterator[Row]:
    yield from _busy("without hooks", panes, window_s, PROMPT, aim="2 %")
    yield from _busy("with hooks", hooked, window_s, CALM, aim="1 %")
    yield _quiet(hooked, window_s)


def _busy(kind: str, count: int, window_s: float, pace: object, aim: str) -> Iterator[Row]:
    with _stage(count) as (server, painted), _watcher(painted, pace is PROMPT) as watcher:
        before, tmux = _cpu(watcher.pid), _cpu(_pid(server))
        written = _play(painted, window_s)
        used, tmux = _cpu(watcher.pid) - before, _cpu(_pid(server)) - tmux
        prints = sum(each.writes for each in painted) - count
        time.sleep(1.0)
        told = _told(watcher)
    late = _delays(written, told)
    cores = f"{100 * used / window_s:.2f}% of a core"
    yield Row(f"looking at {count} busy agents {kind}, {window_s:.0f} s", cores, aim=aim,
              baseline=f"tmux server, painters included: {100 * tmux / window_s:.1f}%")  # fmt: skip
    yield Row("the same for each time that one of them printed", f"{1e6 * used / max(1, prints):.0f} µs", prints)
    if pace is PROMPT:
        tail = f"p95 {time_of(percentile(late, 95))}, p99 {time_of(percentile(late, 99))}" if late else ""
        missed = len(written) - len(late)
        middle = time_of(percentile(late, 50)) if late else "nothing was measured"
        yield Row(f"output to state, {count} panes, {missed} missed", middle, len(late), tail, aim="50 ms p95")


def _quiet(count: int, window_s: float) -> Row:
    with _stage(count) as (_, painted), _watcher(painted, False) as watcher:
        before = _cpu(watcher.pid)
        time.sleep(window_s)
        used = _cpu(watcher.pid) - before
    return Row(f"looking at {count} quiet agents", f"{100 * used / window_s:.2f}% of a core", aim="0.3 %")


def _play(painted: Sequence[Painted], window_s: float) -> list[tuple[str, str, float]]:
    """Each change as (pane, state, when it was written)."""
    dice, written = random.Random(7), []
    begin = time.monotonic()
    redraw_at = [begin + dice.random() / REDRAWS for _ in painted]
    change_at, frame = begin, 0
    while (now := time.monotonic()) < begin + window_s:
        for at, each in enumerate(painted):
            if redraw_at[at] <= now:
                redraw_at[at] += 1 / REDRAWS
                each.redraw(frame := frame + 1)
        if change_at <= now:
            change_at += 1 / CHANGES
            each = painted[dice.randrange(len(painted))]
            state = "idle" if each.state == "working-tool" else "working-tool"
            written.append((each.pane, state, time.monotonic()))
            each.paint(state)
        time.sleep(0.002)
    return written


def _delays(written: Sequence[tuple[str, str, float]], told: Sequence[tuple[str, str, float]]) -> list[float]:
    found = []
    for pane, state, at in written:
        after = [when - at for each, what, when in told if each == pane and state.startswith(what) and when >= at]
        if after and min(after) < 1.0:
            found.append(min(after))
    return found


@contextmanager
def _stage(count: int) -> Iterator[tuple[TmuxServer, list[Painted]]]:
    with ExitStack() as stack:
        runtime = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sw-")))
        os.environ["SWARM_BENCH_RUNTIME"] = str(runtime)
        server = TmuxServer(NAME, runtime, LinuxProcesses(), lambda: None)
        server.ensure()
        stack.callback(server.shutdown)
        painted = []
        for number in range(count):
            asked = ("new-window", "-d", "-P", "-F", "#{pane_id} #{pane_tty}", "--", "sleep", "100000")
            pane, tty = server.ask(asked)[0].lines[0].decode().split()
            server.ask(("set-option", "-p", "-t", pane, MARK, f"s{number}"))
            painted.append(Painted(pane, os.open(tty, os.O_WRONLY | os.O_NOCTTY)))
            stack.callback(os.close, painted[-1].tty)
            painted[-1].paint("working-tool")
        yield server, painted


@contextmanager
def _watcher(painted: Sequence[Painted], prompt: bool) -> Iterator[subprocess.Popen[str]]:
    argv = [
        sys.executable,
        "-m",
        "tests.bench.states",
        "prompt" if prompt else "calm",
        *(each.pane for each in painted),
    ]
    root = Path(__file__).resolve().parents[2]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root) as watcher:
        assert watcher.stdout
        for _ in painted:
            watcher.stdout.readline()
        yield watcher
        watcher.kill()


def _told(watcher: subprocess.Popen[str]) -> list[tuple[str, str, float]]:
    out, _ = watcher.communicate("")
    lines = (line.split() for line in out.splitlines())
    return [(pane, state, float(at)) for pane, state, at in lines]


def watch(pace: str, panes: Sequence[str]) -> None:
    """The child: tells on its output what it believes, until its input ends."""
    server = TmuxServer(NAME, Path(os.environ["SWARM_BENCH_RUNTIME"]), LinuxProcesses(), lambda: None)
    rules = manifest("claude")

    def tell(seen: Seen) -> None:
        if seen.screen is not None:
            print(seen.pane, seen.screen.state, time.monotonic(), flush=pace == "prompt" or seen.first)

    looking = Looking(PaneLooks(server, Terminals()), tell)
    speed = PROMPT if pace == "prompt" else CALM
    looking.follow([Watched(SessionId(f"s{at}"), pane, rules, speed) for at, pane in enumerate(panes)])
    sys.stdin.read()
    looking.close()
    server.disconnect()


def _pid(server: TmuxServer) -> int:
    process = server.process()
    return process.pid if process else 0


def _cpu(pid: int) -> float:
    """Seconds of this process and of the control client that it started."""
    ticks = sum(map(int, Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]))
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return ticks / os.sysconf("SC_CLK_TCK") + sum(_cpu(int(child)) for child in children if _is_client(child))


def _is_client(pid: str) -> bool:
    return b"attach-session" in Path(f"/proc/{pid}/cmdline").read_bytes()


if __name__ == "__main__":
    watch(sys.argv[1], sys.argv[2:])
