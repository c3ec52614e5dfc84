"""What the flow and the engine need from the outside; each Protocol has a real adapter, a fake, and one contract suite.

Adapters raise `EnvironmentFault` when the world is broken; everything that can be expected is a returned value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Literal, Protocol

from swarmctl.core.agent import Order, Profile, Start
from swarmctl.core.bringing import Brought, Sides, TakenBack
from swarmctl.core.config import Settings, Strategy, WorktreeSettings
from swarmctl.core.contest import Size
from swarmctl.core.council import Tool as Tool
from swarmctl.core.errors import SwarmError
from swarmctl.core.events import Event, Stamped
from swarmctl.core.fencing import Outskirts, Sandbox
from swarmctl.core.gate import Proof, Staged
from swarmctl.core.handmade import Conversation, Handmade
from swarmctl.core.ids import SessionId
from swarmctl.core.keyboard import Keyboard as Keyboard, Listening as Listening
from swarmctl.core.machine import Facts
from swarmctl.core.places import Places
from swarmctl.core.rejection import Rejection
from swarmctl.core.running import (
    Finished as Finished,
    Host as Host,
    Launch as Launch,
    Processes as Processes,
    Runner as Runner,
    Started as Started,
)
from swarmctl.core.session import Session
from swarmctl.core.values import dataclass


class Clock(Protocol):
    def now(self) -> float:
        """Seconds since the epoch; may jump."""
        ...

    def monotonic(self) -> float: ...


class Log(Protocol):
    """The ledger: append-only events and the rows they project to, written together or not at all."""

    @property
    def facts(self) -> Facts: ...

    def append(self, *events: Event) -> list[Stamped]:
        """Durable on return. Raises `ImpossibleEvent` and writes nothing when one event does not fit."""
        ...

    def read(self, after: int = 0) -> Iterator[Stamped]: ...

    def close(self) -> None: ...


# --- git: worktrees ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Base:
    """Where a session starts from."""

    commit: str
    target: str
    """The branch that work lands on, without `refs/heads/`."""
    name: str
    """What the commit is called: `main` or `origin/main`."""
    notice: str = ""
    """Why it is not the freshest there is, when it is not."""


@dataclass(frozen=True, slots=True)
class Work:
    """What a session left behind, after swarmctl committed the rest."""

    head: str
    changed: bool
    """The head's tree differs from the base's, or the branch has commits of its own."""
    committed: tuple[str, ...] = ()
    """Paths that swarmctl committed for the agent."""
    stopped: str = ""
    """Why nothing was committed: files that look like secrets, or are too large. Empty when all is well."""
    merged: bool = False
    """The head holds the other side of the merge that was under way."""


@dataclass(frozen=True, slots=True)
class Removed:
    checkpoint: str
    trash: str
    """Where the directory is now; empty when there was none."""


class Worktrees(Protocol):
    """Directories for sessions: made in parallel, kept in checkpoints, removed only into the trash."""

    def base(self, target: str, *, fetch: bool) -> Base:
        """Never prompts, never waits more than 5 s. Raises `UsageFault` when there is no such branch or no commit."""
        ...

    def uncommitted(self) -> tuple[str, ...]:
        """Paths in the user's checkout that the base does not contain."""
        ...

    def add(self, path: str, branch: str, base: str) -> bool:
        """A locked worktree of `branch` at `base`, its index fresh; repeatable. True when it came from the pool."""
        ...

    def fill_pool(self, base: str, size: int) -> int:
        """Park detached worktrees at `base` until there are `size`; how many were made."""
        ...

    def exclude(self, worktree: str, paths: Sequence[str]) -> None:
        """Never count these as work: what provisioning made there, relative to the worktree."""
        ...

    def alias(self, worktree: str, name: str, among: Sequence[str]) -> tuple[str, ...]:
        """Links called `name` beside each tracked file of `among` where there is none; never work, nor committed."""
        ...

    def checkpoint(self, worktree: str, ref: str, message: str) -> str:
        """A commit of everything not ignored, kept under `ref`; index and work tree stay as they are."""
        ...

    def commit_work(self, worktree: str, branch: str, base: str, message: str, sides: Sides | None = None) -> Work:
        """With `sides` a merge of both was left there, which is made a commit as soon as it is resolved."""
        ...

    def bring(self, worktree: str, branch: str, sides: Sides, *, leave: bool) -> Brought:
        """Merge `theirs` into a worktree all of which is committed as `ours`; begun again, it is begun anew.

        Conflicts stay there if `leave`; otherwise it is as it was.
        """
        ...

    def take_back(self, worktree: str, branch: str, sides: Sides) -> TakenBack:
        """Half a merge goes, and all is as in `ours`; one that is there whole stays."""
        ...

    def reject(self, worktree: str, what: Rejection) -> str:
        """That part of a worktree all of which is committed is as it was before; why it cannot be, in words."""
        ...

    def remove(self, worktree: str, trash: str, ref: str, message: str) -> Removed:
        """Checkpoint to `ref`, read it back, rename into `trash`, prune. Raises before anything is lost; repeatable."""
        ...

    def delete_branch(self, branch: str, oid: str) -> bool:
        """Only while it still holds `oid`."""
        ...

    def uphold(self, refs: Mapping[str, str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Those of these refs that were gone and stand at their commit again; those whose commit is gone as well."""
        ...

    def stands(self, worktree: str) -> bool:
        """The directory is there, and git knows it as a session's."""
        ...

    def restore(self, worktree: str, trash: str, branch: str, head: str, checkpoint: str) -> None:
        """Branch at `head`, or where it went since, and directory back: from the trash when it is there, else from the
        checkpoint, unless the branch is newer than that."""
        ...

    def look_at(self, name: str, target: str) -> Handmade:
        """The worktree around a path, or of a branch, that a person made; refused when it cannot be a session's."""
        ...

    def hold(self, worktree: str, branch: str) -> None:
        """Take a person's worktree over where it is: locked, so that nobody prunes it; repeatable."""
        ...

    def give_back(self, worktree: str) -> None:
        """No longer held; nothing in it changes. Repeatable."""
        ...


# --- git: merging -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ConflictedPath:
    path: str
    kind: str
    """git's stable word for it, such as `CONFLICT (contents)`."""


@dataclass(frozen=True, slots=True)
class Conflict:
    base: str
    head: str
    paths: tuple[ConflictedPath, ...]


@dataclass(frozen=True, slots=True)
class Moved:
    """The target's ref holds the commit; a checkout of it followed."""

    commit: str


@dataclass(frozen=True, slots=True)
class ParkedAt:
    """The landing ref holds the commit; the user's checkout of the target could not follow because of `blocking`."""

    commit: str
    blocking: str


@dataclass(frozen=True, slots=True)
class LostRace:
    found: str


@dataclass(frozen=True, slots=True)
class Tip:
    """The commit that the next merge builds on."""

    commit: str
    parked: bool
    """It is the landing ref's, because the target could not follow."""


class Integration(Protocol):
    """The only port that moves a branch, and only with a `Proof`."""

    def tip(self, target: str) -> Tip: ...

    def pin(self, ref: str, commit: str) -> None:
        """Keep a commit reachable under `refs/swarm/…`."""
        ...

    def unpin(self, ref: str) -> None: ...

    def stage(self, tip: str, head: str, strategy: Strategy, message: str, at: float) -> Staged | Conflict:
        """Built in the object store. The same arguments give the same commit."""
        ...

    def changed(self, before: str, after: str) -> tuple[str, ...]:
        """Paths that differ between two commits or trees."""
        ...

    def size(self, before: str, after: str) -> Size:
        """How much differs between two commits."""
        ...

    def read(self, commit: str, path: str) -> bytes | None: ...

    def check_out(self, worktree: str, commit: str) -> bool:
        """Make a private worktree hold exactly `commit` and what `exclude` named; True when it had to be made."""
        ...

    def exclude(self, worktree: str, paths: tuple[str, ...]) -> None:
        """Cleaning and fixes leave alone what provisioning made: these paths, and what git ignores there now."""
        ...

    def commit_fix(self, worktree: str, staged: Staged, message: str) -> Staged:
        """What an autofix changed there, as a commit of its own on top of `staged`; `staged` itself when nothing."""
        ...

    def seal(self, staged: Staged, trailers: Mapping[str, str], at: float) -> Staged:
        """The same tree and parents with `trailers` at the end of the top commit's message."""
        ...

    def holds(self, target: str, commit: str) -> Literal["target", "landing", ""]:
        """Which ref contains the commit already: the target, only the landing ref, or neither."""
        ...

    def land(self, proof: Proof, target: str) -> Moved | ParkedAt | LostRace:
        """Compare-and-swap from `proof.base` to `proof.commit`; landed already is `Moved`."""
        ...

    def unpark(self, target: str) -> Moved | ParkedAt | LostRace | None:
        """Try again to bring the target to its landing ref; None when there is none."""
        ...

    def revert(self, before: str, after: str, tip: str, message: str, at: float) -> Staged | Conflict:
        """All that came between two commits taken back, as one commit on `tip`."""
        ...


# --- files and hooks --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Provisioned:
    ok: bool
    words: str
    """What failed, in a line; empty when nothing did."""
    made: tuple[str, ...] = ()
    """Paths inside the worktree that provisioning made; cleaning leaves them alone."""


class Provisioner(Protocol):
    def provision(self, worktree: str, settings: WorktreeSettings, env: Mapping[str, str], log: str) -> Provisioned: ...


@dataclass(frozen=True, slots=True)
class HookOutcome:
    hook: str
    name: str
    ok: bool
    rc: int | None
    words: str


class Hooks(Protocol):
    def any_for(self, event: str) -> bool:
        """Whether the user registered anything for the event."""
        ...

    def fire(self, event: str, facts: Mapping[str, str], cwd: str) -> list[HookOutcome]:
        """Run what the user registered for the event, in order; a `pre_` event stops at the first failure."""
        ...


# --- agents, and all of it -------------------------------------------------------------------------------------------


class Agents(Protocol):
    """Agent definitions by name; `UsageFault` with the nearest name when there is none."""

    def check(self, name: str) -> None: ...

    def profile(self, name: str) -> Profile: ...

    def start(self, name: str, order: Order) -> Start:
        """What starts it; its files are in the order's folder when this returns."""
        ...

    def ended(self, folder: str) -> None:
        """What only a start needs is gone from the folder of an order; whatever stands there, nothing is raised."""
        ...

    def env(self, name: str, environ: Mapping[str, str]) -> dict[str, str]:
        """The caller's variables that this agent may see."""
        ...

    def private_to_others(self, name: str) -> tuple[str, ...]:
        """Where every other agent keeps its settings and logins."""
        ...

    def conversation(self, name: str, folder: str, environ: Mapping[str, str]) -> Conversation | None:
        """The newest that this agent had in the folder; None when it keeps none, or none that can be found."""
        ...


def known_profile(agents: Agents, name: str) -> Profile | None:
    """None when its definition is gone or broken meanwhile."""
    try:
        return agents.profile(name)
    except SwarmError:
        return None


@dataclass(frozen=True, slots=True)
class Desk:
    """Every port the flow may use, handed to a stage as one thing."""

    clock: Clock
    places: Places
    worktrees: Worktrees
    integration: Integration
    host: Host
    processes: Processes
    runner: Runner
    provisioner: Provisioner
    hooks: Hooks
    agents: Agents
    sandbox: Sandbox
    outskirts: Outskirts
    settings: Callable[[], Settings]
    """As the user's checkout has them now."""
    settings_at: Callable[[str], Settings]
    """As a commit has them: gates come from the target branch."""
    keep_log: Callable[[SessionId, str], None]
    """Keep the text of a session's terminal in its capped log."""
    prompt: Callable[[str, Mapping[str, str]], str]
    """A prompt of the house by name, with its fields filled in."""
    brief: Callable[[Session, str], str]
    """What another agent is told that takes the session over, with a person's words at the end."""
    tail: Callable[[SessionId, str], str]
    """The end of a kept log, secrets masked."""
    answer: Callable[[Session, str, str, str], None]
    """Hand the answer to a question, by name, to the session's agent; with the reason of a refusal."""
    listen: Callable[[SessionId], AbstractContextManager[Listening]]
    """Hear the session's agent say that a turn begins, from now on."""
