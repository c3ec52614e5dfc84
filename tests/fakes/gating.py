"""A runner for gates that see the files of their worktree, and a world that has it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from swarmctl.core.config import Command, GateSpec, Settings
from swarmctl.core.ports import Finished
from tests.fakes.desk import World
from tests.fakes.git import Files
from tests.fakes.processes import PASSED, FakeRunner


@dataclass
class Bench(FakeRunner):
    """Commands as functions of the files of the gates' worktree; what it does not know passes."""

    world: World
    does: dict[Command, Callable[[Files], Finished]] = field(default_factory=dict)
    seen: list[tuple[Command, Files]] = field(default_factory=list)
    envs: list[Mapping[str, str]] = field(default_factory=list)
    logs: list[str] = field(default_factory=list)

    def run(
        self, command: Command, *, cwd: str, env: Mapping[str, str], timeout_s: float, log: str, stdin: bytes = b""
    ) -> Finished:
        files = self.world.repository.worktrees[cwd].files
        self.seen.append((command, dict(files)))
        self.envs.append(env)
        self.logs.append(log)
        finished = self.does[command](files) if command in self.does else PASSED
        return replace(finished, log=log)

    @property
    def commands(self) -> list[Command]:
        return [command for command, _ in self.seen]


def world_with(*gates: GateSpec, files: Files | None = None) -> tuple[World, Bench]:
    world = World(Settings(gates=gates), files or {"README": b"hello\n"})
    bench = Bench(world)
    world.runner = bench
    world.restart()
    return world, bench
