"""Run the user's hooks: executables in `.swarm/hooks/` and commands of the configuration, in that order.

A `pre_` hook that fails, cannot run or is not approved is a veto. Values travel in `SWARM_*` and on stdin only.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from pathlib import Path

from swarmctl.core.config import Command, HookSpec
from swarmctl.core.errors import UsageFault
from swarmctl.core.ports import Finished, HookOutcome, Runner
from swarmctl.core.values import dataclass
from swarmctl.edges.hooks.events import EVENTS, FACTS, HookEvent

FOLDER = ".swarm/hooks"
SCRUBBED = ("GIT_", "SWARM", "TMUX")


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to run for an event."""

    name: str
    command: Command
    timeout_s: float
    subject: str
    content: bytes = field(repr=False)
    foreign: bool
    """It came with the repository, so that it needs approval."""
    problem: str = ""
    """Why it cannot run at all."""


@dataclass(frozen=True, slots=True)
class UserHooks:
    """Implements the port `Hooks`."""

    root: Path
    """The user's checkout, where `.swarm/hooks/` is."""
    runner: Runner
    logs: Path
    approved: Callable[[str, bytes], bool]
    specs: Callable[[], Sequence[HookSpec]]
    """Commands of the configuration, as it is now."""
    own: Callable[[], frozenset[str]]
    """Events whose commands the user set; the others' came with the repository."""
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ), repr=False)

    def any_for(self, event: str) -> bool:
        return bool(self.steps(_known(event)))

    def fire(self, event: str, facts: Mapping[str, str], cwd: str) -> list[HookOutcome]:
        kind = _known(event)
        outcomes: list[HookOutcome] = []
        for step in self.steps(kind):
            outcomes.append(self._run(kind, step, facts, cwd))
            if kind.blocking and not outcomes[-1].ok:
                break
        return outcomes

    def steps(self, event: HookEvent) -> list[Step]:
        """What is registered for an event, in the order in which it runs."""
        files = [self._file_step(event, path) for path in self._files(event.name)]
        own = self.own()
        specs = [spec for spec in self.specs() if spec.event == event.name]
        return files + [_spec_step(spec, number, spec.event not in own) for number, spec in enumerate(specs, start=1)]

    def wanted(self) -> list[tuple[str, bytes]]:
        """(subject, content) of everything that comes with the repository: each needs approval."""
        steps = [step for event in EVENTS.values() for step in self.steps(event)]
        return [(step.subject, step.content) for step in steps if step.foreign]

    def _files(self, event: str) -> list[Path]:
        folder = self.root / FOLDER
        found = [folder / event] if (folder / event).is_file() else []
        several = folder / f"{event}.d"
        if several.is_dir():
            found += sorted(path for path in several.iterdir() if path.is_file() and path.name[0] != ".")
        return found

    def _file_step(self, event: HookEvent, path: Path) -> Step:
        name = path.relative_to(self.root).as_posix()
        content, problem = b"", ""
        try:
            content = path.read_bytes()
            if not os.access(path, os.X_OK):
                problem = f"is not executable: chmod +x {name}"
            elif not path.resolve().is_relative_to(self.root.resolve()):
                problem = "is a link that leads outside the repository"
        except OSError as error:
            problem = f"cannot be read: {error.strerror}"
        return Step(name, (str(path),), event.timeout_s, f"hook {name}", content, True, problem)

    def _run(self, event: HookEvent, step: Step, facts: Mapping[str, str], cwd: str) -> HookOutcome:
        if step.problem:
            return HookOutcome(event.name, step.name, False, None, f"{step.name} {step.problem}")
        if step.foreign and not self.approved(step.subject, step.content):
            words = f"{step.name} did not run: it comes with the repository and nobody approved it (swarmctl approve)"
            return HookOutcome(event.name, step.name, False, None, words)
        finished = self.runner.run(
            step.command,
            cwd=cwd,
            env=self._env(event, facts),
            timeout_s=step.timeout_s,
            log=str(self.logs / _log_name(event, step, facts)),
            stdin=_as_json(event, facts),
        )
        words = _why_not(finished, step)
        return HookOutcome(event.name, step.name, not words, finished.rc, words)

    def _env(self, event: HookEvent, facts: Mapping[str, str]) -> dict[str, str]:
        env = {name: value for name, value in self.environ.items() if not name.startswith(SCRUBBED)}
        told = {name: value.replace("\0", "") for name, value in _told(event, facts).items()}
        return env | told


def _known(event: str) -> HookEvent:
    kind = EVENTS.get(event)
    if kind is None:
        raise UsageFault(f"there is no hook {event!r}", hint="docs/hooks.md lists the hooks")
    return kind


def _told(event: HookEvent, facts: Mapping[str, str]) -> dict[str, str]:
    """Every promised fact, empty when it is not known, and whatever else the caller says."""
    return {**dict.fromkeys(FACTS, ""), **facts, "SWARM_EVENT": event.name}


def _as_json(event: HookEvent, facts: Mapping[str, str]) -> bytes:
    told = {name.removeprefix("SWARM_").lower(): value for name, value in _told(event, facts).items()}
    return json.dumps({"v": 1, **told}).encode()


def _spec_step(spec: HookSpec, number: int, foreign: bool) -> Step:
    name = f"[hooks] {spec.event} {number}"
    content = json.dumps(spec.run).encode()
    return Step(name, spec.run, spec.timeout_s, f"hook {name}", content, foreign)


def _log_name(event: HookEvent, step: Step, facts: Mapping[str, str]) -> str:
    parts = (event.name, facts.get("SWARM_SESSION", ""), step.name.removeprefix(FOLDER))
    return re.sub(r"[^A-Za-z0-9_.]+", "-", "-".join(part for part in parts if part)).strip("-.")[:120] + ".log"


def _why_not(finished: Finished, step: Step) -> str:
    """Empty when it went well; otherwise what happened and the last thing it said."""
    if finished.rc == 0 and not finished.timed_out:
        return ""
    if finished.not_found:
        return f"{step.name}: command not found"
    if finished.timed_out:
        return f"{step.name}: ran longer than {step.timeout_s:g} s"
    how = f"ended with {finished.rc}" if finished.rc is not None else f"was killed by signal {finished.signal}"
    last = finished.tail.strip().splitlines()[-1:]
    return ": ".join([f"{step.name}: {how}", *(line[:200] for line in last)])
