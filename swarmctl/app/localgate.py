"""Gates run here and now on what a worktree holds, for git hooks and people. They prove nothing: no tree is pinned."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from swarmctl.app.desk import Configured, settings_at
from swarmctl.core.config import GateSpec, GateStage
from swarmctl.core.gate import GateResult
from swarmctl.edges.files.fastpaths import find_git
from swarmctl.edges.files.paths import locate
from swarmctl.edges.git.integration import GitIntegration
from swarmctl.edges.git.reading import staged_paths
from swarmctl.edges.git.repository import open_repository
from swarmctl.edges.shell.launches import Launches
from swarmctl.edges.shell.processes import LinuxProcesses
from swarmctl.edges.shell.runner import ShellRunner
from swarmctl.flow.gate.run import run_gates
from swarmctl.flow.gate.select import applicable


def run(cwd: Path, stage: GateStage, begins: Callable[[str], None]) -> Iterator[GateResult]:
    """The target branch's gates where this is a session's worktree, the checkout's own elsewhere.

    `begins` is told the name of each before it runs.
    """
    repository = open_repository(cwd)
    paths = locate(repository.common, repository.root, create=True)
    configured = Configured(repository.root)
    target = os.environ.get("SWARM_TARGET", "")
    if target:
        integration = GitIntegration(repository, paths.root)
        settings = settings_at(f"refs/heads/{target}", integration, configured)
    else:
        settings = configured.settings()
    found = find_git(str(cwd))
    top = Path(found[0]) if found else repository.root
    specs: tuple[GateSpec, ...] = settings.gates_at(stage)
    if stage == "commit":
        specs = applicable(specs, staged_paths(repository, top))
    runner = ShellRunner(LinuxProcesses(), Launches())
    log_dir = str(paths.logs / "here")
    for spec in specs:
        begins(spec.name)
        yield from run_gates(runner, (spec,), tree="here", worktree=str(top), env=dict(os.environ), log_dir=log_dir)
