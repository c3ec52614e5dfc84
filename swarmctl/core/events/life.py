"""The life of supervisors, commands, runs, tasks and sessions, from the plan to what is kept."""

from __future__ import annotations

from dataclasses import field
from typing import Literal

from swarmctl.core.ids import RunId, SessionId, TaskId
from swarmctl.core.outcome import Outcome
from swarmctl.core.session import Exit, ProcessId
from swarmctl.core.task import Lands, Terms
from swarmctl.core.values import dataclass


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
    terms: Terms = field(default_factory=Terms)
    contest: str = ""
    """Of which it is an entry."""


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
    mode: Literal["", "interactive", "headless"] = ""
    port: int = 0
    account: str = ""
    typed: bool = False
    """Its prompt has to be typed once it runs."""


@dataclass(frozen=True, slots=True)
class SessionStarted:
    """launching -> running: the agent's wrapper runs and is identified."""

    session: SessionId
    process: ProcessId
    pane: str


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
    """planned|ended -> empty: the agent ended and changed nothing; or the target holds all of it by now."""

    session: SessionId
    reason: str


@dataclass(frozen=True, slots=True)
class SessionKept:
    """planned|provisioned|launching|running|ended|limited|ready|queued|gating|landing -> kept: it needs someone."""

    session: SessionId
    outcome: Outcome
    reason: str


@dataclass(frozen=True, slots=True)
class SessionResumed:
    """limited|ready|kept|empty -> planned: another attempt in the same worktree, and conversation where that goes."""

    session: SessionId
    attempt: int
    message: str = ""
    """What it tells the agent; empty: to go on."""


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
