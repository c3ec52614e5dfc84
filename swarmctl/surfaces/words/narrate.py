"""Events in words: one line each, for people who watch. Pure; events that say nothing to a person have no line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from swarmctl.core import events as e
from swarmctl.core.events.onward import HandedOver
from swarmctl.core.gate import Verdict
from swarmctl.core.listing import in_short
from swarmctl.core.machine import Facts
from swarmctl.core.money import dollars, scope_words
from swarmctl.core.outcome import Outcome
from swarmctl.core.session import Exit, Session
from swarmctl.surfaces.words.abroad import failed
from swarmctl.surfaces.words.narrate_contests import CONTESTS
from swarmctl.surfaces.words.narrate_limits import LIMITS
from swarmctl.surfaces.words.narrate_onward import ONWARD
from swarmctl.surfaces.words.saying import Say, said

NAMED = 10
"""Paths in a line."""
QUOTED = 120
"""Characters of what an agent or a person said."""


def line_of(event: e.Event, facts: Facts) -> str:
    """Empty when there is nothing worth saying."""
    return said(WORDS.get(type(event), ""), event, facts)


def agents_then(chain: Sequence[e.Stamped], now: str) -> list[str]:
    """Who had the session at each event about it, when it is `now` who has it."""
    agents = []
    for stamped in reversed(chain):
        agents.append(now)
        if isinstance(stamped.event, HandedOver):
            now = stamped.event.before
    return agents[::-1]


def tone_of(event: e.Event) -> Literal["good", "bad", "plain"]:
    """Whether a person should be pleased, alarmed, or neither."""
    match event:
        case e.Landed():
            return "good"
        case e.GateFinished(result=result):
            return "good" if result.verdict is Verdict.PASS else "bad"
        case e.Rehearsed(reason=reason):
            return "bad" if reason else "good"
        case e.SessionKept(outcome=Outcome.READY):
            return "plain"
        case e.SessionKept() | e.Parked() | e.SessionEmpty():
            return "bad"
    return "plain"


def _session(event: Any, facts: Facts) -> Session:
    return facts.sessions[event.session]


def _started(event: e.SessionStarted, facts: Facts) -> str:
    return f"{_session(event, facts).agent} started"


def _intended(event: e.AdoptionIntended, facts: Facts) -> str:
    return f"takes over {_session(event, facts).worktree}"


def _adopted(event: e.Adopted, facts: Facts) -> str:
    session = _session(event, facts)
    where = f" in pane {session.adopted.pane}" if session.adopted and session.adopted.pane else ""
    return f"{session.agent} works on{where}, driven by a person"


def _ended(event: e.SessionEnded, facts: Facts) -> str:
    return f"agent ended: {exit_words(event.exit)}"


def exit_words(ended: Exit) -> str:
    if ended.signal is not None:
        return f"signal {ended.signal}"
    return "nobody saw how" if ended.code is None else f"code {ended.code}"


def _gate(event: e.GateFinished, facts: Facts) -> str:
    result = event.result
    mark = "green" if result.verdict is Verdict.PASS else result.verdict.value
    return f"gate {result.gate}: {mark}, {result.words} ({result.duration_s:.1f} s)"


def _outside(event: e.WentOutside, facts: Facts) -> str:
    paths = in_short(event.paths, NAMED)
    return f"changed outside its worktree while it ran, by it or by somebody else: {paths}"


def _kept(event: e.SessionKept, facts: Facts) -> str:
    mends = event.outcome is Outcome.CONFLICT and _session(event, facts).agent != "shell"
    return f"{event.outcome.value}: {event.reason}{f'; swarmctl sync {event.session}' if mends else ''}"


def _landed(event: e.Landed, facts: Facts) -> str:
    proof = facts.landings[event.session].proof
    gated = "" if proof.kind == "gated" else ", without gates"
    return f"landed on {event.target} as {event.commit[:10]} (tree {proof.tree[:10]}){gated}"


def _staged(event: e.MergeStaged, facts: Facts) -> str:
    return f"merged beside {_session(event, facts).target}: tree {event.staged.tree[:10]}"


def _finished(event: e.TaskFinished, facts: Facts) -> str:
    return "" if facts.tasks[event.task].session else f"{event.outcome.value}: {event.reason}"


def _state(event: e.StateChanged, facts: Facts) -> str:
    kind = f" ({event.kind})" if event.kind else ""
    return f"{event.state.value}{kind}: {event.source} says {event.why}"


def _turn(event: e.TurnEnded) -> str:
    """Where it said nothing, its end is all that is known."""
    if not event.said:
        return "its turn is over" if event.ok else "stopped without a word that it is done"
    return f"{'says that it is done' if event.ok else 'gave up'}{_quoted(event.said)}"


def _quoted(text: str) -> str:
    words = " ".join(text.split())
    return f": {words[:QUOTED]}{'…' if len(words) > QUOTED else ''}" if words else ""


def _leaving(event: e.PushIntended, facts: Facts) -> str:
    what = "pushed, and asked for on" if event.request else "pushed to"
    return f"is to be {what} {event.remote} ({event.url}) at {event.commit[:10]}"


WORDS: dict[type[e.Event], Say] = {
    e.SessionPlanned: "starts from {event.base_name} at {event.base:.10} on {event.branch}",
    e.WorktreeReady: lambda event, facts: "worktree ready" + (" (from the pool)" if event.warm else ""),
    e.SessionStarted: _started,
    e.AdoptionIntended: _intended,
    e.Adopted: _adopted,
    e.WorktreeReturned: "worktree and branch stay, and are their owner's again",
    e.StateChanged: _state,
    e.TurnEnded: lambda event, facts: _turn(event),
    e.PermissionAsked: lambda event, facts: (
        f"asks for permission{_quoted(event.words)}: swarmctl answer {event.session} allow (or deny, pane)"
    ),
    e.PermissionAnswered: lambda event, facts: f"answered: {event.answer}{_quoted(event.why)}",
    **ONWARD,
    **LIMITS,
    **CONTESTS,
    e.MessageQueued: lambda event, facts: f"a message waits for the end of its turn{_quoted(event.text)}",
    e.TurnBegan: "goes on: another turn began",
    e.TypingIntended: "types {event.characters} characters into its terminal",
    e.PromptTyped: "what was typed is {event.fate}: {event.why}",
    e.CapNeared: lambda event, facts: (
        f"{scope_words(event.scope)} used {dollars(event.used)} of its budget of {dollars(event.cap)}"
    ),
    e.StopRequested: "stopping: {event.why}",
    e.SessionEnded: _ended,
    e.WorkCommitted: lambda event, facts: (
        f"committed {event.files} file{'' if event.files == 1 else 's'} for the agent at {event.head[:10]}"
    ),
    e.SessionEmpty: "no work: {event.reason}",
    e.SessionKept: _kept,
    e.Contained: lambda event, facts: event.containment.words,
    e.WentOutside: _outside,
    e.Enqueued: "stands in the merge queue",
    e.Dequeued: "left the queue: {event.why}",
    e.Withdrawn: "{event.why}",
    e.MergeStaged: _staged,
    e.GateFinished: _gate,
    e.RaceLost: "the target moved meanwhile; merging and gating again",
    e.Landed: _landed,
    e.Parked: ("parked: {event.target} could not follow because of {event.blocking}; `swarmctl land` tries again"),
    e.Unparked: "{event.why}",
    e.SessionResumed: "resumed, attempt {event.attempt}",
    e.WorktreeRestored: "restored in {event.worktree}",
    e.PushIntended: _leaving,
    e.Pushed: "{event.remote} holds its branch at {event.commit:.10}",
    e.RequestOpened: lambda event, facts: f"{'there was a request already' if event.existed else 'asked'}: {event.url}",
    e.PushFailed: lambda event, facts: failed(event.why),
    e.Noticed: "{event.text}",
    e.TaskFinished: _finished,
    e.RunLeft: "nobody waits any more: {event.why}",
    e.MergeLeft: "nobody waits for its landing any more: {event.why}",
}
