from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.surfaces.tui.new_tasks import AGENTS
from tests.surfaces.tui.stage import Stage


@pytest.fixture
def stage(repo: Path) -> Iterator[Stage]:
    stage = Stage(repo)
    yield stage
    stage.close()


@pytest.fixture
def agents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Programs that say a version and do nothing else."""
    folder = tmp_path / "agents"
    folder.mkdir()
    for name, version in AGENTS.items():
        (folder / name).write_text(f"#!/bin/sh\necho {version}\n")
        (folder / name).chmod(0o755)
    tools = tmp_path / "tools"
    tools.mkdir()
    for tool in ("git", "sh"):
        (tools / tool).symlink_to(str(shutil.which(tool)))
    monkeypatch.setenv("PATH", f"{folder}:{tools}:{Path(sys.executable).parent}")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "none")
    return folder
