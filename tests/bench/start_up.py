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
        spool = {"SWARM_SPOOL": str(folder / "spool"), "SWARM_TOKEN": "0" * 32}
        for metric, argv, env, aim in (
            ("`swarmctl --version`", ("swarmctl", "--version"), {}, "bare + 5 ms"),
            ("agent hook `swarmctl-hook Stop`", ("swarmctl-hook", "Stop"), spool, "bare + 15 ms"),
            ("`swarmctl ps`, 20 sessions", ("swarmctl", "ps"), {}, "bare + 15 ms"),
            ("`swarmctl --help`", ("swarmctl", "--help"), {}, "100 ms"),
            ("`swarmctl run --help`", ("swarmctl", "run", "--help"), {}, ""),
        ):
            command = [str(BIN / argv[0]), *argv[1:]]
            measured, bare = in_turns(command, there.repo, env, rounds)
            yield row(metric, measured, bare, what="`python -c pass`", aim=aim)


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
