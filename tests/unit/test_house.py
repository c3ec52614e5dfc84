"""Every rule of the house can fail: for each contract, lint and limit, a seeded violation that it must find."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
PYPROJECT = ROOT / "pyproject.toml"
SETTINGS: dict[str, Any] = tomllib.loads(PYPROJECT.read_text())["tool"]


def run(*argv: str | Path, cwd: Path, path: str = os.defpath) -> subprocess.CompletedProcess[str]:
    env = {"PATH": path, "HOME": str(cwd), "COLUMNS": "400"}
    return subprocess.run([*map(str, argv)], cwd=cwd, env=env, capture_output=True, text=True, timeout=120)


# --- import contracts -------------------------------------------------------------------------------------------------

CONTRACTS: list[dict[str, Any]] = SETTINGS["importlinter"]["contracts"]

SEEDS = {
    "rings point inward": ("core/seed_ring.py", "import swarmctl.app"),
    "only app names an edge": ("loops/seed_edge.py", "import swarmctl.edges.store"),
    "only app opens a loop": ("surfaces/cli/seed_loop.py", "import swarmctl.loops.engine"),
    "only loops and app drive the flow": ("surfaces/cli/seed_flow.py", "import swarmctl.flow.gate"),
    "stages do not know each other": ("flow/gate/seed_stage.py", "import swarmctl.flow.merge"),
    "edges do not know each other": ("edges/git/seed_sibling.py", "import swarmctl.edges.shell"),
    "surfaces do not know each other": ("surfaces/hook/seed_face.py", "import swarmctl.surfaces.cli"),
    "one writer of the log": ("app/seed_writer.py", "import swarmctl.edges.store.log"),
    "core has no outside and no clock": ("core/seed_clock.py", "import time"),
    "flow touches nothing outside": ("flow/task/seed_outside.py", "import socket"),
    "choke: sqlite3": ("app/seed_sqlite.py", "import sqlite3"),
    "choke: subprocess": ("edges/files/seed_process.py", "def f():\n    import subprocess"),
    "choke: git": ("edges/files/seed_git.py", "import git"),
    "choke: tmux": ("edges/shell/seed_tmux.py", "import libtmux"),
    "choke: yaml": ("edges/store/seed_yaml.py", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import yaml"),
    "choke: inotify": ("loops/engine/seed_notify.py", "import inotify_simple"),
    "choke: genai_prices": ("app/seed_prices.py", "import genai_prices"),
    "choke: sympy": ("edges/exact/seed_sympy.py", "import sympy"),
    "choke: typer": ("app/seed_typer.py", "import typer"),
    "choke: rich": ("loops/seed_rich.py", "from rich.console import Console"),
    "choke: textual": ("surfaces/cli/seed_textual.py", "import textual"),
    "choke: textual_plotext": ("surfaces/tui/seed_plots.py", "import textual_plotext"),
    "choke: textual_serve": ("surfaces/tui/seed_serving.py", "import textual_serve"),
    "no cycles": ("edges/hooks/seed_cycle.py", "import swarmctl.edges.hooks.other.back"),
}


def make_skeleton(root: Path) -> None:
    """The package's folders, the modules that contracts name, and one lawful import of each guarded library."""
    for folder in [ROOT / "swarmctl", *(ROOT / "swarmctl").rglob("*")]:
        if folder.is_dir() and (folder / "__init__.py").exists():
            write(root / folder.relative_to(ROOT) / "__init__.py", "")
    for contract in CONTRACTS:
        for name in contract.get("protected_modules", []) + contract.get("allowed_importers", []):
            if name.startswith("swarmctl.") and not (root / name.replace(".", "/")).is_dir():
                write(root / f"{name.replace('.', '/')}.py", "")
    for contract in CONTRACTS:
        for library in contract.get("protected_modules", []):
            if not library.startswith("swarmctl"):
                write_lawful(root, contract["allowed_importers"][0], library)
    write(root / "pyproject.toml", PYPROJECT.read_text())


def write_lawful(root: Path, importer: str, library: str) -> None:
    place = root / importer.replace(".", "/")
    file = place / f"lawful_{library}.py" if place.is_dir() else place.with_suffix(".py")
    before = file.read_text() if file.exists() else ""
    write(file, f"{before}import {library}\n")


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def lint_imports(root: Path) -> str:
    return run(BIN / "lint-imports", "--no-cache", "--no-logo", cwd=root).stdout


def test_every_import_contract_finds_its_seeded_violation_and_nothing_in_a_clean_house(tmp_path: Path) -> None:
    names = [contract["name"] for contract in CONTRACTS]
    make_skeleton(tmp_path)
    clean = lint_imports(tmp_path)
    assert f"Contracts: {len(names)} kept, 0 broken." in clean

    for name in names:
        file, line = SEEDS[name]
        write(tmp_path / "swarmctl" / file, f"{line}\n")
    write(tmp_path / "swarmctl/edges/hooks/other/__init__.py", "")
    write(tmp_path / "swarmctl/edges/hooks/other/back.py", "import swarmctl.edges.hooks.seed_cycle\n")
    titles_and_reports = re.split(r"^(.+)\n-+\n", lint_imports(tmp_path), flags=re.MULTILINE)
    reports = dict(zip(titles_and_reports[1::2], titles_and_reports[2::2], strict=True))
    for name in names:
        seed = Path(SEEDS[name][0]).stem
        assert seed in reports.get(name, ""), f"{name} did not find {seed}:\n{reports.get(name)}"


