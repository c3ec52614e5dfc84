"""What the tests of several edges ask of the machine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from swarmctl.edges.shell.processes import LinuxProcesses


@pytest.fixture
def alive() -> Callable[[Path], bool]:
    """Does the process that wrote its number to this file live?"""
    processes = LinuxProcesses()

    def check(file: Path) -> bool:
        words = file.read_text().split() if file.exists() else []
        return bool(words) and processes.identity(int(words[0])) is not None

    return check
