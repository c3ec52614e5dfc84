"""Every fact the log can hold, one frozen dataclass each; the first words of a docstring are the session's transition.

`a -> b:` moves the session's stage; `-- :` moves none. `machine.TRANSITIONS` says the same, and a test compares them.
"""

from __future__ import annotations

from swarmctl.core.events.abroad import (
    Pushed as Pushed,
    PushFailed as PushFailed,
    PushIntended as PushIntended,
    RequestOpened as RequestOpened,
)
from swarmctl.core.events.adoption import (
    Adopted as Adopted,
    AdoptionIntended as AdoptionIntended,
    WorktreeReturned as WorktreeReturned,
)
from swarmctl.core.events.containing import (
    Contained as Contained,
    WentOutside as WentOutside,
)
from swarmctl.core.events.contests import (
    Picked as Picked,
    RehearsalAsked as RehearsalAsked,
    RehearsalBegun as RehearsalBegun,
    RehearsalLeft as RehearsalLeft,
    Rehearsed as Rehearsed,
    SetAside as SetAside,
)
from swarmctl.core.events.life import (
    Approved as Approved,
    Checkpointed as Checkpointed,
    CommandDone as CommandDone,
    HookRan as HookRan,
    LaunchIntended as LaunchIntended,
    Noticed as Noticed,
    RunJoined as RunJoined,
    RunLeft as RunLeft,
    RunSubmitted as RunSubmitted,
    SessionEmpty as SessionEmpty,
    SessionEnded as SessionEnded,
    SessionKept as SessionKept,
    SessionPlanned as SessionPlanned,
    SessionReady as SessionReady,
    SessionResumed as SessionResumed,
    SessionStarted as SessionStarted,
    StopRequested as StopRequested,
    SupervisorStarted as SupervisorStarted,
    SupervisorStopped as SupervisorStopped,
    TaskAdded as TaskAdded,
    TaskFinished as TaskFinished,
    TaskReopened as TaskReopened,
    WorkCommitted as WorkCommitted,
    WorktreeDeleted as WorktreeDeleted,
    WorktreeReady as WorktreeReady,
    WorktreeRestored as WorktreeRestored,
    WorktreeTrashed as WorktreeTrashed,
)
from swarmctl.core.events.limits import (
    LetIn as LetIn,
    LimitEased as LimitEased,
    ProviderLimited as ProviderLimited,
    SessionLimited as SessionLimited,
    TaskHeld as TaskHeld,
    TaskLetIn as TaskLetIn,
)
from swarmctl.core.events.merging import (
    Dequeued as Dequeued,
    Enqueued as Enqueued,
    GateBegun as GateBegun,
    GateFinished as GateFinished,
    Landed as Landed,
    LandIntended as LandIntended,
    MergeAsked as MergeAsked,
    MergeLeft as MergeLeft,
    MergeStaged as MergeStaged,
    Parked as Parked,
    RaceLost as RaceLost,
    Unparked as Unparked,
    Withdrawn as Withdrawn,
)
from swarmctl.core.events.onward import (
    HandedOver as HandedOver,
    ResumeAsked as ResumeAsked,
    SyncAsked as SyncAsked,
    SyncBegun as SyncBegun,
    SyncConflicted as SyncConflicted,
    Synced as Synced,
    SyncGivenUp as SyncGivenUp,
)
from swarmctl.core.events.rejecting import (
    RejectionIntended as RejectionIntended,
    WorkRejected as WorkRejected,
)
from swarmctl.core.events.spending import (
    CapNeared as CapNeared,
    Reserved as Reserved,
    Settled as Settled,
    Used as Used,
)
from swarmctl.core.events.talk import (
    ConversationKnown as ConversationKnown,
    MessageQueued as MessageQueued,
    PermissionAnswered as PermissionAnswered,
    PermissionAsked as PermissionAsked,
    PromptTyped as PromptTyped,
    StateChanged as StateChanged,
    TurnBegan as TurnBegan,
    TurnEnded as TurnEnded,
    TypingIntended as TypingIntended,
    WordsRead as WordsRead,
)
from swarmctl.core.values import dataclass

Event = (
    SupervisorStarted | SupervisorStopped | CommandDone | RunSubmitted | RunLeft | RunJoined | TaskAdded |
    TaskFinished | TaskReopened | SessionPlanned | WorktreeReady | LaunchIntended | SessionStarted | StateChanged |
    WordsRead | ConversationKnown | TurnEnded | PermissionAsked | PermissionAnswered | MessageQueued | StopRequested |
    SessionEnded | Checkpointed | WorkCommitted | SessionReady | SessionEmpty | SessionKept | MergeAsked | MergeLeft |
    Enqueued | Dequeued | Withdrawn | MergeStaged | GateFinished | LandIntended | RaceLost | Landed | Parked |
    Unparked | SessionResumed | WorktreeTrashed | WorktreeDeleted | WorktreeRestored | Approved | Noticed | HookRan |
    GateBegun | Reserved | Used | Settled | CapNeared | Contained | WentOutside | ProviderLimited |
    SessionLimited | TaskHeld | TaskLetIn | LetIn | LimitEased | AdoptionIntended | Adopted |
    WorktreeReturned | TurnBegan | TypingIntended | PromptTyped | SyncAsked | SyncBegun | SyncConflicted | Synced |
    SyncGivenUp | HandedOver | ResumeAsked |
    PushIntended | Pushed | RequestOpened | PushFailed |
    RehearsalAsked | RehearsalBegun | Rehearsed | RehearsalLeft | Picked | SetAside |
    RejectionIntended | WorkRejected
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
