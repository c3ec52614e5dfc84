from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.world import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A repository in folders of its own; what a test starts is stopped again."""
    runtime = Path(tempfile.mkdtemp(prefix="sw-"))
    world = World(home=tmp_path, runtime=runtime, host="process")
    world.found()
    yield world
    try:
        world.leave()
    finally:
        shutil.rmtree(runtime, ignore_errors=True)
