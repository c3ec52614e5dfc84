"""The chain of evidence in words: what those who watch are told, and what only those want to know who ask why."""

from __future__ import annotations

from swarmctl.core import events as e
from swarmctl.core.machine import Facts
from swarmctl.core.money import dollars
from swarmctl.surfaces.words.narrate import line_of
from swarmctl.surfaces.words.saying import Say, said

LANDS = {
    "no": "its work stops at ready",
    "waited": "its work lands while somebody waits for it",
    "auto": "its work lands by itself",
}
SETTLED = {
    "open": "what it used is not known yet",
    "actual": "what it used is in the books",
    "unknown": "nobody knows what it used, so that all that was set aside counts",
    "unused": "nothing was used of what was set aside",
    "expired": "what was set aside counts as used, because nobody said in time what was",
}
UNSAID: frozenset[type[e.Event]] = frozenset({
    e.SupervisorStarted, e.SupervisorStopped, e.CommandDone, e.Approved, e.WordsRead, e.Used,
})  # fmt: skip
"""About no session, or about our own reading; what was used is for `cost` to tell."""


def chain_line(event: e.Event, facts: Facts) -> str:
    """Empty for what is not evidence of anything."""
    told = line_of(event, facts)
    return told or said(CHAIN.get(type(event), ""), event, facts)


def _hook(event: e.HookRan, facts: Facts) -> str:
    ended = event.words or ("nobody saw how it ended" if event.rc is None else f"it ended with {event.rc}")
    return f"hook {event.hook} {event.name}: {ended}"


def _reserved(event: e.Reserved, facts: Facts) -> str:
    if event.plan or not event.amount:
        return ""
    return f"sets {dollars(event.amount)} aside for this start"


def _conversation(event: e.ConversationKnown, facts: Facts) -> str:
    return f"its conversation {'is to be' if event.fresh else 'is'} {event.conversation}"


CHAIN: dict[type[e.Event], Say] = {
    e.RunSubmitted: lambda event, facts: f"asked for, to land on {event.target}; {LANDS[event.lands]}",
    e.RunJoined: "somebody waits for it again",
    e.TaskAdded: "task {event.number} of its run, for {event.agent}",
    e.TaskFinished: "the task is over: {event.outcome.value}",
    e.TaskReopened: "the task is open again",
    e.LaunchIntended: "is about to start, attempt {event.attempt}",
    e.ConversationKnown: _conversation,
    e.Checkpointed: "everything in its worktree is kept at {event.commit:.10}: {event.why}",
    e.SessionReady: "ready: its work is at {event.head:.10}",
    e.MergeAsked: "asked to land, by {event.by}",
    e.GateBegun: "gate {event.gate} runs",
    e.LandIntended: "proven: {event.target} is to move to {event.proof.commit:.10}",
    e.WorktreeTrashed: "worktree moved to the trash; {event.checkpoint:.10} holds all of it",
    e.WorktreeDeleted: "trashed worktree deleted; its checkpoint stays",
    e.HookRan: _hook,
    e.Reserved: _reserved,
    e.Settled: lambda event, facts: SETTLED[event.how],
}
