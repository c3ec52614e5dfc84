from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.world import World


@pytest.fixture
def host() -> str:
    return "tmux"


@pytest.fixture
def bare_world(tmp_path: Path, host: str) -> Iterator[World]:
    """No repository yet; whatever the story starts is stopped, and nothing may be left running."""
    runtime = Path(tempfile.mkdtemp(prefix="sw-"))
    world = World(home=tmp_path, runtime=runtime, host=host)
    yield world
    try:
        world.leave()
    finally:
        shutil.rmtree(runtime, ignore_errors=True)


@pytest.fixture
def world(bare_world: World) -> World:
    bare_world.found()
    return bare_world
