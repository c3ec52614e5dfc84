"""The newest evidence of each running session by source, and what it adds up to: one event for each real change.

What was believed before comes from the ledger, so a supervisor that was started anew believes what its forerunner did.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from swarmctl.app.looking import Seen
from swarmctl.core.events import StateChanged
from swarmctl.core.evidence import Belief, Evidence, Source
from swarmctl.core.ids import SessionId
from swarmctl.core.ports import Clock
from swarmctl.core.session import Session, Stage, State
from swarmctl.flow.session.belief import fuse
from swarmctl.flow.session.resets import moment_of

Key = tuple[SessionId, int]


class Senses:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._said: dict[Key, dict[Source, Evidence]] = {}
        self._beliefs: dict[Key, Belief] = {}
        """As dated by the evidence; the ledger dates them when it hears of them."""
        self._viewed: set[Key] = set()
        """Somebody looked since the turn began."""
        self._viewing: set[Key] = set()
        """Somebody looks at it now."""
        self._worked: set[Key] = set()
        """Its terminal showed work."""
        self._again_at: dict[Key, float] = {}
        """When the same evidence may lead elsewhere, by the wall's clock."""

    def belief(self, session: Session) -> Belief:
        known = self._beliefs.get((session.id, session.attempt))
        if known is not None and (known.state, known.kind) == (session.state, session.state_kind):
            return known
        return Belief(session.state, 0.0, kind=session.state_kind, until=session.state_until)

    def has_heard(self, session: Session, source: Source) -> bool:
        return source in self._said.get((session.id, session.attempt), {})

    def last_word(self, session: Session) -> float:
        """When it was heard or seen last; what its processes do, and that it is silent, is no word of its own."""
        said = self._said.get((session.id, session.attempt), {})
        words = (each.at for source, each in said.items() if source not in (Source.PROCESS, Source.SILENCE))
        return max(words, default=session.state_since)

    def notice(self, session: Session, evidence: Evidence) -> StateChanged | None:
        """What one more piece of evidence changes."""
        return self._changed(session, (evidence,))

    def weigh(self, session: Session, evidence: Iterable[Evidence], before: Belief) -> Belief:
        """What is believed with this new evidence."""
        key = (session.id, session.attempt)
        said = self._said.get(key)
        if said is None:
            said = self._said[key] = remembered(session)
        for each in evidence:
            old = said.get(each.source)
            said[each.source] = replace(each, at=max(each.at, old.at)) if old else each  # A clock may be set back.
            if each.begins and key not in self._viewing:
                self._viewed.discard(key)
        belief = fuse(said.values(), before, self._clock.now())
        self._again_at.pop(key, None)
        if belief.recheck_at is not None:
            self._again_at[key] = belief.recheck_at
        if belief.state is State.IDLE and self._rests_unseen(key, said):
            belief = replace(belief, state=State.DONE_UNSEEN)
        self._beliefs[key] = belief
        return belief

    def see(self, session: Session, seen: Seen) -> StateChanged | None:
        """What a look at its terminal changes."""
        if session.stage is not Stage.RUNNING or session.pane != seen.pane:
            return None
        key = (session.id, session.attempt)
        if seen.viewed:
            self._viewed.add(key)
            self._viewing.add(key)
        else:
            self._viewing.discard(key)
        return self._changed(session, tuple(self._new(key, session, seen)))

    def look_again(self, sessions: Iterable[Session]) -> list[StateChanged]:
        """What changed only because evidence has stood for long enough."""
        now = self._clock.now()
        due = {key for key, at in self._again_at.items() if at <= now}
        changed = []
        for session in sessions:
            if (session.id, session.attempt) in due and (change := self._changed(session, ())) is not None:
                changed.append(change)
        return changed

    def next_due(self) -> float | None:
        """In so many seconds the evidence has to be weighed again."""
        at = min(self._again_at.values(), default=None)
        return None if at is None else max(0.0, at - self._clock.now())

    def keep(self, sessions: Iterable[Session]) -> None:
        """These and no others run."""
        kept = {(session.id, session.attempt) for session in sessions}
        self._said = {key: said for key, said in self._said.items() if key in kept}
        self._beliefs = {key: belief for key, belief in self._beliefs.items() if key in kept}
        self._again_at = {key: at for key, at in self._again_at.items() if key in kept}
        self._viewed &= kept
        self._viewing &= kept
        self._worked &= kept

    def _changed(self, session: Session, evidence: tuple[Evidence, ...]) -> StateChanged | None:
        before = self.belief(session)
        belief = self.weigh(session, evidence, before)
        return change_of(session, belief) if is_news(belief, before) else None

    def _new(self, key: Key, session: Session, seen: Seen) -> Iterable[Evidence]:
        """A first look does not know since when the agent works: that is no news to one who asked a person since."""
        known = self._said.get(key, {})
        if any(reading and reading.state is State.WORKING for reading in (seen.title, seen.screen)):
            self._worked.add(key)
        after = seen.after if key in self._worked or seen.after is None else 0.0
        for source, reading in ((Source.TITLE, seen.title), (Source.SCREEN, seen.screen)):
            old = known.get(source)
            state = reading.state if reading else State.UNKNOWN
            kind = reading.kind if reading else ""
            if old is not None and (old.state, old.kind) == (state, kind):
                continue
            at = session.state_since if seen.first and state is State.WORKING else seen.at
            until = moment_of(reading.until, at) if reading else None
            yield Evidence(source, at, state, kind, until, reading.line if reading else "", after=after)

    def _rests_unseen(self, key: Key, said: dict[Source, Evidence]) -> bool:
        hook = said.get(Source.HOOK)
        looks = Source.SCREEN in said or Source.TITLE in said
        return looks and key not in self._viewed and hook is not None and hook.ends


def remembered(session: Session) -> dict[Source, Evidence]:
    """The word that the ledger's belief rests on."""
    word, _, why = session.state_why.partition(": ")
    if word not in (Source.HOOK, Source.TRANSCRIPT):
        return {}
    ends = session.state is State.DONE_UNSEEN
    state = State.IDLE if ends else session.state
    source = Source(word)
    said = Evidence(source, session.state_since, state, session.state_kind, session.state_until, why, ends=ends)
    return {source: said}


def is_news(belief: Belief, before: Belief) -> bool:
    return (belief.state, belief.kind, belief.until) != (before.state, before.kind, before.until)


def change_of(session: Session, belief: Belief) -> StateChanged:
    source = belief.source or Source.HOOK
    return StateChanged(session.id, belief.state, source, belief.why, belief.kind, belief.until, reasons=belief.reasons)
