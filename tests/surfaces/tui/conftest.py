from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.surfaces.tui.stage import Stage


@pytest.fixture
def stage(repo: Path) -> Iterator[Stage]:
    stage = Stage(repo)
    yield stage
    stage.close()
