"""Runs gates in a worktree that holds the tree in question, and turns every ending into a result."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence

from swarmctl.core.config import GateSpec
from swarmctl.core.errors import EnvironmentFault
from swarmctl.core.gate import GateResult, Verdict
from swarmctl.core.ids import slugify
from swarmctl.core.ports import Runner
from swarmctl.flow.gate.count import Count, count_tests, count_warnings, report_path, stamp
from swarmctl.flow.gate.judge import judge

ALWAYS_SEEN = ("PATH", "HOME", "LANG", "TMPDIR", "COMPOSE_PROJECT_NAME")
UNCACHED = {"PYTHONDONTWRITEBYTECODE": "1"}
"""Python takes bytecode of another tree for its own when file size and second agree."""
OURS = re.compile(r"SWARM_(SESSION|TASK|TITLE|AGENT|BRANCH|BASE|TARGET|WORKTREE|ATTEMPT|COMMIT|PORT(_\d+)?)")


def gate_env(spec: GateSpec, environ: Mapping[str, str]) -> dict[str, str]:
    """What the gate sees of the caller's variables: a few that everything needs, ours, and those it asks for."""
    asked = {*ALWAYS_SEEN, *spec.env}
    seen = {name: value for name, value in environ.items() if name in asked or OURS.fullmatch(name)}
    return {**UNCACHED, **seen, "SWARM_GATE": spec.name}


def run_gates(
    runner: Runner, specs: Sequence[GateSpec], *, tree: str, worktree: str, env: Mapping[str, str], log_dir: str
) -> Iterator[GateResult]:
    """One result for each gate, in order; the caller has chosen those that apply and stops when it has seen enough."""
    for spec in specs:
        log = f"{log_dir}/{log_name(spec.name)}-{tree[:12]}.log"
        try:
            yield _run(runner, spec, tree, worktree, gate_env(spec, env), log)
        except EnvironmentFault as fault:
            yield GateResult(spec.name, tree, Verdict.ERROR, f"could not be run: {fault.message}", log=log)


def log_name(gate: str) -> str:
    """Readable, safe, and another one for every other gate."""
    slug = slugify(gate)
    return slug if slug == gate else f"{slug}-{hashlib.sha256(gate.encode()).hexdigest()[:8]}"


def _run(runner: Runner, spec: GateSpec, tree: str, worktree: str, env: Mapping[str, str], log: str) -> GateResult:
    report = report_path(spec.count)
    before = stamp(worktree, report) if report else None
    finished = runner.run(spec.run, cwd=worktree, env=env, timeout_s=spec.timeout_s, log=log)
    count = count_tests(spec.count, finished.log, worktree, before)
    verdict, words = judge(spec, finished, count)
    return GateResult(
        gate=spec.name,
        tree=tree,
        verdict=verdict,
        words=words,
        rc=finished.rc,
        tests=count.passed if isinstance(count, Count) else None,
        duration_s=finished.duration_s,
        log=finished.log,
        log_sha256=finished.log_sha256,
        warnings=count_warnings(finished.log),
    )
