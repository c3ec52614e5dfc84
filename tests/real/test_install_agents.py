"""scripts/install-agents: all or nothing for each agent, and words when something is missing. npm is a fake."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.real import homes

ROOT = homes.ROOT
HIDDEN = ("npm", "node")
WAIT_S = 60
GOOD_NPM = """#!/bin/sh
mkdir -p "$3/node_modules/.bin"
printf '#!/bin/sh\\necho good\\n' >"$3/node_modules/.bin/codex"
chmod +x "$3/node_modules/.bin/codex"
"""
STUCK_NPM = GOOD_NPM + 'touch "$3/half"\nexec sleep 600\n'


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with nothing but what the script needs, and a PATH folder that has everything but npm and node."""
    here = tmp_path / "checkout"
    (here / "tests" / "real").mkdir(parents=True)
    shutil.copytree(ROOT / "scripts", here / "scripts")
    shutil.copytree(homes.LOCKS, here / "tests" / "real" / "locks")
    for name in ("pyproject.toml", "uv.lock"):
        shutil.copy(ROOT / name, here)
    (here / ".venv" / "bin").mkdir(parents=True)
    (here / ".venv" / "bin" / "python").symlink_to(ROOT / ".venv" / "bin" / "python")
    both = (here / "pyproject.toml").read_bytes() + (here / "uv.lock").read_bytes()
    (here / ".venv" / "stamp").write_bytes(subprocess.run(["cksum"], capture_output=True, input=both).stdout)
    tools = tmp_path / "tools"
    tools.mkdir()
    for folder in map(Path, os.environ["PATH"].split(":")):
        for tool in folder.iterdir() if folder.is_dir() else ():
            if tool.name not in HIDDEN and not (tools / tool.name).is_symlink():
                (tools / tool.name).symlink_to(tool)
    return here


def start(checkout: Path, *names: str, npm: str | None = None) -> subprocess.Popen[str]:
    tools = checkout.parent / "tools"
    for hidden in HIDDEN:
        (tools / hidden).unlink(missing_ok=True)
        if npm is not None:
            (tools / hidden).write_text(npm)
            (tools / hidden).chmod(0o755)
    return subprocess.Popen(
        [str(checkout / "scripts" / "install-agents"), *names],
        env={**os.environ, "PATH": str(tools)},
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    _, said = process.communicate(timeout=WAIT_S)
    return process.returncode, said


def test_an_unknown_name_is_a_usage_error_that_lists_the_names(checkout: Path) -> None:
    status, said = finish(start(checkout, "nobody"))
    assert status == 2
    assert "hint: one of aider claude codex gemini mini opencode" in said


def test_without_npm_it_says_so_and_ends_well(checkout: Path) -> None:
    status, said = finish(start(checkout))
    assert status == 0
    assert [line.split(":")[0] for line in said.splitlines()] == ["SKIP"] * 4
    assert "tests that need it will skip" in said


def test_a_second_run_finds_it_there_and_says_nothing(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(homes, "CACHE", checkout / ".agents-cache")
    assert not homes.installed("codex")
    status, said = finish(start(checkout, "codex", npm=GOOD_NPM))
    assert (status, homes.installed("codex")) == (0, True), said
    assert finish(start(checkout, "codex", npm="#!/bin/sh\nexit 1\n")) == (0, "")


def test_a_killed_install_does_not_count_and_is_begun_again(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(homes, "CACHE", checkout / ".agents-cache")
    half = checkout / ".agents-cache" / "codex" / "half"
    process = start(checkout, "codex", npm=STUCK_NPM)
    until = time.monotonic() + WAIT_S
    while not half.exists() and time.monotonic() < until:
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    finish(process)
    assert half.exists()
    assert not homes.installed("codex")
    status, said = finish(start(checkout, "codex", npm=GOOD_NPM))
    assert (status, homes.installed("codex")) == (0, True), said
    assert not half.exists()


def test_a_failed_install_is_a_failure_with_the_line_to_type(checkout: Path) -> None:
    status, said = finish(start(checkout, "codex", npm="#!/bin/sh\nexit 1\n"))
    assert status == 1
    assert "hint: look at the lines above; then repeat scripts/install-agents codex" in said


def test_a_changed_lock_asks_for_a_new_install(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(homes, "CACHE", checkout / ".agents-cache")
    monkeypatch.setattr(homes, "LOCKS", checkout / "tests" / "real" / "locks")
    finish(start(checkout, "codex", npm=GOOD_NPM))
    assert homes.installed("codex")
    (homes.LOCKS / "codex" / "package.json").write_text("{}")
    assert not homes.installed("codex")
