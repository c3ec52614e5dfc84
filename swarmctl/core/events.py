"""Every fact the log can hold, one frozen dataclass each; the first words of a docstring are the session's transition.

`a -> b:` moves the session's stage; `-- :` moves none. `machine.TRANSITIONS` says the same, and a test compares them.
"""

from __future__ import annotations

from dataclasses import dataclass

from swarmctl.core.gate import GateResult, Proof, Staged
from swarmctl.core.ids import RunId, SessionId, TaskId
from swarmctl.core.outcome import Outcome
from swarmctl.core.session import Exit, ProcessId, SpoolPlace, State
from swarmctl.core.task import Lands


@dataclass(frozen=True, slots=True)
class SupervisorStarted:
    """-- : a supervisor took the lock; `unclean` when the one before it left no word of its end."""

    pid: int
    boot: str
    version: str
    unclean: bool


@dataclass(frozen=True, slots=True)
class SupervisorStopped:
    """-- : the supervisor let go of the lock in good order."""

    why: str


@dataclass(frozen=True, slots=True)
class CommandDone:
    """-- : a submitted command was carried out or refused; the same command id is answered from here again."""

    command: str
    kind: str
    answer: str
    """The reply as JSON."""


@dataclass(frozen=True, slots=True)
class RunSubmitted:
    """-- : somebody asked for some tasks."""

    run: RunId
    waits: bool
    lands: Lands
    target: str


@dataclass(frozen=True, slots=True)
class RunLeft:
    """-- : the one who waited for a run is gone; its tasks stop at `ready`."""

    run: RunId
    why: str


@dataclass(frozen=True, slots=True)
class RunJoined:
    """-- : somebody waits for the run again."""

    run: RunId


@dataclass(frozen=True, slots=True)
class TaskAdded:
    """-- : a task waits for a slot, and for the tasks named in `after` to land."""

    task: TaskId
    run: RunId
    number: int
    title: str
    prompt: str
    agent: str
    command: str = ""
    check: str = ""
    after: tuple[TaskId, ...] = ()


@dataclass(frozen=True, slots=True)
class TaskFinished:
    """-- : the task has an outcome."""

    task: TaskId
    outcome: Outcome
    reason: str


@dataclass(frozen=True, slots=True)
class TaskReopened:
    """-- : somebody asked to go on with a finished task."""

    task: TaskId


@dataclass(frozen=True, slots=True)
class SessionPlanned:
    """none -> planned: an attempt has a name, a branch and a base; nothing exists on disk yet."""

    session: SessionId
    task: TaskId
    run: RunId
    agent: str
    branch: str
    target: str
    base: str
    base_name: str
    worktree: str
    port_base: int


@dataclass(frozen=True, slots=True)
class WorktreeReady:
    """planned -> provisioned: the worktree exists and is set up."""

    session: SessionId
    warm: bool
    """It came from the pool."""


@dataclass(frozen=True, slots=True)
class LaunchIntended:
    """provisioned -> launching: from here on a process may exist."""

    session: SessionId
    host: str
    attempt: int


@dataclass(frozen=True, slots=True)
class SessionStarted:
    """launching -> running: the agent's wrapper runs and is identified."""

    session: SessionId
    process: ProcessId
    pane: str


@dataclass(frozen=True, slots=True)
class StateChanged:
    """-- : evidence changed what is believed of the agent; `source` says whose word it is."""

    session: SessionId
    state: State
    source: str
    why: str
    heard: SpoolPlace | None = None
    """How far its hooks' words are taken in with this one."""


@dataclass(frozen=True, slots=True)
class WordsRead:
    """-- : its hooks' words up to here are taken in, and none of them changed what is believed."""

    session: SessionId
    heard: SpoolPlace


@dataclass(frozen=True, slots=True)
class StopRequested:
    """-- : somebody, or a limit, asked the session to stop at a safe point."""

    session: SessionId
    why: str


@dataclass(frozen=True, slots=True)
class SessionEnded:
    """launching|running -> ended: its processes are proven gone; the exit says how, as far as anyone saw."""

    session: SessionId
    exit: Exit
    source: str


@dataclass(frozen=True, slots=True)
class Checkpointed:
    """-- : everything in the worktree, tracked and untracked, is kept in a commit under a ref."""

    session: SessionId
    commit: str
    why: str


@dataclass(frozen=True, slots=True)
class WorkCommitted:
    """-- : what the agent left uncommitted is now a commit on the session's branch."""

    session: SessionId
    head: str
    files: int


@dataclass(frozen=True, slots=True)
class SessionReady:
    """planned|ended -> ready: there is work on the branch that may land; an undo is planned with its work done."""

    session: SessionId
    head: str


@dataclass(frozen=True, slots=True)
class SessionEmpty:
    """ended -> empty: the agent ended and changed nothing."""

    session: SessionId
    reason: str


