from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.terminal import Terminal
from tests.e2e.world import World, living


@pytest.fixture
def host() -> str:
    return "tmux"


@pytest.fixture
def bare_world(tmp_path: Path, host: str) -> Iterator[World]:
    """No repository yet."""
    with living(World(tmp_path, host=host)) as world:
        yield world


@pytest.fixture
def world(bare_world: World) -> World:
    bare_world.found()
    return bare_world


@pytest.fixture(scope="module")
def common_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One for the small stories of a file that look only at what they made; each begins on the ruins of the last."""
    with living(World(tmp_path_factory.mktemp("common"), host="tmux")) as world:
        world.found()
        yield world


@pytest.fixture
def terminal(world: World) -> Iterator[Terminal]:
    found = Terminal(world, str(world.runtime / "outer"))
    yield found
    found.tmux("kill-server")
