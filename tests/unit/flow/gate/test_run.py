"""Running gates through the runner port: what they are given, and that each ending becomes one result."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from swarmctl.core.config import Command, GateSpec
from swarmctl.core.errors import EnvironmentFault
from swarmctl.core.gate import Verdict
from swarmctl.core.ports import Finished
from swarmctl.flow.gate.run import gate_env, run_gates

TREE = "7" * 40


@dataclass
class ScriptedRunner:
    """Ends every command as told, after writing its output to the log and its report to the worktree."""

    rc: int = 0
    output: str = ""
    report: str = ""
    broken: str = ""
    calls: list[tuple[Command, str, Mapping[str, str], float, str]] = field(default_factory=list)

    def run(
        self, command: Command, *, cwd: str, env: Mapping[str, str], timeout_s: float, log: str, stdin: bytes = b""
    ) -> Finished:
        self.calls.append((command, cwd, env, timeout_s, log))
        if self.broken:
            raise EnvironmentFault(self.broken)
        Path(log).parent.mkdir(parents=True, exist_ok=True)
        Path(log).write_text(self.output)
        if self.report:
            Path(cwd, "report.xml").write_text(self.report)
        return Finished(self.rc, None, False, False, False, 2.5, log, "e" * 64, self.output)


def test_a_gate_runs_in_the_worktree_with_its_limits_and_its_result_says_all(tmp_path: Path) -> None:
    runner = ScriptedRunner(output="4 passed in 0.1s\n")
    spec = GateSpec(name="tests", run="pytest -q", timeout_s=60.0, min_tests=4, env=("CI",))
    environ = {"PATH": "/bin", "CI": "1", "SECRET": "x"}
    (result,) = run_gates(runner, [spec], tree=TREE, worktree=str(tmp_path), env=environ, log_dir=f"{tmp_path}/logs")
    log = f"{tmp_path}/logs/tests-777777777777.log"
    seen = {"PATH": "/bin", "CI": "1", "SWARM_GATE": "tests", "PYTHONDONTWRITEBYTECODE": "1"}
    assert runner.calls == [("pytest -q", str(tmp_path), seen, 60.0, log)]
    assert (result.gate, result.tree, result.verdict, result.words) == ("tests", TREE, Verdict.PASS, "4 tests")
    assert (result.rc, result.tests, result.duration_s, result.log, result.log_sha256) == (0, 4, 2.5, log, "e" * 64)


def test_a_gate_sees_only_the_variables_it_may() -> None:
    environ = {
        "PATH": "/bin", "HOME": "/h", "LANG": "C", "TMPDIR": "/t", "SWARM_SESSION": "s", "SWARM_PORT": "1",
        "SWARM_PORT_2": "2", "SWARM_TOKEN": "secret", "SWARM_SPOOL": "/s", "SWARM_PROMPT": "p", "AWS_KEY": "k",
        "EXTRA": "e", "GIT_DIR": "/g",
    }  # fmt: skip
    seen = gate_env(GateSpec(name="lint", run="true", env=("EXTRA", "ABSENT")), environ)
    assert set(seen) == {
        "PATH", "HOME", "LANG", "TMPDIR", "SWARM_SESSION", "SWARM_PORT", "SWARM_PORT_2", "EXTRA", "SWARM_GATE",
        "PYTHONDONTWRITEBYTECODE",
    }  # fmt: skip


def test_a_gate_does_not_run_the_bytecode_of_another_tree(tmp_path: Path) -> None:
    module, env = tmp_path / "answer.py", gate_env(GateSpec(name="a", run="true"), {})
    printed = []
    for number in (1, 2):
        module.write_text(f"print({number})\n")
        os.utime(module, (1000, 1000))
        done = subprocess.run(
            [sys.executable, "-c", "import answer"], cwd=tmp_path, env=env, capture_output=True, text=True, check=True
        )
        printed.append(done.stdout)
    assert printed == ["1\n", "2\n"]


def test_a_command_that_cannot_be_run_at_all_is_an_error_and_not_green(tmp_path: Path) -> None:
    runner = ScriptedRunner(broken="no space left for /x")
    (result,) = run_gates(
        runner, [GateSpec(name="a", run="true")], tree=TREE, worktree=str(tmp_path), env={}, log_dir=str(tmp_path)
    )
    assert (result.verdict, result.words) == (Verdict.ERROR, "could not be run: no space left for /x")


def test_a_stale_report_does_not_make_a_gate_green(tmp_path: Path) -> None:
    one = '<testsuite><testcase name="a"/></testsuite>'
    (tmp_path / "report.xml").write_text(one)
    spec = GateSpec(name="a", run="true", min_tests=1, count="junit:report.xml")
    silent, speaking = ScriptedRunner(), ScriptedRunner(report=one + "\n")
    where = {"tree": TREE, "worktree": str(tmp_path), "log_dir": str(tmp_path / "logs")}
    (stale,) = run_gates(silent, [spec], env={}, **where)
    (fresh,) = run_gates(speaking, [spec], env={}, **where)
    assert (stale.verdict, fresh.verdict) == (Verdict.ERROR, Verdict.PASS)
    assert "was not written by this run" in stale.words


def test_gates_run_one_after_the_other_only_as_far_as_they_are_asked(tmp_path: Path) -> None:
    runner = ScriptedRunner(rc=1)
    specs = [GateSpec(name="a", run="a"), GateSpec(name="b", run="b")]
    results = run_gates(runner, specs, tree=TREE, worktree=str(tmp_path), env={}, log_dir=f"{tmp_path}/logs")
    assert next(results).verdict is Verdict.FAIL
    assert [call[0] for call in runner.calls] == ["a"]
    assert next(results).gate == "b"


def test_names_of_gates_make_safe_and_different_log_files(tmp_path: Path) -> None:
    runner = ScriptedRunner()
    spec = GateSpec(name="a", run="true")
    specs = [replace(spec, name=name) for name in ("../up", "up", "测试", "构建", "a b", "a-b", "A b")]
    results = list(run_gates(runner, specs, tree=TREE, worktree=str(tmp_path), env={}, log_dir=f"{tmp_path}/logs"))
    assert all(Path(result.log).parent == tmp_path / "logs" for result in results)
    assert len({result.log for result in results}) == len(specs)
