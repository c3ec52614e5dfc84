"""A command of the command line, run for a face that shows what it prints; and a terminal lent to another program."""

from __future__ import annotations

import codecs
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

CHUNK = 1 << 16
COLOURED = ("FORCE_COLOR", "TTY_COMPATIBLE")
"""What colours a text that goes to no terminal."""


class Verb:
    """A command at work, with nobody at its keyboard and in a session of its own."""

    def __init__(self, words: Sequence[str], cwd: Path, columns: int = 0) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "swarmctl.surfaces.cli.entry", *words],
            cwd=cwd,
            env=without_colours(os.environ, columns),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def output(self) -> Iterator[str]:
        """Both of its streams, as they come."""
        assert self._process.stdout is not None
        decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        with self._process.stdout as stream:
            while chunk := os.read(stream.fileno(), CHUNK):
                yield decode(chunk)

    def rc(self) -> int:
        return self._process.wait()

    def end(self) -> None:
        """As when its terminal is closed: what it asked for goes on."""
        with suppress(ProcessLookupError):
            self._process.terminate()


def lend_terminal(argv: Sequence[str]) -> int:
    """Until it has ended: its exit code, or what stands for the signal that ended it. Ctrl-C is that program's."""
    before = signal.signal(signal.SIGINT, lambda _number, _frame: None)
    try:
        code = os.spawnvpe(os.P_WAIT, argv[0], list(argv), without_tmux(os.environ))
    finally:
        signal.signal(signal.SIGINT, before)
    return code if code >= 0 else 128 - code


def without_colours(environ: Mapping[str, str], columns: int) -> dict[str, str]:
    """Its output is shown as it comes. The rest is as it was: the agents and pages that it starts have a terminal."""
    kept = {name: value for name, value in environ.items() if name not in COLOURED}
    return {**kept, "PYTHONUNBUFFERED": "1", **({"COLUMNS": str(columns)} if columns else {})}


def without_tmux(environ: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environ.items() if name not in ("TMUX", "TMUX_PANE")}
