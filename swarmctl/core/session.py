"""Sessions: one attempt by one agent at one task, where it stands, and what identifies its process."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from swarmctl.core.ids import RunId, SessionId, TaskId
from swarmctl.core.outcome import Outcome
from swarmctl.core.values import dataclass


class Stage(StrEnum):
    """The engine's place in a session's life; every transition is one event."""

    PLANNED = "planned"
    PROVISIONED = "provisioned"
    LAUNCHING = "launching"
    RUNNING = "running"
    ENDED = "ended"
    LIMITED = "limited"
    READY = "ready"
    QUEUED = "queued"
    GATING = "gating"
    LANDING = "landing"
    LANDED = "landed"
    PARKED = "parked"
    KEPT = "kept"
    EMPTY = "empty"


class State(StrEnum):
    """What the evidence says the agent is doing."""

    STARTING = "starting"
    WORKING = "working"
    BLOCKED = "blocked"
    RATE_LIMITED = "rate_limited"
    IDLE = "idle"
    DONE_UNSEEN = "done_unseen"
    EXITED = "exited"
    LOST = "lost"
    UNKNOWN = "unknown"


Place = Literal["none", "present", "trashed", "deleted", "returned"]
"""Where its worktree is; `returned`: a person made it, and it is theirs again."""
Fate = Literal["delivered", "queued", "unconfirmed"]
"""Of a text that was typed: its agent took it as input, keeps it until it is free, or nobody can tell."""


@dataclass(frozen=True, slots=True)
class ProcessId:
    """A process that cannot be mistaken for a later one with the same number."""

    pid: int
    started: int
    """Start time in clock ticks since boot, field 22 of /proc/PID/stat."""
    boot: str


@dataclass(frozen=True, slots=True)
class Exit:
    """How a process ended: a code, a signal, or neither when nobody could see."""

    code: int | None
    signal: int | None = None

    @property
    def clean(self) -> bool:
        return self.code == 0 and self.signal is None


@dataclass(frozen=True, slots=True)
class SpoolPlace:
    """How far the words that a session's agent hooks wrote were taken in."""

    offset: int = 0
    mark: str = ""
    """A digest of what stands before the offset: another one means that it is no longer the file that was read."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """The newest text that was, or has to be, typed into its terminal."""

    fate: Literal["", "due", "typing"] | Fate = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Sync:
    """The target on its way into a session's worktree."""

    asked: bool = False
    """It waits for the next attempt."""
    ours: str = ""
    """The head that it is merged into; empty before that began."""
    theirs: str = ""
    name: str = ""
    """What `theirs` is called."""
    due: bool = False
    """It is the first thing that the attempt does."""
    attempt: int = 0
    """That began it, and alone may redo it."""
    conflicts: bool = False
    """Both sides lie in the worktree, unresolved as far as anyone looked."""
    before: str = ""
    """The outcome that the session rested with; empty when its agent goes on with more than this."""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Talk:
    """Where a session stands with its agent: their conversation, and what either side waits for."""

    mode: Literal["", "interactive", "headless"] = ""
    """Empty before the first start."""
    port: int = 0
    """Where the agent listens to us; 0 when it does not."""
    conversation: str = ""
    """The agent's own id of it, by which it goes on after an end."""
    fresh: bool = False
    """That id was chosen for it, and no attempt before this one began it: there is nothing to go on with."""
    message: str = ""
    """What the next start tells the agent."""
    waiting: tuple[str, ...] = ()
    """Messages that wait for the end of the turn."""
    ended: Literal["", "ends", "fails"] = ""
    """How the turn ended, by the agent's own word."""
    said: str = ""
    """The last words of the turn."""
    asked: tuple[str, ...] = ()
    """Names of the questions that wait for an answer."""
    repairs: int = 0
    """How often a refused gate was given back to the agent since a person last spoke to it."""
    account: str = ""
    """Whose limit it shares; empty before its first start."""
    limited: bool = False
    """Its turn ended because that account takes no more for now."""
    let_in: Literal["", "turn", "person"] = ""
    """Why it may start although the account is or was limited."""
    delivery: Delivery = Delivery()
    sync: Sync | None = None
    """None while nobody wants the target brought in."""
    again: bool = False
    """It goes on as soon as fewer than `max_running` are at work."""


