"""What somebody waits for loads no library that it does not use: a supervisor none of a face, a command no pydantic."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FACES = {"typer", "click", "rich", "textual", "pygments", "swarmctl.surfaces"}
UNUSED = {"asyncio", "git", "gitdb", "libtmux", "pydantic", "jsonschema", "http.client", "urllib.request", "unittest"}


def loaded_by(code: str, tmp_path: Path) -> set[str]:
    report = "import json, sys; sys.stdout.write(json.dumps(list(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{report}"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout))


@pytest.mark.parametrize("names", [FACES, UNUSED], ids=["faces", "unused"])
def test_the_supervisor_loads_nothing_that_it_does_not_use(names: set[str], tmp_path: Path) -> None:
    loaded = loaded_by("import swarmctl.app.supervisor, swarmctl.app.wire", tmp_path)
    assert "swarmctl.loops.engine.engine" in loaded
    assert loaded & names == set()


def test_a_face_is_noticed_when_it_is_loaded(tmp_path: Path) -> None:
    loaded = loaded_by("import swarmctl.app.supervisor, swarmctl.surfaces.cli.main", tmp_path)
    assert {"typer", "swarmctl.surfaces"} <= loaded & FACES


@pytest.mark.parametrize("words", ["run x --exec true", "run x --agent fake --json", "show x", "logs x", "stop x"])
def test_a_command_of_plain_words_loads_no_pydantic(words: str, tmp_path: Path) -> None:
    loaded = loaded_by(f"from swarmctl.surfaces.cli.main import run; run({words.split()})", tmp_path)
    assert "typer" in loaded
    assert "pydantic" not in loaded


def test_the_pace_of_the_cockpit_is_set_before_its_screens_are_loaded(tmp_path: Path) -> None:
    assert "textual.screen" not in loaded_by("import swarmctl.surfaces.tui.pace", tmp_path)
    pace = "from swarmctl.surfaces.tui.pace import PICTURES, answer_soon; answer_soon()"
    loaded_by(f"{pace}\nfrom textual.screen import UPDATE_PERIOD\nassert UPDATE_PERIOD == 1 / PICTURES", tmp_path)
