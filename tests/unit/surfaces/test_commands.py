"""A command loads its own module and no other one; all of them together are what the modules have."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
import typer

from swarmctl.surfaces.cli import main

ROOT = Path(__file__).resolve().parents[3]
COMMANDS = [(module, name) for module, names in main.MODULES.items() for name in names]


def names(app: typer.Typer) -> list[str]:
    return [main.name_of(each) for each in app.registered_commands] + [str(g.name) for g in app.registered_groups]


@pytest.mark.parametrize("module", main.MODULES)
def test_a_module_has_the_commands_that_the_table_names(module: str) -> None:
    app: typer.Typer = import_module(f"swarmctl.surfaces.cli.{module}").app
    assert names(app) == list(main.MODULES[module])


def test_every_module_with_commands_is_in_the_table() -> None:
    folder = Path(main.__file__).parent
    assert {path.stem for path in folder.glob("*.py") if "\napp = typer.Typer(" in path.read_text()} == {*main.MODULES}


@pytest.mark.parametrize(("module", "name"), COMMANDS)
def test_a_command_stands_alone_as_it_stands_among_all(module: str, name: str) -> None:
    alone, among = main.application(name), main.application()
    assert names(alone) == [name]
    assert [each for each in among.registered_commands if main.name_of(each) == name] == alone.registered_commands


def test_an_unknown_word_is_looked_for_among_all() -> None:
    assert len(names(main.application("shwo"))) == len(COMMANDS)


UNUSED = {"pydantic", "rich", "yaml", "asyncio", "genai_prices", "importlib.metadata", "swarmctl.app.desk"}


@pytest.mark.parametrize("argv", [["stop", "--all"], ["send", "x", "words"]])
def test_a_command_loads_no_module_that_it_does_not_need(argv: list[str], tmp_path: Path) -> None:
    code = f"from swarmctl.surfaces.cli.main import run; run({argv}); import sys; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )
    loaded = set(done.stdout.split())
    assert "swarmctl.surfaces.cli.change" in loaded
    others = {f"swarmctl.surfaces.cli.{module}" for module in main.MODULES if module != "change"}
    assert loaded & (others | UNUSED) == set()
