"""What several stories ask of a command, and how they write an agent."""

from __future__ import annotations

import shlex
import time
from pathlib import Path

from tests.e2e.world import Said, World


def refused(said: Said, rc: int, words: str, hint: str) -> None:
    """One line that says what, one that says what to type, and nothing else."""
    lines = said.err.splitlines()
    assert said.rc == rc, said
    assert len(lines) == 2, said.err
    assert words in lines[0]
    assert lines[1].startswith("hint: ")
    assert hint in lines[1]


def works(world: World, cwd: Path | None = None) -> None:
    """A task lands, seen by plain git, and the checkout is clean but for what was there."""
    name = f"made-{time.monotonic_ns()}"
    said = world.swarmctl("run", "x", "--exec", f"echo hi > {name}", "--json", cwd=cwd, rc=0)
    assert said.task["outcome"] == "landed", said.task["reason"]


def script(world: World, text: str) -> str:
    """A command for `--exec` that runs these lines."""
    path = world.home / "agent.sh"
    path.write_text(text)
    return f"sh {shlex.quote(str(path))}"
