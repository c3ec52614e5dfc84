"""The ports behind containment; they belong to those in `ports.py`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from swarmctl.core.containment import Bystander, Fence


class Sandbox(Protocol):
    """Puts a fence around what an agent's processes can reach."""

    def trouble(self) -> str:
        """Why there can be no fence on this machine; empty when there can. The same for as long as it is asked."""
        ...

    def confine(self, argv: Sequence[str], fence: Fence) -> tuple[str, ...]:
        """What runs `argv` inside of the fence. `EnvironmentFault` where there can be none."""
        ...


class Outskirts(Protocol):
    """What lies outside of a session's worktree and is not for it to change."""

    def note(self, run_dir: str, home: str, bystanders: Sequence[Bystander], own: Sequence[str] = ()) -> None:
        """Remember in `run_dir` how everything is, but for what is the agent's `own` to change."""
        ...

    def changed(self, run_dir: str, bystanders: Sequence[Bystander], landed: Collection[str]) -> tuple[str, ...]:
        """What is not as it was noted, besides the `landed` commits; nothing when nothing was noted."""
        ...

    def note_refs(self, run_dir: str, refs: Mapping[str, str]) -> None:
        """Remember in `run_dir` which of these refs, that should stand at these commits, are not there."""
        ...

    def lacked(self, run_dir: str) -> Mapping[str, str] | None:
        """Those that were not there then; None when nothing was noted."""
        ...
