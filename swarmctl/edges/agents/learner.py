"""Put one line into the instructions that agents read, in the worktree it runs in: alone under `python -I`, no model.

The line is the first of `SWARM_PROMPT`. A line that is there already changes nothing, which is what the run then says.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

NAMES = ("AGENTS.md", "CLAUDE.md", "GEMINI.md")
HEAD = "# For agents who work here\n"


def instructions(top: Path) -> Path:
    """The file that holds them: no link to another one, and none that only names another one."""
    for name in NAMES:
        file = top / name
        if file.is_file() and not file.is_symlink() and file.read_bytes().strip() not in _imports():
            return file
    return top / NAMES[0]


def _imports() -> set[bytes]:
    return {f"@{name}".encode() for name in NAMES} | {f"@./{name}".encode() for name in NAMES}


def learn(top: Path, line: str) -> Path:
    file = instructions(top)
    text = file.read_bytes().decode(errors="surrogateescape") if file.exists() else HEAD
    if line not in (known.lstrip("-* ").rstrip() for known in text.splitlines()):
        apart = "" if text.rstrip("\n").rpartition("\n")[2].startswith("- ") else "\n"
        whole = f"{text.rstrip(chr(10))}\n{apart}- {line}\n"
        file.write_bytes(whole.encode(errors="surrogateescape"))
    return file


if __name__ == "__main__":
    said = os.environ["SWARM_PROMPT"].splitlines()[0].strip()
    sys.stdout.write(f"{learn(Path.cwd(), said).name}: {said}\n")
