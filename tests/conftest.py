"""What every test stands on: no setting of the user reaches it, and nothing it writes leaves its own folders."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

GITCONFIG = """\
[user]
\tname = Test Person
\temail = person@example.org
[init]
\tdefaultBranch = main
[commit]
\tgpgSign = false
[advice]
\tdetachedHead = false
"""
SCRUBBED = ("GIT_", "SWARM", "TMUX", "XDG_", "PYTHONDONTWRITEBYTECODE")
"""The last: every `swarmctl` of a story would compile what it imports, which takes longer than what it does."""


@pytest.fixture(scope="session", autouse=True)
def hermetic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An empty home with a git identity; the runtime folder has a short path because sockets need one."""
    home = tmp_path_factory.mktemp("home")
    (home / ".gitconfig").write_text(GITCONFIG)
    runtime = Path(tempfile.mkdtemp(prefix="sw-"))
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith(SCRUBBED):
                patch.delenv(name)
        patch.setenv("HOME", str(home))
        patch.setenv("GIT_CONFIG_GLOBAL", str(home / ".gitconfig"))
        patch.setenv("GIT_CONFIG_NOSYSTEM", "1")
        patch.setenv("XDG_STATE_HOME", str(home / "state"))
        patch.setenv("XDG_CONFIG_HOME", str(home / "config"))
        patch.setenv("XDG_RUNTIME_DIR", str(runtime))
        yield home
    shutil.rmtree(runtime, ignore_errors=True)


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """A small real repository: one commit on `main`, a clean checkout."""
    path = tmp_path / "repo"
    path.mkdir()
    (path / "README.md").write_text("# a project\n")
    (path / "app.py").write_text("def answer() -> int:\n    return 42\n")
    for argv in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "First"]):
        subprocess.run(["git", "-C", str(path), *argv], check=True, capture_output=True)
    return path