@dataclass(frozen=True, slots=True)
class SessionKept:
    """planned|provisioned|launching|running|ended|ready|queued|gating|landing -> kept: it needs someone."""

    session: SessionId
    outcome: Outcome
    reason: str


@dataclass(frozen=True, slots=True)
class MergeAsked:
    """-- : somebody asked for the session to land."""

    session: SessionId
    by: str


@dataclass(frozen=True, slots=True)
class MergeLeft:
    """-- : nobody is known any more to wait for a landing that was asked for."""

    session: SessionId
    why: str


@dataclass(frozen=True, slots=True)
class Enqueued:
    """ready|kept -> queued: the session's head, pinned by a ref, stands in the merge queue."""

    session: SessionId
    head: str


@dataclass(frozen=True, slots=True)
class Dequeued:
    """queued|gating|landing -> ready: it left the queue unlanded and unharmed."""

    session: SessionId
    why: str


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """queued|gating -> kept: a person took it out of the queue; too late once it is landing."""

    session: SessionId
    why: str


@dataclass(frozen=True, slots=True)
class MergeStaged:
    """queued|gating -> gating: the merge exists as a commit, pinned by a ref; its tree is what the gates see."""

    session: SessionId
    staged: Staged


@dataclass(frozen=True, slots=True)
class GateFinished:
    """-- : one gate ran once."""

    session: SessionId
    result: GateResult


@dataclass(frozen=True, slots=True)
class LandIntended:
    """gating -> landing: the proof is complete; the ref may move from `old` to the proof's commit at any moment."""

    session: SessionId
    proof: Proof
    target: str
    old: str


@dataclass(frozen=True, slots=True)
class RaceLost:
    """gating|landing -> queued: the target moved before the landing; the merge is built and gated anew."""

    session: SessionId
    found: str


@dataclass(frozen=True, slots=True)
class Landed:
    """landing|parked -> landed: the target's ref holds the proven commit."""

    session: SessionId
    target: str
    commit: str


@dataclass(frozen=True, slots=True)
class Parked:
    """landing -> parked: proven, and on the landing ref; the user's checkout of the target could not follow."""

    session: SessionId
    target: str
    commit: str
    blocking: str


@dataclass(frozen=True, slots=True)
class Unparked:
    """parked -> ready: the target moved elsewhere meanwhile, so that the proof no longer fits."""

    session: SessionId
    why: str


@dataclass(frozen=True, slots=True)
class SessionResumed:
    """ready|kept|empty -> planned: another attempt in the same worktree."""

    session: SessionId
    attempt: int


@dataclass(frozen=True, slots=True)
class WorktreeTrashed:
    """-- : the directory was moved to the trash after its checkpoint was read back."""

    session: SessionId
    trash: str
    checkpoint: str


@dataclass(frozen=True, slots=True)
class WorktreeDeleted:
    """-- : the trashed directory was deleted by age or size; the checkpoint stays."""

    session: SessionId


@dataclass(frozen=True, slots=True)
class WorktreeRestored:
    """-- : branch and directory are back."""

    session: SessionId
    worktree: str


@dataclass(frozen=True, slots=True)
class Approved:
    """-- : a person approved one content hash, or one head of a session that touches what gates rely on."""

    subject: str
    digest: str


@dataclass(frozen=True, slots=True)
class Noticed:
    """-- : something a person should know; no state depends on it."""

    session: SessionId | None
    text: str


@dataclass(frozen=True, slots=True)
class HookRan:
    """-- : a user hook ran; only failures and vetoes are recorded."""

    session: SessionId | None
    hook: str
    name: str
    rc: int | None
    words: str


Event = (
    SupervisorStarted | SupervisorStopped | CommandDone | RunSubmitted | RunLeft | RunJoined | TaskAdded |
    TaskFinished | TaskReopened | SessionPlanned | WorktreeReady | LaunchIntended | SessionStarted |
    StateChanged | WordsRead | StopRequested | SessionEnded | Checkpointed | WorkCommitted | SessionReady |
    SessionEmpty | SessionKept | MergeAsked | MergeLeft | Enqueued | Dequeued | Withdrawn | MergeStaged |
    GateFinished | LandIntended | RaceLost | Landed | Parked | Unparked | SessionResumed | WorktreeTrashed |
    WorktreeDeleted | WorktreeRestored | Approved | Noticed | HookRan
)  # fmt: skip

Batch = tuple[Event, ...]
"""Events that are written together or not at all."""

EVENTS: dict[str, type[Event]] = {kind.__name__: kind for kind in Event.__args__}


@dataclass(frozen=True, slots=True)
class Stamped:
    """An event as the log holds it."""

    seq: int
    at: float
    event: Event
