"""The scripts a stranger types, on machines that lack something: stubs stand for the tools and record their calls."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ("sh", "awk", "sed", "cat", "cksum", "dirname", "id", "env", "mkdir", "chmod", "rm", "printf", "date", "grep")
CHECKS = ("ruff format", "ruff check", "mypy", "lint-imports", "python scripts/size.py")


@dataclass(frozen=True)
class Machine:
    """A folder with the scripts in it and a PATH that holds a few plain tools and the stubs, nothing else."""

    root: Path

    def stub(self, name: str, body: str = "", where: str = "bin") -> None:
        file = self.root / where / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f'#!/bin/sh\necho "{name} $*" >>"{self.root}/calls"\n{body}\n')
        file.chmod(0o755)

    def drop(self, name: str) -> None:
        (self.root / "bin" / name).unlink()

    def run(self, script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        env = {"PATH": str(self.root / "bin"), "HOME": str(self.root)}
        argv = [str(self.root / script), *arguments]
        return subprocess.run(argv, env=env, cwd="/", capture_output=True, text=True, timeout=60)

    def calls(self, *names: str) -> list[str]:
        file = self.root / "calls"
        lines = file.read_text().splitlines() if file.exists() else []
        return [line for line in lines if not names or line.split()[0] in names]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """All is there: git, tmux, and an environment that fits the project."""
    machine = Machine(tmp_path / "a place")
    for script in ("scripts/check", "scripts/test", "scripts/soak", "scripts/lib.sh", ".ci/run"):
        (machine.root / script).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / script, machine.root / script)
    (machine.root / "pyproject.toml").write_text("[project]\n")
    (machine.root / "bin").mkdir()
    for tool in TOOLS:
        (machine.root / "bin" / tool).symlink_to(shutil.which(tool) or "/bin/false")
    machine.stub("git", "echo git version 2.47.3")
    machine.stub("tmux", "echo tmux 3.5a")
    machine.stub("sudo", "exit 1")
    for tool in ("ruff", "mypy", "lint-imports", "pytest"):
        machine.stub(tool, where=".venv/bin")
    machine.stub("python", where=".venv/bin")
    machine.stub("uv", f'mkdir -p "{machine.root}/.venv"')
    machine.stub("install-agents", where="scripts")
    assert machine.run("scripts/check").returncode == 0
    (machine.root / "calls").unlink()
    return machine


def test_check_runs_every_check_and_makes_no_environment_twice(machine: Machine) -> None:
    done = machine.run("scripts/check")
    assert done.returncode == 0, done.stderr
    calls = machine.calls("ruff", "mypy", "lint-imports", "python")
    assert [call.startswith(check) for call, check in zip(calls, CHECKS, strict=True)] == [True] * len(CHECKS)
    assert machine.calls("uv") == []
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("tool", "when"),
    [("ruff", '"$1" = format'), ("ruff", '"$1" = check'), ("mypy", "1"), ("lint-imports", "1"), ("python", "1")],
)
def test_any_check_that_fails_fails_the_whole_after_the_others_ran(machine: Machine, tool: str, when: str) -> None:
    machine.stub(tool, f"if [ {when} ]; then exit 1; fi", where=".venv/bin")
    done = machine.run("scripts/check")
    assert done.returncode == 1
    assert len(machine.calls("ruff", "mypy", "lint-imports", "python")) == len(CHECKS)


def test_test_runs_the_checks_and_then_the_tests_with_what_it_was_given(machine: Machine) -> None:
    assert machine.run("scripts/test", "-k", "a b").returncode == 0
    assert machine.calls("pytest") == ["pytest -n 3 --dist loadgroup -k a b"]
    assert [call.split()[0] for call in machine.calls("install-agents", "pytest")] == ["install-agents", "pytest"]


@pytest.mark.parametrize(
    ("words", "kills", "runs"),
    [((), "5000", ""), (("70",), "70", ""), (("70", "tests/e2e/test_soak.py"), "70", " tests/e2e/test_soak.py")],
)
def test_soak_runs_every_test_of_a_full_count(machine: Machine, words: tuple[str, ...], kills: str, runs: str) -> None:
    machine.stub("pytest", 'echo "$SOAK_KILLS"', where=".venv/bin")
    assert machine.run("scripts/soak", *words).stdout == f"{kills}\n"
    assert machine.calls("pytest") == [f"pytest -q -s -m soak{runs}"]


def test_ci_runs_the_same_and_ends_as_the_tests_end(machine: Machine) -> None:
    machine.stub("pytest", "exit 7", where=".venv/bin")
    assert machine.run(".ci/run").returncode == 7
    assert len(machine.calls("mypy", "pytest")) == 2


FAILS = """
case "$*" in *last-failed*) echo "$PATH"; exit {then} ;; esac
mkdir -p .pytest_cache/v/cache
printf '{{\n' >{file}
for name in {names}; do printf '  "tests/test_x.py::%s": true,\n' "$name" >>{file}; done
exit 1"""
LAST_FAILED = ".pytest_cache/v/cache/lastfailed"


@pytest.mark.parametrize(
    ("names", "then", "code", "again"),
    [("one", 0, 0, True), ("one two", 0, 0, True), ("one", 1, 1, True), ("one two three", 0, 1, False)],
)
def test_ci_runs_what_failed_once_more_unless_that_is_much(
    machine: Machine, names: str, then: int, code: int, again: bool
) -> None:
    machine.stub("pytest", FAILS.format(names=names, then=then, file=LAST_FAILED), where=".venv/bin")
    done = machine.run(".ci/run", "tests/a place")
    assert done.returncode == code
    calls = machine.calls("pytest")
    assert [call.endswith(" tests/a place") for call in calls] == [True] * (1 + again)
    assert ("tests/test_x.py::one" in done.stdout) == again
    assert not again or done.stdout.splitlines()[-1].startswith(f"{machine.root}/.venv/bin:")


@pytest.mark.parametrize(("tool", "code"), [("mypy", 1), ("pytest", 2)])
def test_ci_repeats_nothing_that_is_no_failed_test_of_this_run(machine: Machine, tool: str, code: int) -> None:
    (machine.root / LAST_FAILED).parent.mkdir(parents=True)
    (machine.root / LAST_FAILED).write_text('{\n  "tests/test_x.py::one": true\n}')
    machine.stub(tool, f"exit {code}", where=".venv/bin")
    assert machine.run(".ci/run").returncode == code
    assert not [call for call in machine.calls("pytest") if "last-failed" in call]


def test_no_test_runs_behind_a_failed_check(machine: Machine) -> None:
    machine.stub("mypy", "exit 1", where=".venv/bin")
    assert machine.run("scripts/test").returncode == 1
    assert machine.calls("pytest") == []


def test_a_changed_project_gets_its_environment_anew_once(machine: Machine) -> None:
    (machine.root / "pyproject.toml").write_text("[project]\nname = 'other'\n")
    machine.run("scripts/check")
    machine.run("scripts/check")
    assert machine.calls("uv") == ["uv sync --quiet --locked --extra dev"]


def test_an_environment_that_cannot_be_made_says_so(machine: Machine) -> None:
    (machine.root / "pyproject.toml").write_text("[project]\nname = 'other'\n")
    machine.stub("uv", "exit 2")
    done = machine.run("scripts/check")
    assert done.returncode == 3
    assert "the environment could not be made\nhint: " in done.stderr
    assert machine.run("scripts/check").returncode == 3, "a failed attempt was taken for a made environment"


MAKES_VENV = """
case "$*" in
    *version_info*) exit 0 ;;
    "-m venv "*) mkdir -p "{root}/.venv/bin" ;;
