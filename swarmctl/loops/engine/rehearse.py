"""The gates on a session's work without a landing: staged beside the target as for one, and every gate is run.

Starts from the beginning after a crash. Its last word is evidence and never a proof; the target does not move.
"""

from __future__ import annotations

from collections.abc import Iterator

from swarmctl.core.events import (
    Batch,
    Event,
    MergeStaged,
    RehearsalBegun,
    Rehearsed,
    SessionKept,
)
from swarmctl.core.gate import why_not_proven
from swarmctl.core.outcome import Outcome
from swarmctl.core.ports import Conflict
from swarmctl.core.session import Stage
from swarmctl.flow.merge.build import conflict_words, rehearsal_ref
from swarmctl.flow.merge.message import message_of
from swarmctl.loops.engine.integrate import Attempt, Merging, gates_of


def rehearse(merging: Merging) -> Iterator[Event | Batch]:
    session, desk = merging.session, merging.desk
    tip = desk.integration.tip(session.target).commit
    settings = desk.settings_at(tip)
    words = message_of(session, merging.task)
    staged = desk.integration.stage(tip, session.head, settings.merge.strategy, words, session.created_at)
    if isinstance(staged, Conflict):
        yield from _never_gated(merging, tip, Outcome.CONFLICT, conflict_words(staged, session))
        return
    if not desk.integration.changed(tip, staged.commit):
        yield from _never_gated(merging, tip, Outcome.NO_WORK, f"{session.target} holds all of it already")
        return
    attempt = Attempt(merging, settings, gates_of(settings, merging.task), staged, rehearsal_ref(session))
    if blocked := attempt.needs_approval():
        yield from _never_gated(merging, tip, Outcome.BLOCKED, blocked)
        return
    desk.integration.pin(attempt.ref, staged.commit)
    yield RehearsalBegun(session.id, staged)
    yield from _gated(attempt)


def _gated(attempt: Attempt) -> Iterator[Event | Batch]:
    merging = attempt.merging
    for event in attempt.gate():
        yield RehearsalBegun(event.session, event.staged) if isinstance(event, MergeStaged) else event
    yield from attempt.the_rest()
    staged, results = attempt.staged, tuple(attempt.results)
    reason = attempt.overreach or why_not_proven(staged.tree, attempt.names(), results)
    size = merging.desk.integration.size(staged.base, staged.commit)
    merging.desk.integration.unpin(attempt.ref)
    if not merging.still_wanted():
        return
    told = Rehearsed(merging.session.id, staged.head, staged.base, staged.tree, results, size, reason)
    outcome = Outcome.BLOCKED if attempt.overreach else Outcome.REFUSED
    kept = _kept(merging, outcome, reason) if reason else ()
    yield (told, *(attempt.repair() if kept else ()), *kept)


def _never_gated(merging: Merging, tip: str, outcome: Outcome, reason: str) -> Iterator[Batch]:
    session = merging.session
    if merging.still_wanted():
        told = Rehearsed(session.id, session.head, tip, "", (), None, reason)
        yield (told, *_kept(merging, outcome, reason))


def _kept(merging: Merging, outcome: Outcome, reason: str) -> Batch:
    """An entry that cannot land as it is came to no good end; of any other session this is only news."""
    session = merging.session
    entry = bool(merging.task.contest) and session.stage is Stage.READY
    return (SessionKept(session.id, outcome, reason),) if entry else ()
