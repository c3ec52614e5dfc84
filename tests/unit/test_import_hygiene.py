"""Start-up is a feature: what people wait for most loads none of what it does not use; importing does nothing."""

from __future__ import annotations

import json
import os
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import swarmctl
from swarmctl.edges.store.log import SqliteLog

ROOT = Path(__file__).resolve().parents[2]
THIRD_PARTY = {"typer", "click", "rich", "yaml", "git", "gitdb", "libtmux", "inotify_simple", "pathspec", "pydantic"}
HEAVY = {"asyncio", "subprocess", "logging", "tomllib", "importlib.metadata", "argparse", "http", "email", "inspect"}
SLOW = {"dataclasses", "typing", "pathlib", "json", "re", "sqlite3"}


def modules_after(code: str, cwd: Path, **env: str) -> set[str]:
    """Names of all modules that a fresh interpreter has loaded when `code` has run."""
    report = "import sys; names = list(sys.modules); import json; sys.stderr.write(chr(10) + json.dumps(names))"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{report}"],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), **env},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stderr.splitlines()[-1]))


def modules_of_command(arguments: list[str], cwd: Path) -> set[str]:
    code = f"import sys\nsys.argv = ['swarmctl', *{arguments!r}]\nfrom swarmctl.surfaces.cli.entry import main\n"
    return modules_after(f"{code}assert main() == 0", cwd)


@pytest.mark.parametrize("arguments", [["--version"], ["--help"]])
def test_version_and_help_load_nothing_of_weight(arguments: list[str], tmp_path: Path) -> None:
    loaded = modules_of_command(arguments, tmp_path) - modules_after("", tmp_path)
    assert loaded & (THIRD_PARTY | HEAVY | SLOW) == set()


@pytest.mark.parametrize("arguments", [["statusline"], ["statusline", "--all"]])
def test_the_status_line_loads_sqlite_and_nothing_else_of_weight(arguments: list[str], repo: Path) -> None:
    from swarmctl.edges.files.paths import locate

    SqliteLog(locate(repo / ".git", repo, create=True).database).close()
    loaded = modules_of_command(arguments, repo) - modules_after("", repo)
    assert "sqlite3" in loaded
    assert loaded & (THIRD_PARTY | HEAVY | SLOW - {"sqlite3"}) == set()


def test_ps_loads_sqlite_and_nothing_else_of_weight(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from swarmctl.edges.files.paths import locate

    paths = locate(repo / ".git", repo, create=True)
    SqliteLog(paths.database).close()
    loaded = modules_of_command(["ps"], repo) - modules_after("", repo)
    assert "sqlite3" in loaded
    assert loaded & (THIRD_PARTY | HEAVY | SLOW - {"sqlite3"}) == set()
    assert not any(name.startswith("swarmctl.core") for name in loaded)


@pytest.mark.parametrize("arguments", [["ask", "what is 2+2?"], ["route", "fix the build"]])
def test_a_question_is_answered_before_anything_of_weight_is_loaded(arguments: list[str], repo: Path) -> None:
    loaded = modules_of_command(arguments, repo) - modules_after("", repo)
    assert "swarmctl.flow.route.decide" in loaded
    assert loaded & (THIRD_PARTY | HEAVY - {"tomllib", "inspect"} | {"sympy", "swarmctl.app.here"}) == set()
    tools = {name for name in loaded if name.startswith("swarmctl.edges.exact.")}
    assert not any("lookup_" in name or name.endswith((".algebra", ".dates", ".formats")) for name in tools)


def test_the_hook_entry_loads_nothing_of_weight(tmp_path: Path) -> None:
    code = "from swarmctl.surfaces.hook.entry import main\nassert main(['Stop']) == 0"
    loaded = modules_after(code, tmp_path, SWARM_SPOOL=str(tmp_path / "spool")) - modules_after("", tmp_path)
    assert (tmp_path / "spool").exists()
    assert loaded & (THIRD_PARTY | HEAVY | SLOW) == set()


def test_the_first_screen_loads_nothing_that_it_does_not_show(tmp_path: Path) -> None:
    later = {
        "yaml",
        "pygments",
        "swarmctl.app.choose",
        "swarmctl.app.desk",
        "swarmctl.app.preview",
        "swarmctl.app.sizes",
        "swarmctl.edges.agents",
        "swarmctl.edges.git.worktrees",
        "swarmctl.edges.hooks",
        "swarmctl.edges.sandbox",
        "swarmctl.edges.tmux",
        "textual.widgets._data_table",
        "textual.widgets._markdown",
        "textual.widgets._text_area",
    }
    loaded = modules_after("import swarmctl.surfaces.tui.cockpit", tmp_path)
    assert "textual.app" in loaded
    assert loaded & later == set()


def test_importing_any_module_writes_and_prints_nothing(tmp_path: Path) -> None:
    names = [found.name for found in pkgutil.walk_packages(swarmctl.__path__, "swarmctl.")]
    assert "swarmctl.core.machine" in names
    code = "import importlib\n" + "\n".join(f"importlib.import_module({name!r})" for name in names)
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert list(tmp_path.iterdir()) == []