def test_a_new_folder_must_be_placed_in_the_picture(tmp_path: Path) -> None:
    make_skeleton(tmp_path)
    write(tmp_path / "swarmctl/utils/__init__.py", "")
    write(tmp_path / "swarmctl/edges/cloud/__init__.py", "")
    report = lint_imports(tmp_path)
    assert "rings point inward BROKEN" in report
    assert "edges do not know each other BROKEN" in report


# --- lint, format, types ----------------------------------------------------------------------------------------------

LINTS = {
    "E": "x = " + "1 + " * 60 + "1\n",
    "F": "import os\n",
    "I": "import sys\nimport os\n\nprint(os, sys)\n",
    "B": "def f(x=[]):\n    return x\n",
    "UP": "from typing import List\n\nx: List[int] = []\n",
    "SIM": "def f(a, b):\n    if a:\n        if b:\n            return 1\n    return 2\n",
    "PTH": "open('x')\n",
    "RET": "def f(a):\n    if a:\n        return 1\n    else:\n        return 2\n",
    "C901": "def f(a):\n" + "".join(f"    if a == {n}:\n        a = {n + 1}\n" for n in range(14)) + "    return a\n",
    "PLR0913": "def f(a, b, c, d, e, g, h):\n    return a\n",
    "PLR0915": "def f(a):\n" + "    a += 1\n" * 60 + "    return a\n",
    "TID252": "from .. import x\n",
    "S602": "import subprocess\n\nsubprocess.run('ls *', shell=True)\n",
    "S604": "def g(**a):\n    return a\n\n\ng(shell=True)\n",
    "S605": "import os\n\nos.system('ls *')\n",
    "T20": "print('x')\n",
    "RUF": "class A:\n    x = []\n",
}


def test_every_lint_finds_its_seeded_violation(tmp_path: Path) -> None:
    assert set(LINTS) == set(SETTINGS["ruff"]["lint"]["select"])
    for rule, text in LINTS.items():
        (tmp_path / f"seed_{rule.lower()}.py").write_text(text)
    report = run(
        BIN / "ruff", "check", "--config", PYPROJECT, "--no-cache", "--output-format", "json", tmp_path, cwd=tmp_path
    )
    found = [(Path(each["filename"]).stem, each["code"]) for each in json.loads(report.stdout)]
    for rule in LINTS:
        assert any(file == f"seed_{rule.lower()}" and code.startswith(rule) for file, code in found), rule


def test_the_format_check_finds_an_unformatted_file(tmp_path: Path) -> None:
    (tmp_path / "seed.py").write_text("x = {'a':1}\n")
    check = (BIN / "ruff", "format", "--check", "--config", PYPROJECT, "--no-cache", "seed.py")
    assert run(*check, cwd=tmp_path).returncode == 1
    (tmp_path / "seed.py").write_text('x = {"a": 1}\n')
    assert run(*check, cwd=tmp_path).returncode == 0


# --- sizes ------------------------------------------------------------------------------------------------------------


def function(name: str, lines: int, parameters: int = 0) -> str:
    names = ", ".join(f"a{number}" for number in range(parameters))
    return f"def {name}({names}):\n" + "    pass\n" * (lines - 1)


SIZES = [
    ("swarmctl/core/seed.py", "x = 1\n" * 401, "swarmctl/core/seed.py has 401 lines"),
    ("tests/unit/seed.py", "x = 1\n" * 401, "tests/unit/seed.py has 401 lines"),
    ("swarmctl/core/seed.py", function("f", 61), "seed.py:1 f has 61 lines"),
    ("swarmctl/core/seed.py", "async " + function("f", 61), "seed.py:1 f has 61 lines"),
    ("swarmctl/core/seed.py", function("f", 2, 7), "seed.py:1 f has 7 parameters"),
    ("swarmctl/core/seed.py", function("f", 31) + function("g", 31), "one function in ten is longer than 31 lines"),
]


@pytest.mark.parametrize(("file", "text", "words"), SIZES)
def test_every_size_limit_finds_its_seeded_violation(tmp_path: Path, file: str, text: str, words: str) -> None:
    write(tmp_path / file, text)
    report = run(sys.executable, ROOT / "scripts/size.py", tmp_path, cwd=tmp_path)
    assert (report.returncode, words in report.stdout) == (1, True), report.stdout


def test_sizes_at_their_limits_pass(tmp_path: Path) -> None:
    small = "".join(function(f"f{number}", 2, 6) for number in range(20))
    write(tmp_path / "swarmctl/core/seed.py", small + function("f", 60))
    write(tmp_path / "swarmctl/core/lines.py", "x = 1\n" * 400)
    write(tmp_path / "swarmctl/core/method.py", "class A:\n    def f(self, a, b, c, d, e, g):\n        pass\n")
    write(tmp_path / "swarmctl/surfaces/cli/command.py", function("f", 2, 20))
    report = run(sys.executable, ROOT / "scripts/size.py", tmp_path, cwd=tmp_path)
    assert (report.returncode, report.stdout) == (0, "sizes are within their limits\n")
