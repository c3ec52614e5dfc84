"""What agents' terminals show, for those in tmux that have an interface of their own: followed, weighed, and appended.

What a look told waits here until the log has taken what follows from it.
"""

from __future__ import annotations

import os
import selectors
from collections import deque
from collections.abc import Callable
from functools import partial

from swarmctl.app.holding import limited
from swarmctl.app.looking import CALM, PROMPT, Looking, Seen, Watched
from swarmctl.app.senses import Senses
from swarmctl.app.wire import Wired
from swarmctl.core.errors import SwarmError
from swarmctl.core.events import Event, StateChanged, TurnEnded
from swarmctl.core.evidence import Source
from swarmctl.core.ids import SessionId
from swarmctl.core.limits import FIRST_S
from swarmctl.core.ports import known_profile
from swarmctl.core.session import Session, Stage, State
from swarmctl.flow.session.limiting import Met
from swarmctl.loops.engine.engine import Engine

GAVE_UP_S = 2.0
"""A screen that says so of a limit has to stand so long."""
RESTS_S = 60.0
"""An agent that only its terminal shows at rest, for so long and with nobody at it, ended its turn without a word."""


class Eyes:
    def __init__(self, wired: Wired, engine: Engine, senses: Senses, selector: selectors.BaseSelector) -> None:
        self._wired = wired
        self._engine = engine
        self._senses = senses
        self._selector = selector
        self._seen: deque[Seen] = deque()
        self._bell = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        selector.register(self._bell, selectors.EVENT_READ, lambda _mask: os.eventfd_read(self._bell))
        self._looking = Looking(wired.panes, self._tell) if wired.panes else None

    def look(self) -> None:
        """Take in what was seen, then follow what runs now."""
        while self._seen:
            with self._engine.apart(self._seen[0].session):
                self._engine.append_from(self._changes(self._seen[0]))
            self._seen.popleft()
        for session in self._running():
            with self._engine.apart(session.id):
                for what in (self._stood_long_enough, self._silent_end, self._limited):
                    self._engine.append_from(partial(what, session.id))
        running = self._running()
        self._senses.keep(running)
        if self._looking:
            self._looking.follow([watched for session in running if (watched := self._watched(session))])

    def next_due(self) -> float:
        """On the monotonic clock."""
        clock = self._wired.desk.clock
        left = [session.state_since + RESTS_S - clock.now() for session in self._running() if _rests(session)]
        seconds = self._senses.next_due()
        soon = [each for each in left if each > 0] + ([] if seconds is None else [seconds])
        return clock.monotonic() + min(soon, default=float("inf"))

    def is_attended(self, session: Session) -> bool:
        """Whether a person looks at its terminal; when nobody can say, nothing is taken from under anyone."""
        try:
            return self._wired.desk.host.attended(session.pane, session.id)
        except SwarmError:
            return False

    def close(self) -> None:
        if self._looking:
            self._looking.close()
        self._selector.unregister(self._bell)
        os.close(self._bell)

    def _tell(self, seen: Seen) -> None:
        self._seen.append(seen)
        os.eventfd_write(self._bell, 1)

    def _changes(self, seen: Seen) -> Callable[[], list[Event]]:
        def decide() -> list[Event]:
            session = self._engine.facts.sessions.get(seen.session)
            change = self._senses.see(session, seen) if session else None
            return [change] if change else []

        return decide

    def _stood_long_enough(self, name: SessionId) -> list[Event]:
        session = self._engine.facts.sessions[name]
        return list(self._senses.look_again([session])) if session.stage is Stage.RUNNING else []

    def _silent_end(self, name: SessionId) -> list[Event]:
        session = self._engine.facts.sessions[name]
        late = self._wired.desk.clock.now() - session.state_since >= RESTS_S
        ends = session.stage is Stage.RUNNING and _rests(session) and late and not self.is_attended(session)
        return [self._end_of(session)] if ends else []

    def _end_of(self, session: Session) -> Event:
        """Where nobody knows whether it was ever told what to do, a person has to look.

        One that tells of its turns and did not was cut short; of any other, rest at its prompt is all there is to see.
        """
        if session.talk.delivery.fate == "unconfirmed":
            why = f"what was typed is unconfirmed: {session.talk.delivery.why}"
            return StateChanged(session.id, State.BLOCKED, Source.SCREEN, why, kind="unconfirmed")
        profile = known_profile(self._wired.desk.agents, session.agent)
        return TurnEnded(session.id, ok=profile is not None and not profile.tells_turns, said="")

    def _limited(self, name: SessionId) -> list[Event]:
        """An agent that gave up because of a limit, as only its screen tells."""
        session = self._engine.facts.sessions[name]
        late = self._wired.desk.clock.now() - session.state_since >= GAVE_UP_S
        gave_up = session.stage is Stage.RUNNING and _gave_up(session) and late
        if not gave_up or self.is_attended(session):
            return []
        words = session.state_why.partition(": ")[2]
        met = Met(session.state_kind, session.state_until, words)
        return [TurnEnded(session.id, ok=False, said=words), limited(session, met, self._wired.desk.agents)]

    def _running(self) -> list[Session]:
        return [session for session in list(self._engine.facts.live.values()) if session.stage is Stage.RUNNING]

    def _watched(self, session: Session) -> Watched | None:
        """A whole task's plain output is prose: only an interface of its own is read."""
        if session.host != "tmux" or session.talk.mode != "interactive" or not session.pane:
            return None
        profile = known_profile(self._wired.desk.agents, session.agent)
        if profile is None or profile.screen is None:
            return None
        return Watched(session.id, session.pane, profile.screen, CALM if profile.has_hooks else PROMPT)


def _gave_up(session: Session) -> bool:
    """Its agent does not try again by itself: the limit has a kind."""
    limited = session.state is State.RATE_LIMITED and session.state_kind in FIRST_S
    return limited and session.talk.mode == "interactive" and not session.talk.ended


def _rests(session: Session) -> bool:
    rests = session.talk.mode == "interactive" and session.state is State.IDLE
    return rests and not session.talk.ended and not session.driven
