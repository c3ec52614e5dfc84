"""A fence that only shows in the argv, and outskirts that change when a test says so."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from swarmctl.core.containment import Bystander, Fence
from swarmctl.core.errors import EnvironmentFault


@dataclass
class FakeSandbox:
    """Counts the fences that it put up."""

    broken: str = ""
    fences: list[Fence] = field(default_factory=list)

    def trouble(self) -> str:
        return self.broken

    def confine(self, argv: Sequence[str], fence: Fence) -> tuple[str, ...]:
        if self.broken:
            raise EnvironmentFault(f"there is no sandbox: {self.broken}", hint="swarmctl doctor")
        self.fences.append(fence)
        return ("env", "--", *argv)


@dataclass
class FakeOutskirts:
    """Names of things, and how each is."""

    things: dict[str, str] = field(default_factory=dict)
    noted: dict[str, dict[str, str]] = field(default_factory=dict)
    own: dict[str, tuple[str, ...]] = field(default_factory=dict)
    stands: Callable[[str], bool] = lambda ref: True
    missing: dict[str, dict[str, str]] = field(default_factory=dict)

    def note(self, run_dir: str, home: str, bystanders: Sequence[Bystander], own: Sequence[str] = ()) -> None:
        self.noted[run_dir] = dict(self.things)
        self.own[run_dir] = tuple(path.replace(home, "~", 1) for path in own)

    def changed(self, run_dir: str, bystanders: Sequence[Bystander], landed: Collection[str]) -> tuple[str, ...]:
        before = self.noted.get(run_dir)
        if before is None:
            return ()
        names = sorted(before.keys() | self.things.keys())
        changed = [n for n in names if before.get(n) != self.things.get(n) and self.things.get(n) not in landed]
        return tuple(name for name in changed if name not in self.own[run_dir])

    def note_refs(self, run_dir: str, refs: Mapping[str, str]) -> None:
        self.missing[run_dir] = {ref: commit for ref, commit in refs.items() if not self.stands(ref)}

    def lacked(self, run_dir: str) -> Mapping[str, str] | None:
        return self.missing.get(run_dir)
