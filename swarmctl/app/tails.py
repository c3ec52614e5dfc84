"""What agents write into their own transcripts: the ends of the files followed, weighed, and appended.

It tells what no hook does, an Esc above all, and of an agent without hooks when its turns begin and end. A line that is
older than the process says nothing about it.
"""

from __future__ import annotations

import os
import selectors
import time
from collections import deque
from collections.abc import Callable, Iterator

from swarmctl.app.ears import Ears
from swarmctl.app.holding import limited
from swarmctl.app.senses import change_of, is_news
from swarmctl.app.wire import Wired
from swarmctl.core.agent import TranscriptRules
from swarmctl.core.containment import spelled_out
from swarmctl.core.events import Event, TurnBegan, TurnEnded
from swarmctl.core.evidence import Source
from swarmctl.core.ids import SessionId
from swarmctl.core.ports import known_profile
from swarmctl.core.session import ProcessId, Session, Stage
from swarmctl.edges.files.tail import Tail, TailWatch, lies_below, newest
from swarmctl.flow.session.hearing import Heard, read
from swarmctl.loops.engine.engine import Engine

TICKS = os.sysconf("SC_CLK_TCK")
EARLY_S = 0.05
"""The kernel counts starts in ticks. An attempt may follow the end of the turn before it in less than half a second."""

Followed = tuple[Tail, Session, TranscriptRules]


class Tails:
    def __init__(self, wired: Wired, engine: Engine, ears: Ears, selector: selectors.BaseSelector) -> None:
        self._wired = wired
        self._engine = engine
        self._ears = ears
        self._selector = selector
        self._clock = wired.desk.clock
        self._watch = TailWatch()
        self._tails: dict[SessionId, Followed] = {}
        """By session: what one says of its file is nothing to another."""
        self._grown: set[SessionId] = set()
        self._read: deque[tuple[Session, tuple[Heard, ...]]] = deque()
        self._told = -1
        """How many transcripts were named when it was last looked who is to be followed."""
        selector.register(self._watch, selectors.EVENT_READ, self.woken)

    def woken(self, _mask: int) -> None:
        changed = self._watch.changed()
        self._grown |= {name for name, (tail, *_) in self._tails.items() if tail.path in changed}

    def follow(self) -> None:
        """The transcripts of those that run, and no others."""
        live = {(session.id, session.attempt) for session in list(self._engine.facts.live.values())}
        self._ears.transcripts = {key: path for key, path in self._ears.transcripts.items() if key in live}
        self._told = len(self._ears.transcripts)
        found: dict[SessionId, Followed] = {}
        for session in list(self._engine.facts.live.values()):
            with self._engine.apart(session.id):
                rules = self._rules(session)
                if rules is not None and (path := self._path(session, rules)):
                    found[session.id] = self._followed(session, rules, path)
        self._tails = found
        self._watch.follow({tail.path for tail, *_ in found.values()})

    def _followed(self, session: Session, rules: TranscriptRules, path: str) -> Followed:
        known = self._tails.get(session.id)
        if known is not None and known[0].path == path:
            return known[0], session, rules
        self._grown.add(session.id)
        return Tail(path), session, rules

    def look(self) -> None:
        """Take in what was written; what the log cannot take now is kept for the next time."""
        if len(self._ears.transcripts) != self._told:
            self.follow()
        while self._grown:
            if (known := self._tails.get(self._grown.pop())) is not None:
                with self._engine.apart(known[1].id):
                    self._read.append(self._heard(*known))
        while self._read:
            with self._engine.apart(self._read[0][0].id):
                self._engine.append_from(self._changes(*self._read[0]))
            self._read.popleft()

    def close(self) -> None:
        self._selector.unregister(self._watch)
        self._watch.close()

    def _rules(self, session: Session) -> TranscriptRules | None:
        """A whole task's output is read as it is printed, and says the same."""
        if session.stage is not Stage.RUNNING or session.talk.mode == "headless":
            return None
        profile = known_profile(self._wired.desk.agents, session.agent)
        return profile.transcript if profile else None

    def _path(self, session: Session, rules: TranscriptRules) -> str:
        """What its agent says of it counts only where its files are: else it could be anybody's file."""
        patterns = spelled_out(rules.find, self._wired.shop.envs.get(session.run, os.environ))
        told = self._ears.transcripts.get((session.id, session.attempt), "")
        if not lies_below(told, patterns):
            told = newest(patterns, session.talk.conversation) if session.talk.conversation else ""
        return told if lies_below(told, patterns) else ""

    def _heard(self, tail: Tail, session: Session, rules: TranscriptRules) -> tuple[Session, tuple[Heard, ...]]:
        now = self._clock.now()
        since = began(session.process, now) - EARLY_S if session.process else now
        profile = known_profile(self._wired.desk.agents, session.agent)
        limits = profile.limits if profile else ()
        found = [heard for line in tail.lines() if (heard := read(rules, line, now, limits)) is not None]
        for each in found:
            if each.turn == "begins" and each.evidence is not None:
                self._wired.listeners.began(session.id, "", each.evidence.at)
        return session, tuple(each for each in found if each.evidence is not None and each.evidence.at >= since)

    def _changes(self, of: Session, found: tuple[Heard, ...]) -> Callable[[], list[Event]]:
        def decide() -> list[Event]:
            session = self._engine.facts.sessions[of.id]
            if session.stage is not Stage.RUNNING or session.attempt != of.attempt:
                return []
            events: list[Event] = []
            senses = self._ears.senses
            before = senses.belief(session)
            for evidence in (each.evidence for each in found if each.evidence is not None):
                belief = senses.weigh(session, (evidence,), before)
                if is_news(belief, before):
                    events.append(change_of(session, belief))
                before = belief
            return [*events, *self._turns(session, found)]

        return decide

    def _turns(self, session: Session, found: tuple[Heard, ...]) -> Iterator[Event]:
        """An agent whose hooks speak is left to them, but that a turn failed they may keep to themselves."""
        alone = not self._ears.senses.has_heard(session, Source.HOOK)
        goes_on = alone and bool(session.talk.ended) and any(line.turn == "begins" for line in found)
        if goes_on:
            yield TurnBegan(session.id)
        end = end_of(found)
        if end and (goes_on or not session.talk.ended) and (alone or end.turn == "fails"):
            yield TurnEnded(session.id, end.turn == "ends", end.said)
            if end.limit:
                yield limited(session, end.limit, self._wired.desk.agents)


def end_of(lines: tuple[Heard, ...]) -> Heard | None:
    """How the last turn ended, when it did; one that failed is said to be over as well."""
    found: Heard | None = None
    for line in lines:
        if line.turn == "begins":
            found = None
        elif line.turn and (found is None or found.turn != "fails"):
            found = line
    return found


def began(process: ProcessId, now: float) -> float:
    """When it started, by the wall's clock."""
    return now - (time.clock_gettime(time.CLOCK_BOOTTIME) - process.started / TICKS)
