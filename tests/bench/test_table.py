"""The bench still runs, section by section, with few samples: `pytest -m bench`. Its figures are nobody's promise."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.table import FULL, QUICK

ROOT = Path(__file__).resolve().parents[2]


def test_quick_takes_the_same_sections() -> None:
    assert list(QUICK) == list(FULL)


@pytest.mark.bench
@pytest.mark.parametrize("section", FULL)
def test_a_section_prints_a_table_in_which_everything_was_measured(section: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.table", "--quick", section],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    rows = [line for line in done.stdout.splitlines() if line.startswith("| ")]
    assert len(rows) > 3
    assert "nothing was measured" not in done.stdout