@dataclass(frozen=True, slots=True)
class Adoption:
    """What a person made by hand: the worktree of a session, and perhaps the agent that worked in it."""

    process: ProcessId | None = None
    server: str = ""
    """The socket of the tmux that it runs in; empty when it runs in none."""
    pane: str = ""


@dataclass(frozen=True, slots=True)
class Abroad:
    """What is known of its branch on a remote."""

    remote: str = ""
    commit: str = ""
    """What the remote was seen to take last."""
    request: str = ""
    """Where the pull or merge request is."""
    going: Literal["", "push", "request"] = ""
    """What was begun, without a word yet of how it ended."""
    trouble: str = ""
    """Why the last try came to nothing."""


@dataclass(frozen=True, slots=True)
class Session:
    id: SessionId
    task: TaskId
    run: RunId
    agent: str
    branch: str
    target: str
    base: str
    base_name: str
    """What the base is called: `main` or `origin/main`."""
    worktree: str
    port_base: int
    created_at: float
    attempt: int = 1
    stage: Stage = Stage.PLANNED
    state: State = State.STARTING
    state_since: float = 0.0
    state_why: str = ""
    state_kind: str = ""
    """Of a block: permission, question, trust, login and the like."""
    state_until: float | None = None
    """When a rate limit ends."""
    host: str = ""
    pane: str = ""
    process: ProcessId | None = None
    exit: Exit | None = None
    head: str = ""
    checkpoint: str = ""
    place: Place = "none"
    restored: bool = False
    """A person asked for its directory back, which stays until a person removes it."""
    stop: str = ""
    """Why it was asked to stop; empty while nobody asked."""
    asked_to_land: bool = False
    queued_at: float | None = None
    tries: int = 0
    """Landings lost to a race so far."""
    staged: str = ""
    landed: str = ""
    outcome: Outcome | None = None
    reason: str = ""
    """Of the outcome; of an attempt at what the gates refused: why they did."""
    heard: SpoolPlace = SpoolPlace()
    talk: Talk = Talk()
    abroad: Abroad = Abroad()
    adopted: Adoption | None = None
    """None: swarmctl made its worktree and started its agent."""

    @property
    def by_hand(self) -> bool:
        """A person, not swarmctl, began this attempt."""
        return self.adopted is not None and self.attempt == 1

    @property
    def driven(self) -> bool:
        """A person's own agent runs: it is watched, and lives on whatever becomes of swarmctl."""
        return self.by_hand and self.stage is Stage.RUNNING

    @property
    def retries(self) -> bool:
        """Its agent tries again by itself what its provider does not take."""
        return self.stage is Stage.RUNNING and self.state is State.RATE_LIMITED and not self.talk.limited

    @property
    def started_nobody(self) -> bool:
        """At rest after an attempt that needed no agent, although its state is that of one about to start."""
        return self.state is State.STARTING and not self.active

    @property
    def attempts(self) -> int:
        """Without the one that it rests after, where that started nobody although one before it had."""
        return self.attempt - 1 if self.started_nobody and self.process is not None else self.attempt

    @property
    def active(self) -> bool:
        return self.stage in ACTIVE

    @property
    def is_over(self) -> bool:
        """Nothing happens to it any more, unless somebody names it."""
        return self.place in ("deleted", "returned") and self.stage in OVER and not self.asked_to_land


ACTIVE = frozenset({Stage.PLANNED, Stage.PROVISIONED, Stage.LAUNCHING, Stage.RUNNING, Stage.ENDED})
IN_QUEUE = frozenset({Stage.QUEUED, Stage.GATING, Stage.LANDING})
OVER = frozenset({Stage.KEPT, Stage.EMPTY, Stage.LANDED})
RESTING = frozenset({Stage.LIMITED, Stage.READY, Stage.KEPT, Stage.EMPTY, Stage.LANDED, Stage.PARKED})