esac"""


def test_without_uv_the_environment_is_made_with_pip(machine: Machine) -> None:
    machine.drop("uv")
    machine.stub("python3", MAKES_VENV.format(root=machine.root))
    (machine.root / "pyproject.toml").write_text("[project]\nname = 'other'\n")
    done = machine.run("scripts/check")
    assert done.returncode == 0, done.stderr
    assert machine.calls("python3")[-1] == "python3 -m venv .venv"
    assert machine.calls("python")[0].startswith("python -m pip install") and "-e .[dev]" in machine.calls("python")[0]


def test_an_old_python_is_passed_over_and_none_at_all_is_said(machine: Machine) -> None:
    machine.drop("uv")
    (machine.root / "pyproject.toml").write_text("[project]\nname = 'other'\n")
    machine.stub("python3", "exit 1")
    done = machine.run("scripts/check")
    assert (done.returncode, "python >= 3.11 is needed" in done.stderr) == (3, True)
    machine.stub("python3.12", MAKES_VENV.format(root=machine.root))
    assert machine.run("scripts/check").returncode == 0
    assert machine.calls("python3.12")[-1] == "python3.12 -m venv .venv"


@pytest.mark.parametrize(("tool", "old"), [("git", "git version 2.37.9"), ("tmux", "tmux 3.1c")])
def test_a_tool_that_is_too_old_and_cannot_be_installed_is_one_line_and_a_hint(
    machine: Machine, tool: str, old: str
) -> None:
    machine.stub(tool, f"echo {old}")
    done = machine.run("scripts/check")
    assert done.returncode == 3
    assert done.stderr.splitlines()[0].startswith(f"{tool} >= ")
    assert done.stderr.splitlines()[1:] == [f"hint: sudo apt-get install {tool}"]


def test_a_missing_tool_is_installed_where_that_can_be_done(machine: Machine) -> None:
    machine.drop("tmux")
    machine.stub("sudo", 'shift; exec "$@"')
    installed = f"""
case "$*" in *install*)
    printf '#!/bin/sh\\necho tmux 3.3a\\n' >"{machine.root}/bin/tmux"; chmod +x "{machine.root}/bin/tmux" ;;
esac"""
    machine.stub("apt-get", installed)
    machine.stub("true")
    done = machine.run("scripts/check")
    assert done.returncode == 0, done.stderr
    assert machine.calls("apt-get")[-1].endswith("--no-install-recommends tmux")


@pytest.mark.parametrize("version", ["tmux 3.2", "tmux 3.10", "tmux next-3.7", "tmux 4.0"])
def test_versions_are_compared_as_numbers(machine: Machine, version: str) -> None:
    machine.stub("tmux", f"echo {version}")
    assert machine.run("scripts/check").returncode == 0
