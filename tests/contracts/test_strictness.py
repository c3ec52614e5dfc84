"""The type check refuses what it promises to refuse; a whole checker runs for it, which is slow."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PYPROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"


def test_the_type_check_is_strict(tmp_path: Path) -> None:
    (tmp_path / "seed.py").write_text("def f(x):\n    return x\n\n\ny: int = 'a'\n")
    argv: list[str | Path] = [Path(sys.executable).parent / "mypy", "--config-file", PYPROJECT, "--cache-dir", tmp_path]
    env = {"PATH": os.defpath, "HOME": str(tmp_path), "COLUMNS": "400"}
    report = subprocess.run(
        [*argv, "seed.py"], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=120, check=False
    )
    assert report.returncode == 1
    assert "[no-untyped-def]" in report.stdout
    assert "[assignment]" in report.stdout
