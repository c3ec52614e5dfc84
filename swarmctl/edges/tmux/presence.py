"""Whether tmux is here, and new enough."""

from __future__ import annotations

import re
import shutil
import subprocess

OLDEST = (3, 2)


def version() -> str:
    """As tmux says it, such as `3.3a`; empty when there is no tmux."""
    program = shutil.which("tmux")
    if program is None:
        return ""
    done = subprocess.run([program, "-V"], capture_output=True, check=False, timeout=10)
    return done.stdout.decode(errors="replace").strip().removeprefix("tmux ")


def serves(found: str) -> bool:
    numbers = re.search(r"(\d+)\.(\d+)", found)
    return numbers is not None and (int(numbers[1]), int(numbers[2])) >= OLDEST
