"""Stand-ins for the provisioner, the user's hooks and the runner, and an approval that a test can turn on and off."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from swarmctl.core.config import Command, WorktreeSettings, argv_of
from swarmctl.core.ports import Finished, HookOutcome, Provisioned


@dataclass
class FakeProvisioner:
    """Makes empty files for what is to be copied; fails with `words` when given some."""

    words: str = ""
    calls: list[str] = field(default_factory=list)

    def provision(self, worktree: str, settings: WorktreeSettings, env: Mapping[str, str], log: str) -> Provisioned:
        self.calls.append(worktree)
        names = (*settings.copy, *settings.link)
        for name in names:
            path = Path(worktree, name)
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                path.touch()
        return Provisioned(not self.words, self.words, names)


@dataclass
class FakeHooks:
    """Hooks as functions of the facts: an empty string is success, words are a failure."""

    registered: dict[str, list[Callable[[Mapping[str, str]], str]]] = field(default_factory=dict)
    fired: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def any_for(self, event: str) -> bool:
        return bool(self.registered.get(event))

    def fire(self, event: str, facts: Mapping[str, str], cwd: str) -> list[HookOutcome]:
        self.fired.append((event, dict(facts)))
        outcomes = []
        for number, hook in enumerate(self.registered.get(event, []), start=1):
            words = hook(facts)
            outcomes.append(HookOutcome(event, f"fake {number}", not words, 1 if words else 0, words))
            if words and event.startswith("pre_"):
                break
        return outcomes


class PlainRunner:
    """A runner without process groups, marker and caps: enough for commands that a test writes itself."""

    def run(
        self, command: Command, *, cwd: str, env: Mapping[str, str], timeout_s: float, log: str, stdin: bytes = b""
    ) -> Finished:
        out, rc, timed_out, not_found = b"", None, False, False
        try:
            done = subprocess.run(
                argv_of(command), cwd=cwd, env=dict(env), timeout=timeout_s, input=stdin, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, check=False,
            )  # fmt: skip
            out, rc = done.stdout, done.returncode
        except subprocess.TimeoutExpired:
            timed_out = True
        except FileNotFoundError:
            rc, not_found = 127, True
        Path(log).parent.mkdir(parents=True, exist_ok=True)
        Path(log).write_bytes(out)
        signal = -rc if rc is not None and rc < 0 else None
        return Finished(
            rc=None if signal else rc,
            signal=signal,
            timed_out=timed_out,
            out_of_memory=False,
            not_found=not_found,
            duration_s=0.0,
            log=log,
            log_sha256=hashlib.sha256(out).hexdigest(),
            tail=out[-4096:].decode("utf-8", "replace"),
        )


@dataclass
class Approvals:
    """Everything, or only what was approved by name and content."""

    everything: bool = False
    given: set[tuple[str, bytes]] = field(default_factory=set)

    def __call__(self, subject: str, content: bytes) -> bool:
        return self.everything or (subject, content) in self.given
