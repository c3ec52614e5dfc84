"""A command of the command line, run for a face that shows what it prints; and a terminal lent to another program."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from swarmctl.core.values import dataclass

LONGEST = 1 << 20
"""Characters of its output that are kept."""


@dataclass(frozen=True, slots=True)
class Ran:
    rc: int
    text: str


def run_verb(words: Sequence[str], cwd: Path) -> Ran:
    """With nobody at its keyboard. Both of its streams, as they came."""
    done = subprocess.run(
        [sys.executable, "-m", "swarmctl.surfaces.cli.entry", *words],
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    return Ran(done.returncode, done.stdout.decode(errors="replace")[-LONGEST:])


def lend_terminal(argv: Sequence[str]) -> int:
    """Until the program has ended: its exit code, or what stands for the signal that ended it."""
    code = os.spawnvpe(os.P_WAIT, argv[0], list(argv), without_tmux(os.environ))
    return code if code >= 0 else 128 - code


def without_tmux(environ: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environ.items() if name not in ("TMUX", "TMUX_PANE")}
