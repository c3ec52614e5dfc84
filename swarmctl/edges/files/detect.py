"""What gates a repository probably wants, read off its files: proposals, which do nothing until `init` writes them."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from swarmctl.core.config import GateSpec
from swarmctl.core.values import dataclass


@dataclass(frozen=True, slots=True)
class Proposal:
    gate: GateSpec
    why: str
    """The file that suggests it."""


def detect(root: Path) -> tuple[Proposal, ...]:
    """Proposed gates in the order in which they should run; every name once."""
    found: dict[str, Proposal] = {}
    for proposals in (_python(root), _node(root), _cargo(root), _go(root), _make(root)):
        for proposal in proposals:
            found.setdefault(proposal.gate.name, proposal)
    return tuple(sorted(found.values(), key=lambda each: each.gate.name == "tests"))


def propose_toml(root: Path, target: str) -> str:
    """The `swarm.toml` that `init` writes."""
    lines = ["[merge]", f"target = {_quoted(target)}", 'strategy = "squash"  # squash | merge | rebase', ""]
    proposals = detect(root)
    if not proposals:
        lines += ["# Nothing lands behind a check until there is a gate, for example:", "# [[gate]]"]
        lines += ['# name = "tests"', '# run = "make test"', ""]
    for proposal in proposals:
        gate = proposal.gate
        lines += [f"[[gate]]  # from {proposal.why}", f"name = {_quoted(gate.name)}", f"run = {_quoted(str(gate.run))}"]
        if gate.min_tests is not None:
            lines.append(f"min_tests = {gate.min_tests}")
        if gate.autofix is not None:
            lines.append(f"autofix = {_quoted(str(gate.autofix))}")
        lines.append("")
    if (root / "package.json").is_file() and (root / "node_modules").is_dir():
        lines += ["[worktree]", 'link = ["node_modules"]', ""]
    return "\n".join(lines)


def _python(root: Path) -> Iterator[Proposal]:
    tables = _toml(root / "pyproject.toml")
    tool = tables.get("tool", {}) if isinstance(tables.get("tool"), dict) else {}
    prefix = "uv run " if (root / "uv.lock").is_file() else ""
    if "ruff" in tool or any((root / name).is_file() for name in ("ruff.toml", ".ruff.toml")):
        gate = GateSpec("lint", f"{prefix}ruff check .", autofix=f"{prefix}ruff check --fix .")
        yield Proposal(gate, "the settings of ruff")
    if "pytest" in tool or any((root / name).is_file() for name in ("pytest.ini", "conftest.py", "tests/conftest.py")):
        why = "the settings of pytest"
    elif any((root / "tests").glob("test_*.py")) or any(root.glob("test_*.py")):
        why = "its test files"
    else:
        return
    yield Proposal(GateSpec("tests", f"{prefix or 'python -m '}pytest -q", min_tests=1), why)


def _node(root: Path) -> Iterator[Proposal]:
    try:
        package = json.loads((root / "package.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return
    scripts = package.get("scripts") if isinstance(package, dict) else None
    if not isinstance(scripts, dict):
        return
    locks = {"pnpm-lock.yaml": "pnpm", "yarn.lock": "yarn", "bun.lock": "bun", "bun.lockb": "bun"}
    tool = next((tool for lock, tool in locks.items() if (root / lock).is_file()), "npm")
    for script, name in (("lint", "lint"), ("test", "tests")):
        if script in scripts and "no test specified" not in str(scripts[script]):
            yield Proposal(GateSpec(name, f"{tool} run {script}"), "package.json")


def _cargo(root: Path) -> Iterator[Proposal]:
    if (root / "Cargo.toml").is_file():
        yield Proposal(GateSpec("tests", "cargo test"), "Cargo.toml")


def _go(root: Path) -> Iterator[Proposal]:
    if (root / "go.mod").is_file():
        yield Proposal(GateSpec("lint", "go vet ./..."), "go.mod")
        yield Proposal(GateSpec("tests", "go test ./..."), "go.mod")


def _make(root: Path) -> Iterator[Proposal]:
    for name in ("GNUmakefile", "Makefile", "makefile"):
        text = _text(root / name)
        for target, gate in (("lint", "lint"), ("test", "tests"), ("check", "tests")):
            if re.search(rf"^{target}\s*:(?!=)", text, re.M):
                yield Proposal(GateSpec(gate, f"make {target}"), name)


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(_text(path))
    except tomllib.TOMLDecodeError:
        return {}


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
