"""Prints the table of docs/bench.md: `scripts/bench [SECTION…] [--quick]`. Nothing is asserted on time."""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from tests.bench import cockpit, council, launching, ledger, memory, spawning, start_up, states, swarm
from tests.bench.figures import Row, table
from tests.conftest import GITCONFIG, SCRUBBED

Section = Callable[[Path], Iterator[Row]]
FULL: dict[str, Section] = {
    "start-up": start_up.rows,
    "spawn": spawning.rows,
    "launch": launching.rows,
    "log": ledger.rows,
    "swarm": swarm.rows,
    "states": states.rows,
    "memory": memory.rows,
    "cockpit": cockpit.rows,
    "council": council.rows,
}
QUICK: dict[str, Section] = {
    "start-up": lambda folder: start_up.rows(folder, rounds=3),
    "spawn": lambda folder: spawning.rows(folder, sizes=(1_000,), warm=2, landings=2),
    "launch": lambda folder: launching.rows(folder, rounds=3),
    "log": lambda folder: ledger.rows(folder, seconds=0.2, sessions=50, lengths=(2_000,)),
    "swarm": lambda folder: swarm.rows(folder, sizes=(1, 5), window_s=2.0, deaths=2),
    "states": lambda folder: states.rows(folder, panes=5, hooked=5, window_s=2.0),
    "memory": lambda folder: memory.rows(folder, sessions=20),
    "cockpit": lambda folder: cockpit.rows(folder, sessions=20, window_s=1.0, keys=4, starts=1),
    "council": lambda folder: council.rows(folder, rounds=3, routes=200),
}


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("sections", nargs="*", choices=[[], *FULL], help="default: all")
    parser.add_argument("--quick", action="store_true", help="few samples, to see that it works")
    asked = parser.parse_args(argv)
    rows: list[Row] = []
    loads = [os.getloadavg()[0]]
    with hermetic() as folder:
        print(machine(folder), end="\n\n", flush=True)
        for name in asked.sections or FULL:
            (folder / name).mkdir()
            for each in (QUICK if asked.quick else FULL)[name](folder / name):
                print(f"{each.metric}: {each.median}", file=sys.stderr, flush=True)
                rows.append(each)
            loads.append(os.getloadavg()[0])
    print(table(rows))
    print(f"\nload average while it ran: {', '.join(f'{load:.1f}' for load in loads)}")
    return 0


def machine(folder: Path) -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    kind = _said("stat", "-f", "-c", "%T", str(folder))
    versions = f"{_said('git', '--version')}, {_said('tmux', '-V')}, Python {platform.python_version()}"
    return (
        f"{datetime.now(UTC):%Y-%m-%d}: {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} "
        f"{platform.release()}, {kind}, {versions}, SQLite {sqlite3.sqlite_version}"
    )


def _said(*argv: str) -> str:
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout.strip()


@contextmanager
def hermetic() -> Iterator[Path]:
    """No setting of the user's reaches what is measured, and nothing is left behind."""
    folder = Path(tempfile.mkdtemp(prefix="swarm-bench-"))
    runtime = Path(tempfile.mkdtemp(prefix="sw-"))
    (folder / ".gitconfig").write_text(GITCONFIG)
    for name in list(os.environ):
        if name.startswith((*SCRUBBED, "PYTHON")):
            del os.environ[name]
    os.environ |= {
        "HOME": str(folder),
        "GIT_CONFIG_GLOBAL": str(folder / ".gitconfig"),
        "GIT_CONFIG_NOSYSTEM": "1",
        "XDG_STATE_HOME": str(folder / "state"),
        "XDG_CONFIG_HOME": str(folder / "config"),
        "XDG_RUNTIME_DIR": str(runtime),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "SWARMCTL__MERGE__TARGET": "main",
    }
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(runtime, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
