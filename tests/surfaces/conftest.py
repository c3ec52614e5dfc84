from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.world import World, living


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A repository in folders of its own; what a test starts is stopped again."""
    with living(World(tmp_path, host="process")) as world:
        world.found()
        yield world
