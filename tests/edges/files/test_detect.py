"""Proposals for a repository that says nothing itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from swarmctl.core.config import Settings
from swarmctl.edges.files.detect import detect, propose_toml
from swarmctl.edges.files.settings import parse

CASES: list[tuple[dict[str, str], dict[str, str]]] = [
    ({}, {}),
    ({"pyproject.toml": "[tool.pytest.ini_options]\n"}, {"tests": "python -m pytest -q"}),
    (
        {"pyproject.toml": "[tool.ruff]\n", "uv.lock": "", "tests/test_a.py": ""},
        {"lint": "uv run ruff check .", "tests": "uv run pytest -q"},
    ),
    ({"pyproject.toml": "not toml ["}, {}),
    ({"pyproject.toml": "tool = 3"}, {}),
    (
        {"package.json": json.dumps({"scripts": {"test": "jest", "lint": "eslint ."}}), "pnpm-lock.yaml": ""},
        {"lint": "pnpm run lint", "tests": "pnpm run test"},
    ),
    ({"package.json": json.dumps({"scripts": {"test": 'echo "Error: no test specified" && exit 1'}})}, {}),
    ({"package.json": "[]"}, {}),
    ({"package.json": "{"}, {}),
    ({"Cargo.toml": ""}, {"tests": "cargo test"}),
    ({"go.mod": ""}, {"lint": "go vet ./...", "tests": "go test ./..."}),
    ({"Makefile": "test := no\nall:\n"}, {}),
    ({"Makefile": "test: all\n\tx\nlint:\n"}, {"lint": "make lint", "tests": "make test"}),
    ({"Makefile": "check:\n", "Cargo.toml": ""}, {"tests": "cargo test"}),
]


@pytest.mark.parametrize(("files", "gates"), CASES)
def test_gates_are_proposed_from_what_is_there(tmp_path: Path, files: dict[str, str], gates: dict[str, str]) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    assert {proposal.gate.name: proposal.gate.run for proposal in detect(tmp_path)} == gates
    written = parse(propose_toml(tmp_path, 'a "b"'), "swarm.toml")
    assert written.merge.target == 'a "b"'
    assert written.gates == tuple(proposal.gate for proposal in detect(tmp_path))
    assert written.worktree == Settings().worktree


def test_installed_packages_are_linked(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text("{}")
    (tmp_path / "node_modules").mkdir()
    assert parse(propose_toml(tmp_path, "main"), "x").worktree.link == ("node_modules",)
