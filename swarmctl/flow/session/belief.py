"""From evidence to a belief, pure. A weaker source overrules a stronger one only when it is newer, and what is merely
seen has to stand as well.

`unknown` is a legal answer, silence proves nothing, and an agent that was ready is at work again only after new input.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Literal

from swarmctl.core.evidence import NETWORK, RANK, Belief, Confidence, Evidence, Reason, Source
from swarmctl.core.session import State

STANDS_S = 0.5
"""A title or a screen counts against a better source once it has said the same for so long."""
BEGINS_S = 20.0
"""An agent that was not seen at work yet has not come to its prompt, unless its rest stands so long."""
TRIES_S = 0.8
"""An agent that is limited, or not let through, tries again and again and says that it works: over when that stands."""
AFTERGLOW_S = 2.0
"""Words of an agent's own that come so soon after the end of its turn belong to that turn."""
OVER = frozenset({State.EXITED, State.LOST})
RESTING = frozenset({State.IDLE, State.DONE_UNSEEN})
WEAK = frozenset({Source.TITLE, Source.SCREEN})
DIALOGS = frozenset({State.BLOCKED, State.RATE_LIMITED})
"""What a screen can tell and a title hardly ever does: one that only knows of work and rest is outdone."""


def fuse(evidence: Iterable[Evidence], before: Belief, now: float) -> Belief:
    """`evidence` holds the newest of each source; `before` is what was believed until now."""
    told = sorted(evidence, key=lambda each: RANK[each.source])
    said = [each for each in told if _says_something(each)]
    belief = _fused(said, before, now)
    silent = next((each for each in told if each.source is Source.SILENCE), None)
    if silent is None or belief.state not in (State.WORKING, State.UNKNOWN) or any(silent.at <= e.at for e in said):
        return belief
    return _believe(silent, [*said, silent], before)


def _fused(said: list[Evidence], before: Belief, now: float) -> Belief:
    if not said:
        return _unknown(before)
    leader = next((each for each in said if each.state in OVER), said[0])
    if leader.state in OVER:
        return _believe(leader, [leader], before)
    recheck: float | None = None
    for challenger in said[1:]:
        if not _overrules(challenger, leader, said):
            continue
        if challenger.source in WEAK and now - challenger.at < STANDS_S:
            recheck = min(recheck or challenger.at + STANDS_S, challenger.at + STANDS_S)
            continue
        leader = challenger
    patience = _patience(leader, before)
    if patience and now < leader.at + patience:
        return replace(before, recheck_at=leader.at + patience)
    belief = _believe(leader, said, before)
    if _wakes(belief, before) and not _has_reason_to_wake(said, before):
        reasons = tuple(replace(each, fate=each.fate or "without new input") for each in belief.reasons)
        belief = replace(before, reasons=reasons)
    return replace(belief, recheck_at=recheck)


def _patience(leader: Evidence, before: Belief) -> float:
    """For so long the newest word may not be what it seems."""
    tries = before.state is State.RATE_LIMITED or before.kind == NETWORK
    if tries and leader.state is State.WORKING:
        return TRIES_S
    at_first = leader.source in WEAK and (before.source is None or leader.after == 0.0)
    return BEGINS_S if at_first and before.state is State.WORKING and leader.state in RESTING else 0.0


def _says_something(each: Evidence) -> bool:
    """The end of a process is for the kernel to tell; words on a screen that speak of it are nobody's word."""
    if each.source is Source.SILENCE:
        return False
    return each.state is not State.UNKNOWN and not (each.state in OVER and each.source in WEAK)


def _unknown(before: Belief) -> Belief:
    if before.state in (State.STARTING, State.UNKNOWN):
        return replace(before, recheck_at=None)
    return replace(before, confidence="guess", recheck_at=None)


def _overrules(challenger: Evidence, leader: Evidence, said: list[Evidence]) -> bool:
    """Newer, of another opinion, and not contradicted by the other weak source."""
    if challenger.state is leader.state:
        return False
    if leader.source is Source.TITLE and challenger.state in DIALOGS:
        return True
    if challenger.at <= leader.at:
        return False
    if challenger.source is Source.TRANSCRIPT:
        return challenger.begins or (challenger.state is not State.WORKING and not leader.ends)
    if leader.state is State.BLOCKED and challenger.state is State.WORKING and challenger.after is not None:
        return challenger.after > leader.at  # It may have been at work before it asked, and not since.
    if leader.state in RESTING and challenger.state is State.WORKING:
        return _weak_ones_agree(challenger, said)
    others = [each for each in said if each.source in WEAK and each.source is not challenger.source]
    if challenger.source is Source.TITLE:
        hides = challenger.state is State.IDLE and leader.state in DIALOGS
        return not hides and not any(other.state is leader.state and other.at > leader.at for other in others)
    return True


def _weak_ones_agree(challenger: Evidence, said: list[Evidence]) -> bool:
    opinions = [each.state for each in said if each.source in WEAK]
    return len(opinions) == len(WEAK) and set(opinions) == {challenger.state}


def _wakes(belief: Belief, before: Belief) -> bool:
    return before.state in RESTING and belief.state is State.WORKING


def _has_reason_to_wake(said: list[Evidence], before: Belief) -> bool:
    strong = [each for each in said if each.source in (Source.HOOK, Source.TRANSCRIPT)]
    weak = [each.state for each in said if each.source in WEAK]
    if any(each.begins and each.at >= before.since for each in said):
        return True
    if any(each.state is State.WORKING and each.at > before.since + AFTERGLOW_S for each in strong):
        return True
    if before.source in WEAK and any(each.source is before.source and each.state is State.WORKING for each in said):
        return not strong or any(each.state is State.WORKING and not each.ends for each in strong)  # It was misread.
    return State.WORKING in weak and (not strong or (len(weak) == len(WEAK) and set(weak) == {State.WORKING}))


def _believe(leader: Evidence, said: list[Evidence], before: Belief) -> Belief:
    same = before.state is leader.state and before.kind == leader.kind
    return Belief(
        state=leader.state,
        since=before.since if same else leader.at,
        confidence=_confidence(leader, said),
        kind=leader.kind,
        until=leader.until,
        source=leader.source,
        why=leader.why,
        reasons=tuple(_reason(each, leader) for each in said),
    )


def _confidence(leader: Evidence, said: list[Evidence]) -> Confidence:
    if leader.source is Source.HOOK or leader.state in OVER:
        return "certain"
    agree = sum(1 for each in said if each.state is leader.state)
    if leader.source in (Source.SILENCE, Source.PROCESS):
        return "guess"
    return "certain" if agree > 1 else "likely"


def _reason(each: Evidence, leader: Evidence) -> Reason:
    fate: Literal["", "overruled"] = "" if each.state is leader.state else "overruled"
    return Reason(each.source, each.state, each.at, each.kind, each.why, fate)
