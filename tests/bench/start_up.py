"""What a person waits for before anything happens: each command against a bare interpreter, taken in turns."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.bench.figures import Row, row
from tests.bench.place import place

ROUNDS = 40
BIN = Path(sys.executable).parent
BARE = (sys.executable, "-c", "pass")


def rows(folder: Path, rounds: int = ROUNDS) -> Iterator[Row]:
    with place(folder, "start-up", 20) as there:
        there.client.ask("run", there.order(*["true"] * 20))
        there.settled()
        name = min(there.facts().sessions)
        spool = {"SWARM_SPOOL": str(folder / "spool"), "SWARM_TOKEN": "0" * 32}
        for metric, argv, env, aim in (
            ("`swarmctl --version`", (f"{BIN}/swarmctl", "--version"), {}, "bare + 5 ms"),
            ("the same without the installer's script", direct("cli", "--version"), {}, "bare + 5 ms"),
            ("agent hook `swarmctl-hook Stop`", (f"{BIN}/swarmctl-hook", "Stop"), spool, "bare + 15 ms"),
            ("the same without the installer's script", direct("hook", "Stop"), spool, "bare + 15 ms"),
            ("`swarmctl ps`, 20 sessions", (f"{BIN}/swarmctl", "ps"), {}, "bare + 15 ms"),
            ("`swarmctl statusline`, 20 sessions", (f"{BIN}/swarmctl", "statusline"), {}, "bare + 15 ms"),
            ("`swarmctl --help`", (f"{BIN}/swarmctl", "--help"), {}, "100 ms"),
            ("`swarmctl show ID`, 20 sessions", (f"{BIN}/swarmctl", "show", name), {}, ""),
            ("`swarmctl run --help`", (f"{BIN}/swarmctl", "run", "--help"), {}, ""),
        ):
            measured, bare = in_turns(argv, there.repo, env, rounds)
            yield row(metric, measured, bare, what="`python -c pass`", aim=aim)


def direct(surface: str, *words: str) -> tuple[str, ...]:
    """Scripts that pip makes may import `re` on their own account."""
    code = f"import sys; from swarmctl.surfaces.{surface}.entry import main; sys.exit(main())"
    return (sys.executable, "-c", code, *words)


def in_turns(command: Sequence[str], cwd: Path, env: dict[str, str], rounds: int) -> tuple[list[float], list[float]]:
    measured, bare = [], []
    once(command, cwd, env)
    for _ in range(rounds):
        bare.append(once(BARE, cwd, env))
        measured.append(once(command, cwd, env))
    return measured, bare


def once(argv: Sequence[str], cwd: Path, env: dict[str, str]) -> float:
    began = time.perf_counter()
    child = subprocess.Popen(
        argv,
        cwd=cwd,
        env={**os.environ, **env},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    if child.wait() != 0:
        raise RuntimeError(f"{argv} ended with {child.returncode}")
    return time.perf_counter() - began
